/** Brings remote branches into a clone: over a network that may fail for a moment, or from a repository of ours. */
import { setTimeout as delay } from 'node:timers/promises';
import { KernelError } from '../../../kernel/errors/errors';
import type { Repository } from '../repository';

export interface Patience {
  readonly signal?: AbortSignal | undefined;
  /** Before each repetition; 1, 2 and 4 seconds where left out. */
  readonly waitsMs?: readonly number[];
}

const WAITS_MS = [1000, 2000, 4000];

/** What git says where the network or the server failed, and neither a name nor a sign-in was wrong. */
const PASSING =
  /could not resolve host|timed? ?out|connection (?:reset|refused|closed)|early EOF|unexpected disconnect|empty reply|hung up|network is (?:down|unreachable)|returned error: 5\d\d/i;

/** Branches only, and nothing in passing. */
export const FETCH_FLAGS: readonly string[] = [
  ...['--quiet', '--progress', '--prune', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'],
  '--no-auto-maintenance',
];

/** The program that serves the repository of ours, whatever the clone's configuration names. */
export const UPLOAD_PACK = '--upload-pack=git-upload-pack';

/** For git in a clone that takes from a repository on this machine: whatever the clone says, no network and no helper. */
export const LOCAL_SOURCE = { env: { GIT_ALLOW_PROTOCOL: 'file', GIT_NO_LAZY_FETCH: '1' } } as const;

/**
 * Repeats a fetch where that may help. No other step works in the clone meanwhile.
 * @throws KernelError `GIT_FAILED`, `GIT_BUSY`; rejects once the signal aborts
 */
export async function fetchPatiently(
  repository: Repository,
  fetch: () => Promise<void>,
  patience: Patience = {},
): Promise<void> {
  const { signal, waitsMs = WAITS_MS } = patience;
  for (let tries = 0; ; tries += 1) {
    signal?.throwIfAborted();
    try {
      await repository.exclusively(fetch);
      return;
    } catch (error) {
      const waitMs = waitsMs[tries];
      const mayPass = KernelError.is(error, 'GIT_FAILED') && PASSING.test(error.facts.problem);
      if (!mayPass || waitMs === undefined) throw error;
      await delay(waitMs, undefined, { signal });
    }
  }
}

/**
 * Copies references of a repository of ours into the clone, with the objects that it lacks.
 * @throws KernelError `GIT_FAILED`
 */
export async function takeOver(
  { git, folder }: Repository,
  source: string,
  refspec: string,
  signal?: AbortSignal,
): Promise<void> {
  const args = ['fetch', ...FETCH_FLAGS, UPLOAD_PACK, '--end-of-options', source, refspec];
  await git.run(folder, 'take over what was fetched', args, {
    ...LOCAL_SOURCE,
    ...(signal === undefined ? {} : { signal }),
  });
}
