/** Makes writes durable across a power failure. */
import { open } from 'node:fs/promises';

/** Syncs the content of a file to disk. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Syncs the names in a folder to disk, after a file was created or renamed there. Like SQLite, it ignores a folder that
 * cannot be synced: the file is already in place, so reporting a failure would be more wrong.
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
    // Windows cannot open folders, some file systems cannot sync them, and a folder may be writable but not readable.
    return;
  }
}
