/** A small file that programs of this user share: changed under its lock and replaced whole, so that no change is lost. */
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { syncFile, syncFolder } from '../files/durable';
import { makeFolders } from '../files/folders';
import { withFileLock } from './fileLock';

const LOCK_TIMEOUT_MS = 10_000;

/**
 * Runs `work` under the lock of the file, at `file`: absolute. `save` replaces its text, once; it goes through the draft
 * of the lock, so a program whose lock was taken over saves nothing.
 * @throws KernelError `DATABASE_BUSY` where another program holds the file too long
 */
export async function changeLockedFile<T>(
  file: string,
  work: (save: (text: string) => Promise<void>) => Promise<T>,
): Promise<T> {
  const folder = path.dirname(file);
  await makeFolders(folder);
  return await withFileLock(file, { timeoutMs: LOCK_TIMEOUT_MS }, ({ draft }) =>
    work(async (text) => {
      await writeFile(draft, text);
      await syncFile(draft);
      await rename(draft, file);
      await syncFolder(folder);
    }),
  );
}
