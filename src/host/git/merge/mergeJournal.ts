/**
 * The journal of a merge, written before it changes the files of a working tree, in the tree's own git directory: each
 * file before and after. So a merge that is interrupted, even by kill -9, is undone exactly, and nothing that the user
 * wrote meanwhile is replaced. The journal may come from elsewhere with the repository, so its names must not lead out
 * of the tree.
 */
import { constants } from 'node:fs';
import {
  copyFile,
  link,
  lstat,
  mkdir,
  open,
  readFile,
  readlink,
  realpath,
  rm,
  rmdir,
  symlink,
  unlink,
} from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { shaOf } from '../../../kernel/text/gitNames';
import { ifThere, systemCode } from '../../files/fileErrors';
import { isInside } from '../../files/paths';
import { JOURNAL_NAME } from './mergeNotes';

const commit = z.string().refine((text) => shaOf(text) !== undefined);
const journalSchema = z.object({
  branch: z.string(),
  from: commit,
  to: commit,
  /** Each file that differs between the two commits: a kept file, a link with its target, or none. */
  files: z.array(z.object({ name: z.string(), kind: z.enum(['file', 'link', 'none']), target: z.string().optional() })),
});

export type MergeJournal = z.infer<typeof journalSchema>;
type NotedFile = MergeJournal['files'][number];

export interface JournalLocation {
  /** The folder of the journal. */
  readonly directory: string;
  /** The working tree. */
  readonly folder: string;
}

export const journalFile = ({ directory }: JournalLocation): string => path.join(directory, JOURNAL_NAME);
export const filesAfter = ({ directory }: JournalLocation): string => path.join(directory, 'after');
const keptFile = ({ directory }: JournalLocation, index: number): string =>
  path.join(directory, 'before', String(index));

/** Saves and records the files with these names as they are now. The tree is not changed before it returns. */
export async function writeJournal(
  place: JournalLocation,
  step: Omit<MergeJournal, 'files'>,
  names: readonly string[],
): Promise<MergeJournal> {
  await mkdir(path.join(place.directory, 'before'), { recursive: true });
  const files: NotedFile[] = [];
  for (const name of names) {
    const file = await placeInTree(place.folder, name);
    const found = file === undefined ? undefined : await ifThere(lstat(file));
    if (file === undefined) continue;
    if (found?.isSymbolicLink() === true) files.push({ name, kind: 'link', target: await readlink(file) });
    // A folder is a submodule, or holds files that have notes of their own.
    else if (found === undefined || found.isDirectory()) files.push({ name, kind: 'none' });
    else {
      await keep(file, keptFile(place, files.length));
      files.push({ name, kind: 'file' });
    }
  }
  const journal: MergeJournal = { ...step, files };
  const handle = await open(journalFile(place), 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(journal));
    await handle.sync();
  } finally {
    await handle.close();
  }
  return journal;
}

