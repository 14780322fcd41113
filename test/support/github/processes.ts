/** What processes of this machine show to every user. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { ifThere } from '../../../src/host/files/fileErrors';
import { run } from '../../../tools/command';

/** The command lines of all processes, whole. */
export async function commandLines(): Promise<string[]> {
  const listed = await run('ps', ['-axww', '-o', 'args='], { what: 'ps did not list processes' });
  return listed.split('\n');
}

/** Resolves once no process names a path. */
export async function noProcessBelow(place: string): Promise<void> {
  while ((await commandLines()).some((line) => line.includes(place))) await delay(50);
}

/** All files below a folder with what is in them, byte by byte, but for those that are removed meanwhile. */
export async function contentsBelow(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = (await ifThere(readdir(folder, { withFileTypes: true }))) ?? [];
  const contents = await Promise.all(
    entries.map(async (entry): Promise<readonly (readonly [string, string])[]> => {
      const file = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return [...(await contentsBelow(file))];
      const text = entry.isFile() ? await ifThere(readFile(file, 'latin1')) : undefined;
      return text === undefined ? [] : [[file, text]];
    }),
  );
  return new Map(contents.flat());
}
