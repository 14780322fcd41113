/** Hashes of files: of artifacts, as recorded (`docs/design/formats.md#agents-and-artifacts`), and of our own files. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { systemCode } from './fileErrors';
import { openRegular } from './smallFile';

/**
 * `sha256:` and the hexadecimal digest of the file's content; undefined if it is not a readable regular file, since the
 * original records no hash then.
 */
export async function contentHash(file: string): Promise<string | undefined> {
  try {
    if (!(await stat(file)).isFile()) return undefined;
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    return `sha256:${hash.digest('hex')}`;
  } catch (error) {
    // Also for a name that is too long, a loop of links, or a failing disk.
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

/** The SHA-256 in hexadecimal digits; undefined if there is no regular file. Links are not followed. */
export async function regularFileHash(file: string): Promise<string | undefined> {
  const handle = await openRegular(file);
  if (handle === undefined) return undefined;
  const hash = createHash('sha256');
  await pipeline(handle.createReadStream(), hash);
  return hash.digest('hex');
}
