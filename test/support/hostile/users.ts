/** Acts without the rights of root, since root may write whatever is read-only. */
import { chown } from 'node:fs/promises';
import path from 'node:path';

const UNPRIVILEGED_ID = 65_534;

/** Gives the files to an ordinary user and runs `work` as that user; just runs it where we are one already. */
export async function asOrdinaryUser<T>(files: readonly string[], work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  for (const file of files) await chown(file, UNPRIVILEGED_ID, UNPRIVILEGED_ID);
  process.seteuid?.(UNPRIVILEGED_ID);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

/** The project's folder, the database's folder and the database. */
export function projectFiles(database: string): string[] {
  return [path.dirname(path.dirname(database)), path.dirname(database), database];
}
