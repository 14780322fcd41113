/** Making what was written outlive a power failure. */
import { open } from 'node:fs/promises';

/** Puts a file's content on the disk. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Puts the names in a folder on the disk, after a file was made or renamed there. Like SQLite, it continues where the
 * folder cannot be synced: the file is in place by then, and calling that a failure would be the greater lie.
 */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Windows opens no folders, some file systems sync none, and a folder may be writable but not readable.
    return;
  }
}
