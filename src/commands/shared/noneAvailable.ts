/** The failure of a command that has nothing to apply to: one sentence for each kind of thing. */
import { KernelError } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';
import type { Clause } from '../../kernel/errors/reasons/reasons';

const SENTENCES = {
  addedAgent: 'No agent kind was added.',
  agent: 'The run has no agents.',
  artifact: 'The run has no artifacts.',
  backup: 'There is no backup to restore.',
  dependency: 'There is no dependency to remove.',
  dispatch: 'There is no dispatch that this command applies to.',
  evidence: 'The run has no evidence yet.',
  finding: 'There is no finding that this command can fix.',
  folder: 'There is no folder that this command applies to.',
  heldAccount: 'No agents are held.',
  item: 'Nothing needs you.',
  leaderElsewhere: 'No other program leads the tasks of this folder.',
  leaderHere: 'This window does not lead the tasks of this folder.',
  phase: 'There is no phase that this command applies to.',
  portfolio: 'There is no portfolio that this command applies to.',
  project: 'There is no project that this command applies to.',
  proposal: 'No setup steps were found for this project.',
  queuedDispatch: 'There is no queued dispatch.',
  request: 'No agent waits for an answer.',
  run: 'There is no run that this command applies to.',
  snapshot: 'There is no snapshot to restore.',
  subtask: 'There is no subtask that this command applies to.',
  task: 'There is no task that this command applies to.',
  waitingText: 'No text waits for the end of the turn.',
  unusedWorktree: 'There are no unused worktrees.',
} as const satisfies Readonly<Record<string, Clause<'NONE_AVAILABLE'>>>;

export type Choosable = keyof typeof SENTENCES;

export function noneAvailable(what: Choosable): KernelError {
  return new KernelError('NONE_AVAILABLE', { problem: because(SENTENCES[what]) });
}
