/**
 * Small regular files that another program may have written: read completely, within a limit, and never through a link.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { isNoEntry, systemCode } from './fileErrors';
import { renameOver } from './renames';

/** Longer than any record, verdict or prompt hash that this program writes. */
export const SMALL_FILE_BYTES = 1024 * 1024;

/** A pipe in place of the file does not block the reader. Windows has neither flag, and no pipes among its files. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW || 0) | (constants.O_NONBLOCK || 0);

/** Opens a regular file for reading; undefined if there is none, or if it is a link or another kind of file. */
export async function openRegular(file: string): Promise<FileHandle | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(file, READ_FLAGS);
  } catch (error) {
    // ELOOP: a link. ENXIO: a socket, or a device without a driver.
    if (isNoEntry(error) || ['ELOOP', 'EMLINK', 'ENXIO'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
  const found = await handle.stat().catch(async (error: unknown) => {
    await handle.close();
    throw error;
  });
  if (found.isFile()) return handle;
  await handle.close();
  return undefined;
}

/** The text of a small regular file; undefined if there is none, or if it is larger. */
export async function readSmallFile(file: string, maxBytes = SMALL_FILE_BYTES): Promise<string | undefined> {
  const handle = await openRegular(file);
  if (handle === undefined) return undefined;
  try {
    const { size } = await handle.stat();
    if (size > maxBytes) return undefined;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The first bytes of a regular file as text; undefined if there is none. */
export async function readStart(file: string, bytes: number): Promise<string | undefined> {
  const handle = await openRegular(file);
  if (handle === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Writes a small file atomically: it has either its old or its new content. */
export async function replaceSmallFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
    await renameOver(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
