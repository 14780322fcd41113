/** Reads a database whole with its log or its unfinished transaction, and never a mixture of two states. */
import { stat } from 'node:fs/promises';
import { isWalMode, setWalMode } from '../database/databaseHeader';
import { generationFrom, generationOf, type Generation } from '../database/generation';
import { MAX_DATABASE_BYTES, MAX_JOURNAL_BYTES, MAX_LOG_BYTES } from '../database/limits';
import { hasHotJournal, journalPath, walPath } from '../database/otherUsers';
import { naming } from '../database/refusal';
import { readRegular } from '../database/regularFile';
import { applyWal, logPosition } from '../database/wal';
import { ifThere } from '../files/fileErrors';

/** One consistent reading of the file. */
export interface Snapshot {
  /** The database with its log merged and WAL mode off; undefined for an empty file, which is a new database. */
  readonly bytes: Uint8Array | undefined;
  readonly generation: Generation;
  readonly walMode: boolean;
}

/** Undoes in memory the unfinished transaction of a journal. */
export type RollBack = (main: Uint8Array, journal: Uint8Array) => Uint8Array;

/** Longer than a tick of any file system's clock. */
const CLOCK_TICK_MS = 20;

/** `young`: a change within the same clock tick could not be distinguished from this content. */
export async function tryRead(
  file: string,
  rollBack: RollBack | undefined,
): Promise<Snapshot | undefined | 'hot' | 'changed' | 'young'> {
  const [generation, before] = [await generationOf(file), await mainStamp(file)];
  if (generation === undefined) return undefined;
  if (await hasHotJournal(file)) return rollBack === undefined ? 'hot' : readRolledBack(file, generation, rollBack);
  // The log first: a checkpoint between the two readings only makes pages of the log appear in the file as well.
  const log = await readRegular(walPath(file), MAX_LOG_BYTES);
  const main = await readRegular(file, MAX_DATABASE_BYTES);
  if (await hasHotJournal(file)) return 'hot';
  if (main === undefined) return 'changed';
  const position = log && naming(file, () => logPosition(log));
  const isLogged = log !== undefined && log.length > 0;
  if ((isWalMode(main) && !isLogged) || position !== undefined) {
    if (await isYoung(file)) return 'young';
  }
  if ((await generationOf(file)) === generation) return snapshotOf(file, { main, log, generation });
  // Additions to the log since then belong to later transactions. A checkpoint would have written the file.
  const stats = await ifThere(stat(file, { bigint: true }));
  if (position === undefined || stats === undefined || (await mainStamp(file)) !== before) return 'changed';
  return snapshotOf(file, { main, log, generation: generationFrom(stats, main, position) });
}

/** The database as it was before the unfinished transaction. */
async function readRolledBack(file: string, generation: Generation, rollBack: RollBack): Promise<Snapshot | 'changed'> {
  const log = await readRegular(walPath(file), MAX_LOG_BYTES);
  const torn = await readRegular(file, MAX_DATABASE_BYTES);
  // The journal last: it has the former content of every page written before.
  const journal = await readRegular(journalPath(file), MAX_JOURNAL_BYTES);
  const isSame = (await generationOf(file)) === generation;
  if (torn === undefined || journal === undefined || !isSame) return 'changed';
  return snapshotOf(file, { main: naming(file, () => rollBack(torn, journal)), log, generation });
}

/** Changes with every write to the file itself. */
async function mainStamp(file: string): Promise<string | undefined> {
  const stats = await ifThere(stat(file, { bigint: true }));
  return stats && [stats.dev, stats.ino, stats.size, stats.mtimeNs].join(':');
}

/** In WAL mode without a log, only the modification time distinguishes contents. */
async function isYoung(file: string): Promise<boolean> {
  const stats = await ifThere(stat(file));
  return stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) < CLOCK_TICK_MS;
}

/** The bytes of a database and its log, which are changed in place. */
export async function snapshotOf(
  file: string,
  { main, log, generation }: { main: Uint8Array; log: Uint8Array | undefined; generation: Generation },
): Promise<Snapshot> {
  const bytes = log === undefined || log.length === 0 ? main : naming(file, () => applyWal(main, log));
  if (bytes.length === 0) return { bytes: undefined, generation, walMode: false };
  const { inspectImage } = await import('./inspection.js');
  inspectImage(file, bytes);
  const walMode = isWalMode(bytes);
  if (walMode) setWalMode(bytes, false);
  return { bytes, generation, walMode };
}
