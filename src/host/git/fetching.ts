/** Fetching over a network that may be out of order for a moment (`spec/village.md` §9). */
import { setTimeout as delay } from 'node:timers/promises';
import { KernelError } from '../../kernel/errors';
import type { Repository } from './repository';

export interface Patience {
  readonly signal?: AbortSignal;
  /** Before each repetition; 1, 2 and 4 seconds where left out. */
  readonly waitsMs?: readonly number[];
}

const WAITS_MS = [1000, 2000, 4000];

/** What git says where the network or the server failed, and neither a name nor a sign-in was wrong. */
const PASSING =
  /could not resolve host|timed? ?out|connection (?:reset|refused|closed)|early EOF|unexpected disconnect|empty reply|hung up|network is (?:down|unreachable)|returned error: 5\d\d/i;

/**
 * Brings the remote's branches here, again and again where that may help. No other step works in the clone meanwhile.
 * @throws KernelError `GIT_FAILED`, `GIT_BUSY`; rejects once the signal aborts
 */
export async function fetchPatiently(repository: Repository, remote: string, patience: Patience = {}): Promise<void> {
  const { signal, waitsMs = WAITS_MS } = patience;
  for (let tries = 0; ; tries += 1) {
    signal?.throwIfAborted();
    try {
      await repository.exclusively(() => repository.fetch(remote));
      return;
    } catch (error) {
      const waitMs = waitsMs[tries];
      const mayPass = KernelError.is(error, 'GIT_FAILED') && PASSING.test(error.facts.problem);
      if (!mayPass || waitMs === undefined) throw error;
      await delay(waitMs, undefined, { signal });
    }
  }
}
