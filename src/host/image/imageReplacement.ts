/** The steps that replace a database by a draft: what prevents it, and how a program that used the file is noticed. */
import type { Stats } from 'node:fs';
import { link, rename, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../kernel/errors/errors';
import { generationOf, type Generation } from '../database/generation';
import { hasHotJournal, hasLog, hotJournalError, leftLogError, lockingUser, otherUser } from '../database/otherUsers';
import { syncFolder } from '../files/durable';
import { ifThere, isNoEntry, systemCode } from '../files/fileErrors';
import { renameOver } from '../files/renames';
import { DRAFT_MODE, oldOf, type FileLock } from '../locks/fileLock';

/** Every obstacle, except a program that only has the file open. */
export async function likelyObstacleTo(file: string): Promise<KernelError | undefined> {
  const [by, hot, isLogged] = await Promise.all([lockingUser(file), hasHotJournal(file), hasLog(file)]);
  if (hot || isLogged) return obstacleTo(file);
  return by === undefined ? undefined : new KernelError('DATABASE_IN_USE', { path: file, by });
}

export async function obstacleTo(file: string): Promise<KernelError | undefined> {
  const [by, hot, isLogged] = await Promise.all([otherUser(file), hasHotJournal(file), hasLog(file)]);
  if (by !== undefined) return new KernelError('DATABASE_IN_USE', { path: file, by });
  if (hot) return hotJournalError(file);
  return isLogged ? leftLogError(file) : undefined;
}

/** Gives the file a second name in the lock's folder, so that it can be checked, and put back, once it is replaced. */
export async function holdOld({ file, draft }: FileLock): Promise<string | undefined> {
  const held = oldOf(draft);
  try {
    await link(file, held);
    return held;
  } catch (error) {
    // The lock is gone, or the file system has no second names.
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

/** The replaced file and its replacement. */
interface Replacement {
  readonly expected: Generation | undefined;
  readonly saved: Generation;
}

/**
 * Restores the old file if a program opened it just before the replacement, or has written and closed it since the
 * comparison, and returns whether it did. If another program has opened the new file meanwhile, that is kept: SQLite
 * then stops the first program from writing.
 */
export async function putBack(file: string, held: string, { expected, saved }: Replacement): Promise<boolean> {
  const [ofOld, hot, isLogged] = await Promise.all([otherUser(file, held), hasHotJournal(file), hasLog(file)]);
  // No program opens the old file from now on: any write to it is complete, or its program was just found.
  const isWritten = (await generationOf(held)) !== expected;
  if (ofOld === undefined && !hot && !isWritten) return false;
  const isUsed = (await otherUser(file)) !== undefined;
  // A new log belongs to the program with the old file.
  const isUntouched = !isUsed && (isLogged || (await generationOf(file)) === saved);
  if (!isUntouched && !hot) return false;
  // Another program has taken over the lock, removed the old file, and may have written the new file, which is
  // therefore kept.
  if ((await ifThere(rename(held, file).then(() => true))) === undefined) return false;
  await syncFolder(path.dirname(file));
  return true;
}

/** A draft is private and ours. The replacement keeps the mode of the file, and its owner if we may change owners. */
export async function keepOwner(draft: FileHandle, target: Stats): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot && (target.uid !== 0 || target.gid !== process.getegid?.())) await draft.chown(target.uid, target.gid);
  const mode = target.mode & 0o777;
  if (mode !== DRAFT_MODE) await draft.chmod(mode);
}

/** False if the draft was removed. Windows refuses while a scanner has the target open, which passes. */
export async function renameDraft({ draft, file }: FileLock): Promise<boolean> {
  try {
    await renameOver(draft, file);
    return true;
  } catch (error) {
    if (isNoEntry(error)) return false;
    throw error;
  }
}
