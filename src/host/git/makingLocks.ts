/**
 * The git locks that identify a worktree of ours from its first file on, before it has our mark: git writes them when
 * it starts to create one. A program that is killed meanwhile leaves either nothing or a worktree that is ours.
 */

/** `making`: no work was done in it yet. `aside`: it gets a folder with its files. */
export type OwnStep = 'making' | 'aside';

const REASONS: Readonly<Record<OwnStep, string>> = {
  making: 'Intercore makes this worktree',
  aside: 'Intercore puts a folder aside in this worktree',
};

/** Options of `git worktree add` for one of ours. */
export function lockFlags(step: OwnStep): readonly string[] {
  return ['--lock', '--reason', REASONS[step]];
}

/** The step of a worktree with this lock. */
export function stepOf(lock: string | undefined): OwnStep | undefined {
  if (lock === REASONS.making) return 'making';
  return lock === REASONS.aside ? 'aside' : undefined;
}
