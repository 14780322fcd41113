/**
 * Whether a program that uses SQLite in place has the database open (design §4). Such a program would go on with the
 * file we replace, so nothing is saved under it.
 */
import { readFile, stat } from 'node:fs/promises';
import { ifThere } from './fileErrors';
import { openRegular } from './inspection/regularFile';

const JOURNAL_MAGIC = Buffer.from('d9d505f920a163d7', 'hex');

export const walPath = (file: string): string => `${file}-wal`;
export const journalPath = (file: string): string => `${file}-journal`;
export const sharedMemoryPath = (file: string): string => `${file}-shm`;

/** Who uses the database now, in words for the fact `by` of `DATABASE_IN_USE`; undefined when nobody does. */
export async function otherUser(file: string): Promise<string | undefined> {
  const [log, user] = await Promise.all([
    ifThere(stat(walPath(file))),
    process.platform === 'linux' ? lockHolder(file) : memorySharer(file),
  ]);
  return log !== undefined && log.size > 0 ? 'it has a write-ahead log that is not yet merged' : user;
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

/**
 * A process that holds a POSIX lock on the file. SQLite in WAL mode holds one as long as it has the file open, in
 * rollback mode while it reads or writes. Devices are not compared: some file systems report different ones here.
 */
async function lockHolder(file: string): Promise<string | undefined> {
  const [stats, locks] = await Promise.all([
    ifThere(stat(file, { bigint: true })),
    ifThere(readFile('/proc/locks', 'utf8')),
  ]);
  if (stats === undefined || locks === undefined) return undefined;
  const line = locks.split('\n').find((text) => text.includes(`:${stats.ino} `));
  const pid = line === undefined ? undefined : /(?:POSIX|OFDLCK)\s+\S+\s+\S+\s+(-?\d+)\s/.exec(line)?.[1];
  return pid === undefined ? undefined : Number(pid) > 0 ? `process ${pid}` : 'another process';
}

/** Other systems tell no locks, but a program in WAL mode keeps its shared memory beside the file while it runs. */
async function memorySharer(file: string): Promise<string | undefined> {
  return (await ifThere(stat(sharedMemoryPath(file)))) === undefined
    ? undefined
    : 'it shares memory with other programs';
}
