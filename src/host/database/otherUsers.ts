/**
 * Whether a program that uses SQLite in place has the database open (`docs/design/architecture.md#write-protocol`).
 * Such a program would continue with the file we replace, so nothing is saved under it.
 */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../kernel/errors/errors';
import { ifThere } from '../files/fileErrors';
import { openRegular } from './regularFile';
import { writerWithOpen } from './openFiles';

export const JOURNAL_MAGIC = Buffer.from('d9d505f920a163d7', 'hex');

export const walPath = (file: string): string => `${file}-wal`;
export const journalPath = (file: string): string => `${file}-journal`;
export const sharedMemoryPath = (file: string): string => `${file}-shm`;

/**
 * The program that uses the database, for the fact `by` of `DATABASE_IN_USE`; undefined if there is none.
 * @param held another name of the same file, if its own may belong to a new file.
 */
export async function otherUser(file: string, held = file): Promise<string | undefined> {
  const stats = await ifThere(stat(held, { bigint: true }));
  return stats && userOf(file, stats.ino);
}

/** Whether this system shows that no program has a database open. */
export function canShowUsers(): boolean {
  return process.platform === 'linux';
}

/** Whether there is a log with content that the database may lack. */
export async function hasLog(file: string): Promise<boolean> {
  const log = await ifThere(stat(walPath(file)));
  return log !== undefined && log.size > 0;
}

/**
 * The same by cheap checks: finds programs in a transaction, or with the database open in WAL mode. On Linux, a program
 * that has it open without a lock is not found.
 */
export async function lockingUser(file: string): Promise<string | undefined> {
  const stats = await ifThere(stat(file, { bigint: true }));
  if (stats === undefined) return undefined;
  return process.platform === 'linux' ? lockHolder(stats.ino) : memorySharer(file);
}

function userOf(file: string, inode: bigint): Promise<string | undefined> | string | undefined {
  if (process.platform !== 'linux') return memorySharer(file);
  const writer = writerWithOpen(file, inode);
  return writer === undefined ? lockHolder(inode) : `process ${writer}`;
}

/**
 * Whether a rollback journal is in effect: a program is writing pages now, or died while it did. SQLite fills in the
 * first bytes of a journal just before it touches the database, and a finished one is empty, zeroed or gone.
 */
export async function hasHotJournal(file: string): Promise<boolean> {
  const handle = await openRegular(journalPath(file));
  if (handle === undefined) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(JOURNAL_MAGIC.length), 0, JOURNAL_MAGIC.length, 0);
    return bytesRead === JOURNAL_MAGIC.length && buffer.equals(JOURNAL_MAGIC);
  } finally {
    await handle.close();
  }
}

export function hotJournalError(file: string): KernelError {
  return new KernelError('DATABASE_HOT_JOURNAL', { path: file, journal: path.basename(journalPath(file)) });
}

export function leftLogError(file: string): KernelError {
  return new KernelError('DATABASE_LOG_LEFT', { path: file, log: path.basename(walPath(file)) });
}

/**
 * A process that holds a POSIX lock on the file. SQLite in WAL mode holds one as long as it has the file open, in
 * rollback mode while it reads or writes. Devices are not compared: some file systems report different ones here.
 */
async function lockHolder(inode: bigint): Promise<string | undefined> {
  const locks = await ifThere(readFile('/proc/locks', 'utf8'));
  if (locks === undefined) return undefined;
  const line = locks.split('\n').find((text) => text.includes(`:${inode} `));
  const pid = line === undefined ? undefined : /(?:POSIX|OFDLCK)\s+\S+\s+\S+\s+(-?\d+)\s/.exec(line)?.[1];
  return pid === undefined ? undefined : Number(pid) > 0 ? `process ${pid}` : 'another process';
}

/**
 * Other systems do not report locks, but a program in WAL mode keeps its shared memory next to the file while it runs.
 */
async function memorySharer(file: string): Promise<string | undefined> {
  return (await ifThere(stat(sharedMemoryPath(file)))) === undefined
    ? undefined
    : 'it shares memory with other programs';
}
