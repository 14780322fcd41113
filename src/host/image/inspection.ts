/**
 * Inspects every database file before SQLite opens it. A record travels with its folder, and any user may have written
 * it, so first: its files must be plain files with a plausible size and owner, its schema must not contain anything
 * that could run, and a new file is opened, checked, and migrated in a separate thread.
 */
import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KernelError } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';
import { ifThere } from '../files/fileErrors';
import { NAME_TRAILER_SIZE, namesSuperJournal } from '../database/journal';
import { hasHotJournal, hotJournalError, journalPath, sharedMemoryPath, walPath } from '../database/otherUsers';
import type { CheckedFiles } from './checkedFiles';
import { MAX_DATABASE_BYTES, MAX_JOURNAL_BYTES, MAX_LOG_BYTES, MAX_SHARED_MEMORY_BYTES } from '../database/limits';
import { naming } from '../database/refusal';
import { notRegular, openRegular, tooLarge } from '../database/regularFile';
import { Pages } from '../inspection/schemaPages';
import { checkSchema } from '../inspection/schemaRules';
import { checkInThread } from './threadCheck';

/** Far longer than a database of the largest allowed size takes. */
export const CHECK_DEADLINE_MS = 30_000;
const BUSY_TIMEOUT_MS = 2_000;
/** Longer than a program takes to commit to several databases at once. */
const MULTI_COMMIT_MS = 500;
const RETRY_MS = 20;

export interface InspectionLimits {
  /** How long to wait for a program that is writing the file. */
  readonly busyTimeoutMs?: number;
  /** False if an unfinished transaction stays unfinished, so that the file cannot be read anyway. */
  readonly rollsBack?: boolean;
  /** The time after which a check has failed. */
  readonly deadlineMs?: number;
}

/**
 * Call before a program of ours opens the database at `file`, with any library.
 * @throws KernelError `DATABASE_REFUSED`; for a file that is new to us also `DATABASE_DAMAGED`, `MIGRATION_FAILED`,
 * `DATABASE_HOT_JOURNAL`, `DATABASE_CHANGING` and `FILE_UNREADABLE`.
 */
export async function inspectFiles(
  file: string,
  checked: CheckedFiles,
  { busyTimeoutMs = BUSY_TIMEOUT_MS, rollsBack = true, deadlineMs = CHECK_DEADLINE_MS }: InspectionLimits = {},
): Promise<void> {
  const found = await inspectFile(file);
  if (found === undefined) return;
  await untilGone(
    () => hasSuperJournal(journalPath(file)),
    Math.min(busyTimeoutMs, MULTI_COMMIT_MS),
    () => namesAnother(file),
  );
  // Known without a check in a thread, which is slow on a busy machine.
  if (!rollsBack)
    await untilGone(
      () => hasHotJournal(file),
      busyTimeoutMs,
      () => hotJournalError(file),
    );
  if (found.size === 0 || (await checked.has(file))) return;
  await checkInThread({ file, busyTimeoutMs }, deadlineMs);
  await checked.add(file);
}

/**
 * Call with every image of a database, with its log merged, before SQLite opens it.
 * @throws KernelError `DATABASE_REFUSED` or `DATABASE_DAMAGED`.
 */
export function inspectImage(file: string, bytes: Uint8Array): void {
  naming(file, () => {
    checkSchema(new Pages(bytes));
  });
}

/** The database, after checking that it and SQLite's files next to it are plain files. */
async function inspectFile(file: string): Promise<Stats | undefined> {
  const [folder, database, ...beside] = await Promise.all([
    ifThere(lstat(path.dirname(file))),
    ifThere(lstat(file)),
    ...BESIDE.map(async ({ pathOf, maxBytes }) => {
      const name = pathOf(file);
      return { name, maxBytes, stats: await ifThere(lstat(name)) };
    }),
  ]);
  if (folder === undefined || database === undefined) return undefined;
  checkFile(file, database, MAX_DATABASE_BYTES, folder);
  for (const { name, stats, maxBytes } of beside) {
    if (stats !== undefined) checkFile(name, stats, maxBytes, database);
  }
  return database;
}

/** Waits for a file that a running program removes itself. */
async function untilGone(isThere: () => Promise<boolean>, waitMs: number, error: () => KernelError): Promise<void> {
  const deadline = performance.now() + waitMs;
  while (await isThere()) {
    if (performance.now() >= deadline) throw error();
    await delay(RETRY_MS);
  }
}

/** SQLite would delete the file that such a journal names. */
function namesAnother(file: string): KernelError {
  const problem = because('{file} names another file, which SQLite would delete', {
    file: path.basename(journalPath(file)),
  });
  return new KernelError('DATABASE_REFUSED', { path: file, problem });
}

async function hasSuperJournal(journal: string): Promise<boolean> {
  const handle = await openRegular(journal);
  if (handle === undefined) return false;
  try {
    const { size } = await handle.stat();
    if (size < NAME_TRAILER_SIZE) return false;
    const trailer = Buffer.alloc(NAME_TRAILER_SIZE);
    const { bytesRead } = await handle.read(trailer, 0, trailer.length, size - trailer.length);
    return namesSuperJournal(trailer.subarray(0, bytesRead), size);
  } finally {
    await handle.close();
  }
}

const BESIDE = [
  { pathOf: walPath, maxBytes: MAX_LOG_BYTES },
  { pathOf: journalPath, maxBytes: MAX_JOURNAL_BYTES },
  { pathOf: sharedMemoryPath, maxBytes: MAX_SHARED_MEMORY_BYTES },
];

/** `owner`: a user whose files are allowed here besides our own and the administrator's. */
function checkFile(file: string, stats: Stats, maxBytes: number, owner: Stats): void {
  if (!stats.isFile()) throw notRegular(file);
  if (stats.size > maxBytes) throw tooLarge(file, stats.size, maxBytes);
  if ([owner.uid, process.geteuid?.() ?? owner.uid, 0].includes(stats.uid)) return;
  const problem = because('{file} belongs to the user {user}, not to the owner of its folder', {
    file: path.basename(file),
    user: stats.uid,
  });
  throw new KernelError('DATABASE_REFUSED', { path: file, problem });
}
