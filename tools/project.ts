/** Where things are in this project, and where what we make goes: tools in `.cache/`, everything else in `.tmp/`. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import path from 'node:path';

/**
 * The folder that holds package.json. The compiled copy of this file lies at another depth than its source, so the
 * folder is searched for upwards. Throws when there is none, which means the file was moved out of the project.
 */
export function projectRoot(): string {
  let folder = __dirname;
  while (!(existsSync(path.join(folder, 'package.json')) && existsSync(path.join(folder, 'esbuild.mjs')))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`No project folder above ${__dirname}.`);
    folder = parent;
  }
  return folder;
}

/** A path inside the project. */
export const inProject = (...segments: string[]): string => path.join(projectRoot(), ...segments);

/** A path below `.cache/`: downloaded tools, kept between runs. */
export const inCache = (...segments: string[]): string => inProject('.cache', ...segments);

/** A path below `.tmp/`: everything a run writes; may be deleted at any time when nothing runs. */
export const inTmp = (...segments: string[]): string => inProject('.tmp', ...segments);

/** Makes a new, empty folder below `.tmp/` that no other run shares. The caller removes it. */
export async function makeTmpFolder(purpose: string): Promise<string> {
  await mkdir(inTmp(), { recursive: true });
  return mkdtemp(inTmp(`${purpose}-`));
}

/** How a long step tells the person what it does. */
export type Say = (line: string) => void;
