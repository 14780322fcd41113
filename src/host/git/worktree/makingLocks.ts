/**
 * The locks by which git itself knows a worktree of ours from its first file on, before it has our mark: git writes them
 * when it starts to make one. A program that is killed meanwhile leaves either nothing or a worktree that is ours.
 */

/** `making`: nothing was done in it yet. `aside`: it gets a folder with its files. */
export type OwnStep = 'making' | 'aside';

const REASONS: Readonly<Record<OwnStep, string>> = {
  making: 'Intercore makes this worktree',
  aside: 'Intercore puts a folder aside in this worktree',
};

/** What `git worktree add` is given for one of ours. */
export function lockFlags(step: OwnStep): readonly string[] {
  return ['--lock', '--reason', REASONS[step]];
}

/** The step that a worktree with this lock is in. */
export function stepOf(lock: string | undefined): OwnStep | undefined {
  if (lock === REASONS.making) return 'making';
  return lock === REASONS.aside ? 'aside' : undefined;
}
