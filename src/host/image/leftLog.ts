/**
 * Merges the log that a dead program left next to a database, if no SQLite library can: in place, as SQLite does, so
 * that after a crash the log still completes the database. Only on systems that show which programs have the file open.
 */
import { constants } from 'node:fs';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { backUpWithLog } from './backups';
import { syncFolder } from '../files/durable';
import { ifThere } from '../files/fileErrors';
import { hasLog, otherUser, walPath } from '../database/otherUsers';

const FLAGS = constants.O_RDWR | ((constants.O_NOFOLLOW as number | undefined) ?? 0);

/** The merged content of the files, and a second name for the log, on the same disk. */
export interface LeftLog {
  readonly merged: Uint8Array;
  readonly heldName: string;
}

/**
 * Backs up the database with its log, and merges them into one file. False if a program uses them, or has merged the
 * log itself; the caller then checks again. The caller holds the file's lock and has inspected the content.
 */
export async function mergeLeftLog(file: string, { merged, heldName }: LeftLog, nowMs: number): Promise<boolean> {
  const before = await logStamp(file);
  // A closing program may have merged it by now.
  if ((await backUpWithLog(file, nowMs)) === undefined) return false;
  if ((await otherUser(file)) !== undefined || (await logStamp(file)) !== before) return false;
  await writeInPlace(file, merged);
  // A program that opens the database from now on finds it complete without its log.
  const moved = rename(walPath(file), heldName).then(() => true);
  if ((await ifThere(moved)) === undefined) return false;
  try {
    const isUsed = (await otherUser(file)) !== undefined || (await stampOf(heldName)) !== before;
    if (isUsed && !(await hasLog(file))) {
      await link(heldName, walPath(file));
      return false;
    }
  } finally {
    await rm(heldName, { force: true });
  }
  await syncFolder(path.dirname(file));
  return true;
}

async function writeInPlace(file: string, content: Uint8Array): Promise<void> {
  const handle = await open(file, FLAGS);
  try {
    for (let at = 0; at < content.length;) {
      at += (await handle.write(content, at, content.length - at, at)).bytesWritten;
    }
    await handle.truncate(content.length);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const logStamp = (file: string): Promise<string | undefined> => stampOf(walPath(file));

async function stampOf(file: string): Promise<string | undefined> {
  const stats = await ifThere(stat(file, { bigint: true }));
  return stats && [stats.ino, stats.size, stats.mtimeNs].join(':');
}
