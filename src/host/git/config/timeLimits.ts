/**
 * How long a step of git may go without a sign of life: output, or the progress that it reports with `--progress`. One
 * table for every command; the setting scales it. A step that is slow and continues is never ended.
 */

/** What a command goes through: the repository's own files, the working tree, filters and files, a network, or a key. */
export type StepKind = 'quick' | 'walk' | 'checkout' | 'network' | 'sign';

/** Milliseconds without a sign of life; 0 for no limit. */
export type TimeLimits = Readonly<Record<StepKind, number>>;

export const DEFAULT_LIMIT_SECONDS = 600;

/** By how much the limit of the setting is longer or shorter for each kind. A filter may fetch a large file in silence. */
const FACTORS: TimeLimits = { quick: 0.2, walk: 1, checkout: 3, network: 0.2, sign: 1 };
/** A person types a passphrase or touches a security key, however short the setting is. */
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

/** What makes a command report its progress, also where nobody watches. */
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