/** Undefined if there is none, or if it is incomplete: nothing was changed then. */
export async function readJournal(place: JournalLocation): Promise<MergeJournal | undefined> {
  const text = await ifThere(readFile(journalFile(place), 'utf8'));
  if (text === undefined) return undefined;
  try {
    return journalSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

/** Restores the files of the tree. A file that is neither as before nor as after the merge is kept. */
export async function undoFiles(place: JournalLocation, { files }: MergeJournal): Promise<void> {
  const lost: number[] = [];
  // The content of a folder comes before the folder.
  const order = [...files.entries()].sort(([, a], [, b]) => (a.name < b.name ? 1 : -1));
  for (const [index, noted] of order) {
    if (!(await isAsBefore(place, noted, index)) && (await makeRoom(place, noted.name))) lost.push(index);
  }
  for (const index of lost) {
    const noted = files[index];
    if (noted !== undefined) await restore(place, noted, index);
  }
}

/** A hard link costs nothing and keeps the times; git never writes into an existing file. */
async function keep(file: string, kept: string): Promise<void> {
  try {
    await link(file, kept);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK', 'EACCES', 'ENOSYS'].includes(systemCode(error) ?? '')) throw error;
    await copyFile(file, kept, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  }
}

async function isAsBefore(place: JournalLocation, { name, kind, target }: NotedFile, index: number): Promise<boolean> {
  const file = await placeInTree(place.folder, name);
  if (file === undefined) return true;
  const found = await ifThere(lstat(file, { bigint: true }));
  if (kind === 'none') return found === undefined || found.isDirectory();
  if (found === undefined) return false;
  if (kind === 'link') return found.isSymbolicLink() && (await readlink(file)) === target;
  const kept = await lstat(keptFile(place, index), { bigint: true });
  if (found.ino === kept.ino && found.dev === kept.dev) return true;
  return (
    found.isFile() && found.size === kept.size && (await readFile(file)).equals(await readFile(keptFile(place, index)))
  );
}

/** Removes what the merge has written, completely or partly. Returns whether nothing is in the way. */
async function makeRoom(place: JournalLocation, name: string): Promise<boolean> {
  const file = await placeInTree(place.folder, name);
  if (file === undefined) return false;
  const found = await ifThere(lstat(file));
  if (found === undefined) return true;
  if (found.isDirectory()) return (await removeFolder(file)) === 'removed';
  if (!(await isOfMerge(file, path.join(filesAfter(place), name)))) return false;
  await unlink(file);
  await removeEmptyFolders(place.folder, path.dirname(file));
  return true;
}

async function isOfMerge(file: string, after: string): Promise<boolean> {
  const [found, made] = await Promise.all([lstat(file), ifThere(lstat(after))]);
  if (made === undefined) return false;
  if (found.isSymbolicLink() || made.isSymbolicLink()) {
    return found.isSymbolicLink() && made.isSymbolicLink() && (await readlink(file)) === (await readlink(after));
  }
  if (!found.isFile() || !made.isFile() || found.size > made.size) return false;
  return (await readFile(file)).equals((await readFile(after)).subarray(0, found.size));
}

async function restore(place: JournalLocation, { name, kind, target }: NotedFile, index: number): Promise<void> {
  const file = await placeInTree(place.folder, name);
  if (file === undefined || kind === 'none') return;
  await mkdir(path.dirname(file), { recursive: true });
  try {
    // Neither replaces a file that was created meanwhile.
    if (kind === 'link') await symlink(target ?? '', file);
    else await keep(keptFile(place, index), file);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

/** The absolute path of a file of the tree; undefined if the name leads out of it, or to git's own files. */
async function placeInTree(folder: string, name: string): Promise<string | undefined> {
  const file = path.resolve(folder, name);
  if (!isInside(folder, file) || name.split(/[\\/]/).some((part) => part.toLowerCase() === '.git')) return undefined;
  let parent = path.dirname(file);
  for (; parent !== folder; parent = path.dirname(parent)) {
    const real = await ifThere(realpath(parent));
    if (real !== undefined) return real === parent ? file : undefined;
  }
  return file;
}

async function removeEmptyFolders(folder: string, start: string): Promise<void> {
  for (let place = start; place !== folder && isInside(folder, place); place = path.dirname(place)) {
    if ((await removeFolder(place)) === 'stays') return;
  }
}

async function removeFolder(place: string): Promise<'removed' | 'stays'> {
  try {
    await rmdir(place);
    return 'removed';
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return 'removed';
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EBUSY') return 'stays';
    throw error;
  }
}

export async function removeJournal({ directory }: JournalLocation): Promise<void> {
  // The user's link leads elsewhere: it is removed, but not its target.
  if ((await ifThere(lstat(directory)))?.isSymbolicLink() === true) return unlink(directory);
  // The record first: files without it are never used.
  await rm(path.join(directory, JOURNAL_NAME), { force: true });
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
}
