/**
 * Merging the log that a dead program left beside a database, where no SQLite can do it: in place, as SQLite does, so
 * that a crash at any moment leaves a database that the log makes whole. Only where the system shows who has the file open.
 */
import { constants } from 'node:fs';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { backUpWithLog } from './backups';
import { syncFolder } from '../files/durable';
import { ifThere } from '../files/fileErrors';
import { hasLog, otherUser, walPath } from './otherUsers';

const FLAGS = constants.O_RDWR | ((constants.O_NOFOLLOW as number | undefined) ?? 0);

/** What the files hold together, and another name that the log may have meanwhile, on the same disk. */
export interface LeftLog {
  readonly merged: Uint8Array;
  readonly heldName: string;
}

/**
 * Backs the database up with its log, and makes them one file. False where a program uses them, or has merged the log
 * itself; the caller looks again then. The caller holds the file's lock and has inspected what it gives.
 */
export async function mergeLeftLog(file: string, { merged, heldName }: LeftLog, nowMs: number): Promise<boolean> {
  const before = await logStamp(file);
  // The program that was about to close may have merged it by now.
  if ((await backUpWithLog(file, nowMs)) === undefined) return false;
  if ((await otherUser(file)) !== undefined || (await logStamp(file)) !== before) return false;
  await writeInPlace(file, merged);
  // A program that opens the database from now on finds it whole without its log.
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
