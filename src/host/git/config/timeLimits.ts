/**
 * How long a git command may run without a sign of life: output, or progress reported with `--progress`. One table for
 * every command; the setting scales it. A slow command that makes progress is never ended.
 */

/** What a command accesses: the repository's own files, the working tree, filters and files, a network, or a key. */
export type StepKind = 'quick' | 'walk' | 'checkout' | 'network' | 'sign';

/** Milliseconds without a sign of life; 0 for no limit. */
export type TimeLimits = Readonly<Record<StepKind, number>>;

export const DEFAULT_LIMIT_SECONDS = 600;

/** The factor on the setting's limit for each kind. A filter may fetch a large file silently. */
const FACTORS: TimeLimits = { quick: 0.2, walk: 1, checkout: 3, network: 0.2, sign: 1 };
/** A person needs time to type a passphrase or touch a security key, even if the setting is short. */
const MIN_SIGN_MS = 60_000;

const KINDS: Readonly<Record<string, StepKind>> = {
  add: 'walk',
  'check-ignore': 'walk',
  checkout: 'checkout',
  'checkout-index': 'checkout',
  clone: 'checkout',
  diff: 'walk',
  'diff-files': 'walk',
  'diff-index': 'walk',
  fetch: 'network',
  'ls-files': 'walk',
  'ls-remote': 'network',
  push: 'network',
  'read-tree': 'checkout',
  reset: 'checkout',
  restore: 'checkout',
  status: 'walk',
  submodule: 'checkout',
  'update-index': 'walk',
  worktree: 'checkout',
};

/** The option that makes a command report its progress without a terminal. */
const PROGRESS: Readonly<Record<string, readonly string[]>> = {
  checkout: ['--progress'],
  clone: ['--progress'],
  fetch: ['--progress'],
  push: ['--progress'],
  restore: ['--progress'],
};

/** `seconds`: the limit for a step in the working tree; 0 for none at all. */
export function timeLimits(seconds: number): TimeLimits {
  const limit = (kind: StepKind): number => Math.ceil(seconds * FACTORS[kind] * 1000);
  return {
    quick: limit('quick'),
    walk: limit('walk'),
    checkout: limit('checkout'),
    network: limit('network'),
    sign: seconds === 0 ? 0 : Math.max(MIN_SIGN_MS, limit('sign')),
  };
}

export function kindOfStep(command: string): StepKind {
  return KINDS[command] ?? 'quick';
}

export function progressFlags(args: readonly string[]): readonly string[] {
  const [command = ''] = args;
  if (command === 'read-tree') return args.includes('-u') ? ['-v'] : [];
  return PROGRESS[command] ?? [];
}
