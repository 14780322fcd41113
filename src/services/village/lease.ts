/** One window orchestrates a folder; others watch and step in when it goes (`spec/village.md` §21). */
import { setTimeout as delay } from 'node:timers/promises';
import { withFileLock } from '../../host/fileLock';
import { KernelError } from '../../kernel/errors';

const ASK_AGAIN_MS = 3000;

/**
 * Waits until this process may orchestrate the project of a database, then runs `work` until it ends or `signal` is
 * aborted. The lease is refreshed while it is held, and a holder that died is stepped in for.
 */
export async function withLease(
  databasePath: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await withFileLock(`${databasePath}-village`, { timeoutMs: 0 }, () => work(signal));
      return;
    } catch (error) {
      if (!KernelError.is(error, 'DATABASE_BUSY')) throw error;
    }
    await delay(ASK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}
