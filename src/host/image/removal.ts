/** Removes a database with everything that this program created next to it, and nothing else. */
import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { ifThere, systemCode } from '../files/fileErrors';
import { syncFolder } from '../files/durable';
import { DATABASE_FOLDER, DATABASE_NAME, PORTFOLIO_NAME } from '../files/paths';

const IGNORE = '.gitignore';
/** The text that `createDatabaseFolder` writes; any other text belongs to the user. */
const OUR_IGNORE = '*\n';
/**
 * A folder can hold a project's database and a portfolio's; the files that exclude them from git are removed with the
 * last.
 */
const DATABASE_NAMES = [DATABASE_NAME, PORTFOLIO_NAME];
/** SQLite's companion files, our backups, and damaged files that were kept. */
const COMPANIONS = ['-wal', '-shm', '-journal', '.backup-', '.damaged-'];

/** Paths that `removeRecord` would delete now: absolute, the database first. */
export async function recordFiles(file: string): Promise<readonly string[]> {
  const folder = path.dirname(file);
  const base = path.basename(file);
  const names = (await ifThere(readdir(folder))) ?? [];
  const ours = names.filter((name) => name === base || COMPANIONS.some((part) => name.startsWith(base + part)));
  const ignore = path.join(folder, IGNORE);
  const isLast = !DATABASE_NAMES.some((name) => name !== base && names.includes(name));
  const hasIgnore =
    path.basename(folder) === DATABASE_FOLDER && isLast && (await ifThere(readFile(ignore, 'utf8'))) === OUR_IGNORE;
  return [...ours.sort().map((name) => path.join(folder, name)), ...(hasIgnore ? [ignore] : [])];
}

/** Deletes them, durably, and the symlink to the file. The caller holds the file's lock. */
export async function removeRecord(file: string, link: string): Promise<void> {
  for (const each of [...(await recordFiles(file)), link]) await rm(each, { force: true });
  await syncFolder(path.dirname(file));
}

/** Deletes the database's folder, if it is ours and empty. */
export async function removeEmptyFolder(file: string): Promise<void> {
  const folder = path.dirname(file);
  if (path.basename(folder) !== DATABASE_FOLDER) return;
  try {
    await rmdir(folder);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
  }
}
