/**
 * The secret of a storage, from which the names, marks and seals of its launches are derived (`docs/design/trust.md`).
 * A foreign record cannot have them, because only this user's programs can read the key.
 */
import { randomBytes } from 'node:crypto';
import { link, lstat, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolders } from '../files/folders';
import { ifThere, systemCode } from '../files/fileErrors';
import { openRegular } from '../files/smallFile';
import { renameOver } from '../files/renames';

const KEY_NAME = 'launch.key';
const KEY_BYTES = 32;
/** Mode bits that give others access. */
const OTHERS = 0o077;

/** The key of a storage; undefined if there is none, or if another user could have written it. */
export async function readLaunchKey(storage: string): Promise<Buffer | undefined> {
  const handle = await openRegular(path.join(storage, KEY_NAME));
  if (handle === undefined) return undefined;
  try {
    const found = await handle.stat();
    if (!isOwn(found)) return undefined;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(KEY_BYTES + 1), 0, KEY_BYTES + 1, 0);
    return bytesRead === KEY_BYTES ? buffer.subarray(0, KEY_BYTES) : undefined;
  } finally {
    await handle.close();
  }
}

/** The key of a storage; both are created if missing. Concurrent programs agree on one key. */
export async function makeLaunchKey(storage: string): Promise<Buffer> {
  await makeFolders(storage);
  const known = await readLaunchKey(storage);
  if (known !== undefined) return known;
  const file = path.join(storage, KEY_NAME);
  // A key that others could have written, or an incomplete one, cannot be used.
  if ((await ifThere(lstat(file))) !== undefined) await rm(file, { force: true });
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, file);
  } catch (error) {
    // Some file systems have no links; there two programs that start at the same time may disagree once.
    if (['EPERM', 'ENOTSUP', 'ENOSYS'].includes(systemCode(error) ?? '')) await renameOver(draft, file);
    else if (systemCode(error) !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const made = await readLaunchKey(storage);
  if (made === undefined) throw new Error(`The key ${file} cannot be used.`);
  return made;
}

/** Windows has no modes: there the storage's own place, in the user's profile, keeps others out. */
function isOwn({ mode, uid }: { readonly mode: number; readonly uid: number }): boolean {
  return process.getuid === undefined || (uid === process.getuid() && (mode & OTHERS) === 0);
}
