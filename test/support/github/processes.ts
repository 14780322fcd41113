/** What the machine's processes show of themselves to anybody. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from '../vscode/command';

/** The command lines of all processes, whole. */
export async function commandLines(): Promise<string[]> {
  const listed = await run('ps', ['-axww', '-o', 'args='], { what: 'ps did not list processes' });
  return listed.split('\n');
}

/** Resolves once no process names a path. */
export async function noProcessBelow(place: string): Promise<void> {
  while ((await commandLines()).some((line) => line.includes(place))) await delay(50);
}

/** All files below a folder with what is in them, byte by byte. */
export async function contentsBelow(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`);
  return new Map(await Promise.all(files.map(async (file) => [file, await readFile(file, 'latin1')] as const)));
}
