/**
 * Creates a folder with its parents. Node's recursive `mkdir` never returns if the system reports that a folder cannot
 * be created in an existing one, as for `/proc` and automatic mounts.
 */
import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { ifThere, isNoEntry } from './fileErrors';

const PRIVATE = { mode: 0o700 };

/** Harmless if it exists. New folders are private. @param isLast whether a missing parent is an error */
export async function makeFolders(folder: string, isLast = false): Promise<void> {
  try {
    await mkdir(folder, PRIVATE);
  } catch (error) {
    if ((await ifThere(stat(folder)))?.isDirectory() === true) return;
    if (isLast || !isNoEntry(error)) throw error;
    const above = path.dirname(folder);
    // Another program may have created it meanwhile.
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
