/** Work in the background, whose failure is logged. */
import type { Log } from '../../host/log';
import { problemOf } from '../../kernel/errors/errors';

export function inBackground(log: Log, label: string, work: () => PromiseLike<unknown>): void {
  Promise.resolve()
    .then(work)
    .catch((error: unknown) => {
      log.error('background work failed', { label, problem: problemOf(error) });
    });
}
