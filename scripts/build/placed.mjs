/**
 * Puts built files in their places, whole: another process may run a program of dist/ at any time, such as `ic` of a
 * clone in which `npm start` is building.
 */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** @typedef {{ readonly path: string, readonly contents: Uint8Array | string }} Built */

/** Writes each file beside its place first, and renames all of them at the end. @param {readonly Built[]} files */
export async function place(files) {
  await Promise.all(
    [...new Set(files.map((file) => path.dirname(file.path)))].map((folder) => mkdir(folder, { recursive: true })),
  );
  try {
    await Promise.all(files.map((file) => writeFile(draftOf(file), file.contents)));
    for (const file of files) await rename(draftOf(file), file.path);
  } finally {
    await Promise.all(files.map((file) => rm(draftOf(file), { force: true })));
  }
}

/** The same, and removes all else in the folder, which an earlier build left. @param {string} folder @param {readonly Built[]} files */
export async function placeAll(folder, files) {
  await place(files);
  const built = new Set(files.map((file) => file.path));
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const old = entries.filter((entry) => !entry.isDirectory()).map((entry) => path.join(entry.parentPath, entry.name));
  await Promise.all(old.filter((file) => !built.has(file)).map((file) => rm(file, { force: true })));
}

/** @param {Built} file */
const draftOf = (file) => `${file.path}.${process.pid}.new`;
