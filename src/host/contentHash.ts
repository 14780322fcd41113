/** Hashes of files: the one an artifact is recorded with (`spec/kernel.md` §5), and that of a file of our own. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { isNoEntry, isPermission } from './fileErrors';
import { openRegular } from './smallFile';

/**
 * `sha256:` and the hexadecimal digest of the file's content; undefined where there is no regular file
 * that may be read, since the original records no hash then.
 * @throws the system's error where reading breaks off.
 */
export async function contentHash(file: string): Promise<string | undefined> {
  try {
    if (!(await stat(file)).isFile()) return undefined;
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    return `sha256:${hash.digest('hex')}`;
  } catch (error) {
    if (isNoEntry(error) || isPermission(error)) return undefined;
    throw error;
  }
}

/** The SHA-256 in hexadecimal digits; undefined where there is no regular file. Links are not followed. */
export async function regularFileHash(file: string): Promise<string | undefined> {
  const handle = await openRegular(file);
  if (handle === undefined) return undefined;
  const hash = createHash('sha256');
  await pipeline(handle.createReadStream(), hash);
  return hash.digest('hex');
}
