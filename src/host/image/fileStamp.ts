/** Stamps of a database's files, to see cheaply that nothing changed, without reading them. */
import { open, stat } from 'node:fs/promises';
import { HEADER_SIZE, isWalMode } from '../database/databaseHeader';
import { ifThere } from '../files/fileErrors';
import { walPath } from '../database/otherUsers';
import { asPlainFile } from '../database/rawAccess';

/** Equal stamps mean equal content, as far as the file system's times are precise. */
export interface FileStamp {
  readonly main: string;
  /** Of the write-ahead log; empty if there is none. */
  readonly log: string;
  /** Whether there may be a log: a file that is not in WAL mode is written itself before it gets one. */
  readonly isLogged: boolean;
}

/**
 * The stamp of a database; undefined if there is none. `before`: the last stamp, which is returned if it is still
 * valid.
 */
export async function stampOf(file: string, before?: FileStamp): Promise<FileStamp | undefined> {
  const main = await textOf(file);
  if (main === undefined) return undefined;
  const isSame = main === before?.main;
  if (isSame && !before.isLogged) return before;
  const isLogged = isSame ? before.isLogged : await asPlainFile(file, () => hasWalMode(file));
  const log = isLogged ? ((await textOf(walPath(file))) ?? '') : '';
  return isSame && log === before.log ? before : { main, log, isLogged };
}

async function textOf(file: string): Promise<string | undefined> {
  const found = await ifThere(stat(file, { bigint: true }));
  return found && [found.dev, found.ino, found.size, found.mtimeNs].join(':');
}

async function hasWalMode(file: string): Promise<boolean> {
  const handle = await ifThere(open(file, 'r'));
  if (handle === undefined) return false;
  try {
    return isWalMode((await handle.read(Buffer.alloc(HEADER_SIZE), 0, HEADER_SIZE, 0)).buffer);
  } finally {
    await handle.close();
  }
}
