/** Fetches remote branches into a clone: over a network that may fail temporarily, or from a repository of ours. */
import { setTimeout as delay } from 'node:timers/promises';
import { KernelError } from '../../../kernel/errors/errors';
import { defined } from '../../../kernel/defined';
import type { Repository } from '../repository';

export interface Patience {
  readonly signal?: AbortSignal | undefined;
  /** Pauses before each repetition; by default 1, 2 and 4 seconds. */
  readonly waitsMs?: readonly number[];
}

const WAITS_MS = [1000, 2000, 4000];

/** Git's messages when the network or the server failed, not a name or a sign-in. */
const PASSING =
  /could not resolve host|timed? ?out|connection (?:reset|refused|closed)|early EOF|unexpected disconnect|empty reply|hung up|network is (?:down|unreachable)|returned error: 5\d\d/i;

/** Only branches, without side effects. */
export const FETCH_FLAGS: readonly string[] = [
  '--quiet',
  '--progress',
  '--prune',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-recurse-submodules',
  '--no-auto-maintenance',
];

/** The program that serves our repository, regardless of the clone's configuration. */
export const UPLOAD_PACK = '--upload-pack=git-upload-pack';

/** For a fetch from a repository on this machine: no network and no helper, regardless of the clone's configuration. */
export const LOCAL_SOURCE = { env: { GIT_ALLOW_PROTOCOL: 'file', GIT_NO_LAZY_FETCH: '1' } } as const;

/**
 * Repeats a fetch where that may help. Meanwhile no other step of ours runs in the clone.
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
      const mayPass = KernelError.is(error, 'GIT_FAILED') && PASSING.test(error.facts.problem.text);
      if (!mayPass || waitMs === undefined) throw error;
      await delay(waitMs, undefined, { signal });
    }
  }
}

/**
 * Copies references of our repository into the clone, with missing objects.
 * @throws KernelError `GIT_FAILED`
 */
export async function takeOver(
  { git, folder }: Repository,
  source: string,
  refspec: string,
  signal?: AbortSignal,
): Promise<void> {
  const args = ['fetch', ...FETCH_FLAGS, UPLOAD_PACK, '--end-of-options', source, refspec];
  await git.run(folder, args, {
    ...LOCAL_SOURCE,
    ...defined({ signal }),
  });
}
