/** The words and icons of tasks, subtasks and attempts. An icon's shape differs from state to state. */
import { inWords } from '../../../kernel/errors/reasons/fill';
import type { RowFlag } from '../../../contract/views';
import type { AgentRunStatus, TaskStatus } from '../../../kernel/tasks/record/machine';
import type { Subtask } from '../../../kernel/tasks/record/model';
import type { StageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import { isHeld } from '../../../kernel/tasks/subtask/held';
import { headline } from '../../rows/format';
import type { Localizer } from '../../rows/localizer';
import type { Icon } from '../../rows/row';
import type { ViewContext } from '../viewContext';
import type { TaskIssue } from '../record/subtaskParts';

const GOOD = 'testing.iconPassed';
const BAD = 'testing.iconFailed';
const WARNING = 'list.warningForeground';
const DIM = 'disabledForeground';

/** A subtask's state as one word: what its row is flagged with. */
export type SubtaskState = Exclude<
  RowFlag<'subtask'>,
  | 'unstarted'
  | 'held'
  | 'accountHeld'
  | 'failing'
  | 'setupFailed'
  | 'branch'
  | 'worktree'
  | 'elsewhere'
  | 'unseen'
  | 'pullRequest'
  | 'log'
  | 'writable'
>;

export function stateOf({ status, blockedReason }: Subtask): SubtaskState {
  switch (status) {
    case 'PENDING':
      return 'pending';
    case 'READY':
      return 'ready';
    case 'BLOCKED':
      return blockedReason === 'FAILURE' ? 'broken' : 'waiting';
    case 'IN_PROGRESS':
      return 'inProgress';
    case 'COMPLETED':
      return 'completed';
    case 'MERGED':
      return 'merged';
  }
}

export const TASK_ICONS: Readonly<Record<TaskStatus, Icon>> = {
  PLANNING: { id: 'loading~spin' },
  PLANNING_FAILED: { id: 'error', color: BAD },
  ACTIVE: { id: 'play-circle' },
  DONE: { id: 'pass', color: GOOD },
};

export const SUBTASK_ICONS: Readonly<Record<SubtaskState, Icon>> = {
  pending: { id: 'circle-outline', color: DIM },
  ready: { id: 'debug-start' },
  waiting: { id: 'lock', color: DIM },
  broken: { id: 'error', color: BAD },
  inProgress: { id: 'sync~spin' },
  completed: { id: 'git-pull-request', color: WARNING },
  merged: { id: 'git-merge', color: GOOD },
};

/** Of a subtask whose work is proven but could not be pushed or proposed. */
export const HELD_ICON: Icon = { id: 'warning', color: WARNING };

export const ATTEMPT_ICONS: Readonly<Record<AgentRunStatus, Icon>> = {
  RUNNING: { id: 'sync~spin' },
  SUCCEEDED: { id: 'pass', color: GOOD },
  FAILED: { id: 'error', color: BAD },
  CANCELLED: { id: 'circle-slash', color: DIM },
};

export function taskWord(l10n: Localizer, status: TaskStatus): string {
  return {
    PLANNING: l10n.t('planning'),
    PLANNING_FAILED: l10n.t('planning failed'),
    ACTIVE: l10n.t('active'),
    DONE: l10n.t('done'),
  }[status];
}

export function subtaskWord(l10n: Localizer, state: SubtaskState): string {
  return {
    pending: l10n.t('not planned yet'),
    ready: l10n.t('ready'),
    waiting: l10n.t('waiting'),
    broken: l10n.t('failed'),
    inProgress: l10n.t('in progress'),
    completed: l10n.t('completed, ready to merge'),
    merged: l10n.t('merged'),
  }[state];
}

/** Its state with what is special about it. */
export function stateWord(l10n: Localizer, subtask: Subtask): string {
  if (isHeld(subtask)) return l10n.t('done, without its pull request');
  if (subtask.status === 'COMPLETED' && subtask.prNumber !== null) {
    return l10n.t('pull request #{0}, ready to merge', subtask.prNumber);
  }
  return subtaskWord(l10n, stateOf(subtask));
}

/** How an issue was changed in Beads before its subtask was started. */
export function leftWord(l10n: Localizer, left: TaskIssue['left']): string | undefined {
  switch (left) {
    case undefined:
      return undefined;
    case 'closed':
      return l10n.t('closed in Beads');
    case 'deleted':
      return l10n.t('gone from Beads');
  }
}

export function issueWords(l10n: Localizer, { issueId, left }: TaskIssue): string {
  switch (left) {
    case undefined:
      return issueId;
    case 'closed':
      return l10n.t('{0}, closed in Beads before work started here; starting the subtask reopens it', issueId);
    case 'deleted':
      return l10n.t('{0}, deleted in Beads; starting the subtask creates it again', issueId);
  }
}

/** What is being done on a subtask in progress, or is next for it; undefined where nothing is, or where it failed. */
export function stageWord(
  { l10n, waitsForTurn }: ViewContext,
  { id, stage }: Subtask,
  failure: StageFailure | undefined,
): string | undefined {
  if (stage === null || failure?.nextAt === null || failure?.stage === 'setup') return undefined;
  if (waitsForTurn(id)) return stage === 'prepare' ? l10n.t('waits for its worktree') : l10n.t('waits for checks');
  return {
    prepare: l10n.t('creating its worktree'),
    agent: l10n.t('running agent'),
    verify: l10n.t('being checked'),
    push: l10n.t('being pushed'),
    pr: l10n.t('opening its pull request'),
  }[stage];
}

/** How often a stage failed, and when it is tried again; undefined where none failed. */
export function failureWord({ l10n, formats }: ViewContext, failure: StageFailure | undefined): string | undefined {
  if (failure === undefined) return undefined;
  const { stage, tries, nextAt } = failure;
  if (stage === 'setup') {
    return nextAt === null
      ? l10n.t('its set-up failed, tries: {0}', tries)
      : l10n.t('its set-up failed, tries: {0}, next at {1}', tries, formats.time(nextAt));
  }
  if (nextAt === null) return l10n.t('held, tries: {0}', tries);
  return l10n.t('tries: {0}, next at {1}', tries, formats.time(nextAt));
}

/** Where the work was proven; undefined where it is not. */
export function proofWord(l10n: Localizer, { provenWhere }: Subtask): string | undefined {
  if (provenWhere === null) return undefined;
  return {
    'clean tree': l10n.t('proven in a clean checkout'),
    'agent tree': l10n.t('proven in the worktree of the agent'),
    'agent tree with ignored files': l10n.t('proven in the worktree of the agent, with ignored files'),
  }[provenWhere];
}

/** Of a clone or a worktree that is neither the person's nor ours; undefined for another, and for none. */
export function elsewhereWord({ l10n, isElsewhere }: ViewContext, place: string | null): string | undefined {
  return place !== null && isElsewhere(place) ? l10n.t('recorded elsewhere, not opened') : undefined;
}

/** Of a worktree that cannot be seen, or is neither the person's nor ours; undefined for another, and for none. */
export function worktreeWord(context: ViewContext, place: string | null): string | undefined {
  return isWorktreeUnseen(context, place)
    ? context.l10n.t('its worktree cannot be seen')
    : elsewhereWord(context, place);
}

export function isWorktreeUnseen({ unseen }: ViewContext, place: string | null): boolean {
  return place !== null && unseen(place) !== undefined;
}

/** That the work changes what proves it; undefined where it does not. */
export function decidingWord(l10n: Localizer, { decidingFiles }: Subtask): string | undefined {
  const [first, ...others] = decidingFiles;
  if (first === undefined) return undefined;
  return others.length === 0
    ? l10n.t('changes {0}, which decides its checks', headline(first, 60))
    : inWords(l10n, 'changes {0} files that decide its checks', decidingFiles.length);
}

export function attemptWord(l10n: Localizer, status: AgentRunStatus): string {
  return {
    RUNNING: l10n.t('running'),
    SUCCEEDED: l10n.t('succeeded'),
    FAILED: l10n.t('failed'),
    CANCELLED: l10n.t('stopped'),
  }[status];
}
