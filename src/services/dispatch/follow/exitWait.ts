/** Waits until a dispatch has ended in the record, by any program. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../../host/log';
import { isActive } from '../../../kernel/dispatch/machine';
import type { Dispatch } from '../../../kernel/dispatch/model';
import { getDispatch } from '../../../kernel/dispatch/service';
import type { DispatchKernel } from '../../record/dispatchKernel';

/**
 * Rejects with the signal's reason.
 * @throws KernelError `NOT_FOUND`
 */
export async function whenEnded(kernel: DispatchKernel, id: string, signal?: AbortSignal): Promise<Dispatch> {
  signal?.throwIfAborted();
  const look = () => kernel.read((r) => getDispatch(r, id));
  const ended = (dispatch: Dispatch) => !isActive(dispatch.status);
  const stop = new AbortController();
  try {
    return await new Promise<Dispatch>((resolve, reject) => {
      const check = () => {
        try {
          const dispatch = look();
          if (ended(dispatch)) resolve(dispatch);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      const subscription = kernel.onDidChange(check);
      stop.signal.addEventListener('abort', () => subscription.dispose());
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { signal: stop.signal });
      check();
    });
  } finally {
    stop.abort();
  }
}

const CHECK_MS = 1000;

/** Runs `check` immediately and then at intervals, until `work` has settled. A failing check is logged. */
export async function whileChecking<T>(check: () => Promise<void>, log: Log, work: () => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const checking = (async () => {
    while (!stop.signal.aborted) {
      await check().catch((error: unknown) => log.warn('dispatch not checked', { error }));
      await delay(CHECK_MS, undefined, { signal: stop.signal, ref: false }).catch(() => undefined);
    }
  })();
  try {
    return await work();
  } finally {
    stop.abort();
    await checking;
  }
}
