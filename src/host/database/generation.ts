/**
 * Generations: identify the content of a database (`docs/design/storage.md`), in both journal modes:
 *
 * - Without a log, SQLite raises the change counter of the header with every transaction in rollback mode. In WAL mode it
 *   need not, so size and modification time belong to a generation as well.
 * - With a log, the position of its last complete transaction identifies the content. A checkpoint moves pages from
 *   the log to the file and changes nothing, so neither size nor time count there.
 *
 * Opening and closing the file drops the locks that SQLite holds on it in this process, so every function here that takes
 * a path is called through `rawAccess.ts`.
 */
import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { changeCounter, HEADER_SIZE } from './databaseHeader';
import { ifThere } from '../files/fileErrors';
import { MAX_LOG_BYTES } from './limits';
import { openRegular, readRegular } from './regularFile';
import { walPath } from './otherUsers';
import { logPosition, type LogPosition } from './wal';

/** Two different generations are different contents, or the same content in two places. */
export type Generation = string & { readonly brand: 'Generation' };

/** No content has this generation. */
export const UNKNOWN_GENERATION = '' as Generation;

/** The generation of the file; undefined if there is none. */
export async function generationOf(file: string): Promise<Generation | undefined> {
  const handle = await openRegular(file);
  if (handle === undefined) return undefined;
  try {
    const log = await logOf(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_SIZE), 0, HEADER_SIZE, 0);
    return generationFrom(await handle.stat({ bigint: true }), buffer.subarray(0, bytesRead), log);
  } finally {
    await handle.close();
  }
}

export function generationFrom(
  file: Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs'>,
  header: Uint8Array,
  log: LogPosition | undefined,
): Generation {
  const content =
    log === undefined
      ? [file.size, file.mtimeNs, changeCounter(header)]
      : ['log', ...log.salts, log.frames, log.checksum.a, log.checksum.b];
  return [file.dev, file.ino, ...content].join(':') as Generation;
}

async function logOf(file: string): Promise<LogPosition | undefined> {
  const log = walPath(file);
  // Most databases have none, and checking is cheaper than opening.
  const found = await ifThere(stat(log));
  if (found === undefined || found.size === 0) return undefined;
  const bytes = await readRegular(log, MAX_LOG_BYTES);
  return bytes && logPosition(bytes);
}
