/** Drafts: folders that are moved to their place when complete, or deleted. */
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../../files/fileErrors';

/** Remains of a crash are removed after a day. */
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;

/** Removes what crashed programs left below the folder of drafts. */
export async function removeOldDrafts(drafts: string, nowMs: number): Promise<void> {
  for (const name of (await ifThere(readdir(drafts))) ?? []) {
    const draft = path.join(drafts, name);
    const found = await ifThere(stat(draft));
    if (found !== undefined && nowMs - found.mtimeMs > LEFTOVER_AGE_MS)
      await rm(draft, { recursive: true, force: true });
  }
}
