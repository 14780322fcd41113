/** One window orchestrates a folder; others watch and step in when it goes (`spec/village.md` §21). */
import { lstat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { ifThere } from '../../host/fileErrors';
import { withFileLock } from '../../host/fileLock';
import { KernelError } from '../../kernel/errors';

const ASK_AGAIN_MS = 3000;
const LOOK_MS = 1000;

/**
 * Runs `work` whenever this process alone may orchestrate the project of a database, until `signal` is aborted. A holder
 * that died is stepped in for. One that slept so long that another stepped in for it is told to end by the signal that
 * it was given, and waits for its turn again.
 */
export async function withLease(
  databasePath: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await withFileLock(`${databasePath}-village`, { timeoutMs: 0 }, ({ draft }) => whileHeld(draft, signal, work));
    } catch (error) {
      if (!KernelError.is(error, 'DATABASE_BUSY')) throw error;
    }
    await pause(ASK_AGAIN_MS, signal);
  }
}

async function whileHeld(
  draft: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const [lost, done] = [new AbortController(), new AbortController()];
  const watching = watch(draft, lost, done.signal);
  try {
    await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    done.abort();
    await watching;
  }
}

/** Whoever takes a lock over removes the file that the holder keeps in it. */
async function watch(draft: string, lost: AbortController, done: AbortSignal): Promise<void> {
  while (!done.aborted && !lost.signal.aborted) {
    await pause(LOOK_MS, done);
    if ((await ifThere(lstat(draft))) === undefined) lost.abort(new Error('Another window orchestrates the folder.'));
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
