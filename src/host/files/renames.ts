/** Renames that Windows refuses for a moment, while a scanner or another program has one of the files open. */
import { rename } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isPermission, systemCode } from './fileErrors';

const RETRY_MS = 20;
const MOST_TRIES = 10;

/** Renames a file over another, or a folder. @throws Error as `rename`, on Windows after several tries */
export async function renameOver(from: string, to: string, platform = process.platform): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const isShared = isPermission(error) || systemCode(error) === 'EBUSY';
      if (platform !== 'win32' || !isShared || attempt === MOST_TRIES) throw error;
      await delay(RETRY_MS);
    }
  }
}
