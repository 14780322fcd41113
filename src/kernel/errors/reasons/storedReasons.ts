/**
 * The reasons that records store in English: why a dispatch, an attempt, or a proof failed, and what events tell. Each
 * is declared here once. Writers name its text, and views find the text again to translate it (`shownReason.ts`).
 */
import { because, type Reason } from './problem';

export const UNREGISTERED =
  '“{path}” is a repository of its own, and the commit holds only a link to its commit {commit}, which no other repository has. To make its files part of this repository, run: {add}; then commit. To make it a submodule, push it to a remote of its own and run: {link}';
export const UNPUSHED =
  'the submodule “{path}” is at the commit {commit}, which its remote {remote} does not have. Push it first, for example with: {command}; or check out a commit there that the remote has, and commit that';
export const GIT_CONFIGURED =
  'not everything is committed: {files}. git is configured with {key} here, which the comparison of an agent’s worktree with its commit follows only from your own configuration. With a command in intercore.tasks.setup, work is proven in a clean checkout instead';

/** The original stores a plural for one, too. */
export const AGENTS_ACTIVE = '{count} agents still active';
export const CHILDREN_BEHIND = '{count} children behind phase "{phase}"';

export const STORED_REASONS = [
  // Of dispatches.
  'stopped',
  'killed by user',
  'handed over to {kind}',
  'time limit of {seconds} s reached',
  'exit record not written by Intercore; the exit code is unknown',
  'never started: the window that was to start it had gone',
  'process gone without a trace; its exit code is unknown',
  'process of another program gone; its exit code is unknown',
  'exit code {code}',
  'ended by {signal}',
  'ended by a signal',
  '{said} (exit code {code})',
  '{said} (ended by {signal})',
  '{said} (ended by a signal)',
  'not sent to the agent: “{text}” ({by})',
  'the answer “{answer}” ({by}) to request {number} is void',
  // Of attempts, and of the work on tasks.
  'it was stopped',
  'planning was stopped',
  'stopped by {by}',
  'it took longer than {minutes} minutes',
  'another process ended it',
  'another attempt ran beside it',
  'no attempt succeeded',
  'it ended without closing the subtask',
  'attempt {attempt} is not counted: {problem}',
  'waits for {title}',
  'run cancelled',
  'run failed',
  'portfolio cancelled',
  // Of proofs.
  'its worktree {tree} is missing',
  'its worktree {tree} belongs to another repository',
  'the worktree is on {found} and not on {branch}',
  'the worktree is on no branch and not on {branch}',
  'the branch {branch} has no commit',
  'the branch has no commit of its own',
  'the branch has no changes of its own',
  'it has no base commit',
  'not everything is committed: {files}',
  'not everything is committed: {files}, since the checks ran',
  GIT_CONFIGURED,
  UNREGISTERED,
  UNPUSHED,
  '“{base}” already contains this work, and Intercore did not merge it. Commit on the branch of the subtask only',
  'the check `{command}` failed: {problem}',
  'the set-up command `{command}` failed: {problem}',
  'the set-up command changes files of the commit: {files}',
  'the checks change files of the commit: {files}',
  // Of gates and phases.
  AGENTS_ACTIVE,
  'no artifacts found for phase "{phase}"',
  'no passing verdict found',
  'no passing verdict counts: {problem}',
  '{dispatch} did work of this run',
  '{dispatch} started before the last work was done',
  'its task is {status}: no plan is accepted',
  '{count} subtasks not merged: {subtasks}',
  'no upstream dependencies',
  'upstreams behind phase "{phase}": [{upstreams}]',
  CHILDREN_BEHIND,
  '{count} cannot be read: [{runs}]',
  'portfolio {portfolio} is not in this database',
  'every subtask merged',
  'its task was deleted',
  'plan accepted',
  'repository moved from {from} to {to}',
  'base branch changed from {from} to {to}',
] as const;

export type StoredReason = (typeof STORED_REASONS)[number];

type Given<T extends StoredReason> = Parameters<typeof because<T>>;

/** The text of a reason as it is stored. @example storedReason('exit code {code}', { code: 2 }) */
export function storedReason<const T extends StoredReason>(...given: Given<T>): Reason<T>['text'] {
  return because<T>(...given).text;
}
