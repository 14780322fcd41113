/** Telling one content of a database file from the next without reading it (design §4, step 2). */
import type { BigIntStats } from 'node:fs';
import { stat, type FileHandle } from 'node:fs/promises';
import { changeCounter, HEADER_SIZE } from './databaseHeader';
import { ifThere } from './fileErrors';
import { openRegular } from './inspection/regularFile';
import { walPath } from './otherUsers';

/**
 * Device, inode, size, modification time in nanoseconds and SQLite's change counter of the file, with the same of its
 * write-ahead log where that holds anything. Two that differ are two contents.
 */
export type Generation = string & { readonly brand: 'Generation' };

/** The generation of the file, or undefined where there is none. */
export async function generationOf(file: string): Promise<Generation | undefined> {
  const handle = await openRegular(file);
  if (handle === undefined) return undefined;
  try {
    const [{ buffer, bytesRead }, stats, log] = await Promise.all([
      handle.read(Buffer.alloc(HEADER_SIZE), 0, HEADER_SIZE, 0),
      handle.stat({ bigint: true }),
      logOf(file),
    ]);
    return compose(stats, buffer.subarray(0, bytesRead), log);
  } finally {
    await handle.close();
  }
}

/** The generation a file has once `handle`, complete with `bytes`, is renamed into place. */
export async function generationOnceRenamed(handle: FileHandle, bytes: Uint8Array): Promise<Generation> {
  return compose(await handle.stat({ bigint: true }), bytes, '');
}

function compose(file: BigIntStats, header: Uint8Array, log: string): Generation {
  return [file.dev, file.ino, file.size, file.mtimeNs, changeCounter(header), log].join(':') as Generation;
}

async function logOf(file: string): Promise<string> {
  const log = await ifThere(stat(walPath(file), { bigint: true }));
  return log === undefined || log.size === 0n ? '' : [log.ino, log.size, log.mtimeNs].join(':');
}
