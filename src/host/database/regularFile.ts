/**
 * Opens and reads files that any user may have created: only regular files, without following links, never blocking,
 * and within a size limit. Checked on the open file, so that it cannot be replaced between the check and the reading.
 */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';
import { ifThere, systemCode } from '../files/fileErrors';

/** Windows has neither flag, and neither pipes nor devices in folders. */
const FLAGS =
  constants.O_RDONLY |
  ((constants.O_NOFOLLOW as number | undefined) ?? 0) |
  ((constants.O_NONBLOCK as number | undefined) ?? 0);
const CHUNK_BYTES = 8 * 1_048_576;

/**
 * Opens a regular file for reading; undefined if there is none. The caller closes it.
 * @throws KernelError `DATABASE_REFUSED` for a link, a folder, a device or a pipe; the system's error otherwise.
 */
export async function openRegular(file: string): Promise<FileHandle | undefined> {
  const handle = await opened(file);
  if (handle === undefined) return undefined;
  try {
    if ((await handle.stat()).isFile()) return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  throw notRegular(file);
}

/**
 * The content of a regular file; undefined if there is none.
 * @throws KernelError `DATABASE_REFUSED` as `openRegular`, and if the file has more than `maxBytes`, even if it only
 * grows beyond them meanwhile.
 */
export async function readRegular(file: string, maxBytes: number): Promise<Uint8Array | undefined> {
  const handle = await openRegular(file);
  if (handle === undefined) return undefined;
  try {
    return await readWhole(handle, file, maxBytes);
  } finally {
    await handle.close();
  }
}

async function readWhole(handle: FileHandle, file: string, maxBytes: number): Promise<Uint8Array> {
  const { size } = await handle.stat();
  if (size > maxBytes) throw tooLarge(file, size, maxBytes);
  // One more than expected shows whether the file has grown.
  let bytes = Buffer.allocUnsafeSlow(size + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(bytes, length, Math.min(bytes.length - length, CHUNK_BYTES), length);
    length += bytesRead;
    if (bytesRead === 0) return bytes.subarray(0, length);
    if (length > maxBytes) throw tooLarge(file, length, maxBytes);
    if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(maxBytes + 1, length * 2));
  }
}

export function notRegular(file: string): KernelError {
  const problem = because('{file} is not a regular file', { file: path.basename(file) });
  return new KernelError('DATABASE_REFUSED', { path: file, problem });
}

export function tooLarge(file: string, bytes: number, maxBytes: number): KernelError {
  const problem = because('{file} has {bytes} bytes, and {limit} are allowed', {
    file: path.basename(file),
    bytes,
    limit: maxBytes,
  });
  return new KernelError('DATABASE_REFUSED', { path: file, problem });
}

async function opened(file: string): Promise<FileHandle | undefined> {
  try {
    return await ifThere(open(file, FLAGS));
  } catch (error) {
    // A link that is not followed, a socket, and a folder on systems that do not open one.
    if (['ELOOP', 'EMLINK', 'ENXIO', 'EISDIR'].includes(systemCode(error) ?? '')) throw notRegular(file);
    throw error;
  }
}
