/**
 * Making a folder with those above it. The recursive `mkdir` of Node never returns where the system answers that a
 * folder cannot be made in one that exists, as `/proc` and a folder of automatic mounts do.
 */
import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { ifThere, isNoEntry } from './fileErrors';

const PRIVATE = { mode: 0o700 };

/** Harmless where it exists. What is made is private. @param isLast whether a folder above that is missing is an error */
export async function makeFolders(folder: string, isLast = false): Promise<void> {
  try {
    await mkdir(folder, PRIVATE);
  } catch (error) {
    if ((await ifThere(stat(folder)))?.isDirectory() === true) return;
    if (isLast || !isNoEntry(error)) throw error;
    const above = path.dirname(folder);
    // Another program may have made it meanwhile.
    if ((await ifThere(stat(above))) === undefined) await makeFolders(above);
    await makeFolders(folder, true);
  }
}

/** The same for callers that cannot wait. */
export function makeFoldersSync(folder: string, isLast = false): void {
  try {
    mkdirSync(folder, PRIVATE);
  } catch (error) {
    if (isThere(folder)) return;
    if (isLast || !isNoEntry(error)) throw error;
    const above = path.dirname(folder);
    if (!isThere(above)) makeFoldersSync(above);
    makeFoldersSync(folder, true);
  }
}

function isThere(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
}
