/** Tasks and subtasks as cards of the board: state, reason and actions in words (`docs/board.md`). Pure. */
import { shownReason } from '../../kernel/errors/shownReason';
import { inWords } from '../../kernel/errors/reasons/fill';
import type { BoardAction, BoardCard, BoardTask, CardState, TaskState } from '../../contract/pages/board';
import type { TaskStatus } from '../../kernel/tasks/record/machine';
import type { Subtask, Task } from '../../kernel/tasks/record/model';
import { isHeld } from '../../kernel/tasks/subtask/held';
import { headline } from '../rows/format';
import type { Localizer } from '../rows/localizer';
import type { FolderRecord } from '../projections/record/folderRecord';
import type { ViewContext } from '../projections/viewContext';
import {
  attemptOf,
  hasDispatch,
  isPlanHeld,
  progressWords,
  tokensOf,
  tokensOfAttempts,
} from '../projections/task/taskRow';
import { countdown, planWaiting, subtaskWaiting, waitingWord, type Waiting } from '../projections/heldWords';
import {
  decidingWord,
  elsewhereWord,
  failureWord,
  isWorktreeUnseen,
  proofWord,
  stageWord,
  stateOf,
  worktreeWord,
} from '../projections/task/taskWords';
import { agentOf, reasonOf as requestWords } from '../projections/needs';
import { budgetWords, gaugesOf, taskBudget } from './boardBudget';

/** What a card is made from. */
export interface CardSource {
  readonly context: ViewContext;
  readonly record: FolderRecord;
  readonly task: Task;
}

/** Longest title and reason that a card is sent: the details have the whole. */
const LONGEST_TITLE = 200;
const LONGEST_REASON = 400;

const TASK_STATE_OF: Readonly<Record<TaskStatus, TaskState>> = {
  PLANNING: 'planning',
  PLANNING_FAILED: 'planningFailed',
  ACTIVE: 'active',
  DONE: 'done',
};

export function taskState({ context, record, task }: CardSource): TaskState {
  if (isPlanHeld(task, record.tasks.contentsOf(task).failure(null))) return 'stageHeld';
  if (planWaiting(context, record, task) !== undefined) return 'accountHeld';
  const isAsking = task.status === 'PLANNING' && context.requestOf({ taskId: task.id }) !== undefined;
  return isAsking ? 'asking' : TASK_STATE_OF[task.status];
}

export function cardState({ context, record, task }: CardSource, subtask: Subtask): CardState | 'pending' {
  if (isHeld(subtask)) return 'held';
  const status = stateOf(subtask);
  if (status !== 'inProgress') return status;
  if (record.tasks.contentsOf(task).failure(subtask.id)?.nextAt === null) return 'stageHeld';
  if (subtaskWaiting(context, record, task, subtask) !== undefined) return 'accountHeld';
  return context.requestOf(agentOf(subtask)) === undefined ? status : 'asking';
}

export function stateWord(l10n: Localizer, status: CardState | 'pending'): string {
  return {
    pending: l10n.t('Not planned yet'),
    ready: l10n.t('Ready'),
    waiting: l10n.t('Waiting on dependency'),
    broken: l10n.t('Failed'),
    inProgress: l10n.t('In Progress'),
    asking: l10n.t('Waiting for an answer'),
    accountHeld: l10n.t('Held'),
    stageHeld: l10n.t('Held'),
    held: l10n.t('Done, without its pull request'),
    completed: l10n.t('Completed'),
    merged: l10n.t('Merged'),
  }[status];
}

export function taskStateWord(l10n: Localizer, status: TaskState): string {
  return {
    planning: l10n.t('Planning'),
    asking: l10n.t('Waiting for an answer'),
    accountHeld: l10n.t('Planning Held'),
    stageHeld: l10n.t('Planning Held'),
    planningFailed: l10n.t('Planning Failed'),
    active: l10n.t('Active'),
    done: l10n.t('Complete'),
  }[status];
}

/** Undefined for one that is not planned yet. */
export function subtaskCard(source: CardSource, subtask: Subtask): BoardCard | undefined {
  const status = cardState(source, subtask);
  if (status === 'pending') return undefined;
  const { l10n } = source.context;
  const state = stateWord(l10n, status);
  const title = headline(subtask.title, LONGEST_TITLE);
  const facts = cardFacts(source, subtask, status);
  const reason = reasonOf(source, subtask);
  return {
    id: subtask.id,
    taskId: subtask.taskId,
    title,
    status,
    state,
    facts,
    reason,
    actions: subtaskActions(source, subtask),
    spoken: [title, state, ...facts, reason].filter((part) => part !== '').join(', '),
  };
}

/** Why it does not continue: the request of its agent, its dependencies, or its last failure. */
export function reasonOf({ context, record, task }: CardSource, subtask: Subtask): string {
  const { l10n } = context;
  const request = context.requestOf(agentOf(subtask));
  if (request !== undefined) return headline(requestWords(context, request), LONGEST_REASON);
  if (subtask.blockedReason === 'DEPENDENCY') {
    const open = record.tasks
      .contentsOf(task)
      .dependsOn(subtask.id)
      .filter(({ status }) => status !== 'MERGED');
    const [first, ...others] = open.map(({ title }) => headline(title, 60));
    if (first === undefined) return '';
    return others.length === 0
      ? l10n.t('Waits for {0}', first)
      : l10n.t('Waits for {0}', [first, ...others].join(', '));
  }
  return subtask.lastError === null ? '' : headline(shownReason(l10n, subtask.lastError), LONGEST_REASON);
}

const COUNTS_ATTEMPTS: ReadonlySet<CardState> = new Set<CardState>([
  ...(['inProgress', 'asking', 'accountHeld', 'stageHeld', 'broken'] as const),
]);

function cardFacts({ context, record, task }: CardSource, subtask: Subtask, status: CardState): string[] {
  const { l10n, formats } = context;
  const attempts = record.tasks.contentsOf(task).attempts(subtask.id);
  const running = attempts.find(({ endedAt }) => endedAt === null);
  // A card has one line for it: the whole sentence would be cut before the time.
  const held = subtaskWaiting(context, record, task, subtask);
  const waiting = held && countdown(context, held);
  const failure = record.tasks.contentsOf(task).failure(subtask.id);
  const tokens = tokensOfAttempts(record, attempts);
  const facts = [
    waiting ?? (status === 'held' ? undefined : stageWord(context, subtask, failure)),
    failureWord(context, failure),
    COUNTS_ATTEMPTS.has(status) ? attemptOf(context, record, task, subtask) : undefined,
    running === undefined ? undefined : l10n.t('since {0}', formats.time(running.startedAt)),
    subtask.prNumber === null ? undefined : l10n.t('pull request #{0}', subtask.prNumber),
    worktreeWord(context, subtask.worktreePath),
    decidingWord(l10n, subtask),
    status === 'completed' ? proofWord(l10n, subtask) : undefined,
    tokens === 0 ? undefined : inWords(l10n, '{0} tokens', formats.amount(tokens)),
  ];
  return facts.filter((fact) => fact !== undefined);
}

/** The first is what the card is for; the details offer them all. Without the right to write only looking is left. */
export function subtaskActions({ context, record, task }: CardSource, subtask: Subtask): BoardAction[] {
  const writable = record.isWritable;
  const hasLog = record.tasks.contentsOf(task).attempts(subtask.id).some(hasDispatch);
  const failure = record.tasks.contentsOf(task).failure(subtask.id);
  // A limit of an account is lifted by its reset, and not by another try.
  const waiting = subtaskWaiting(context, record, task, subtask);
  const waits = isHeld(subtask) || waiting !== undefined;
  const isFailing = subtask.status === 'IN_PROGRESS' && !waits && failure !== undefined;
  const hasFailedSetup = isFailing && failure.stage === 'setup';
  const hasChanges = subtask.branchName !== null && subtask.status !== 'MERGED';
  const offered: [BoardAction, boolean][] = [
    ['answer', context.requestOf(agentOf(subtask)) !== undefined],
    ['start', writable && subtask.status === 'READY'],
    ['resumeAccount', waiting !== undefined],
    ['retryPullRequest', writable && isHeld(subtask)],
    ['retrySetup', writable && hasFailedSetup],
    ['retry', writable && (subtask.blockedReason === 'FAILURE' || (isFailing && !hasFailedSetup))],
    ['stop', writable && subtask.status === 'IN_PROGRESS'],
    ['pauseAccount', isCountedDown(waiting)],
    ['merge', writable && subtask.status === 'COMPLETED'],
    ['openPullRequest', isWebAddress(subtask.prUrl)],
    ['markMerged', writable && (isHeld(subtask) || subtask.status === 'COMPLETED')],
    ['showChanges', writable && hasChanges],
    ['showLog', hasLog || hasFailedSetup],
    ['showPrompt', hasLog],
    ['openWorktree', subtask.worktreePath !== null],
    ['cleanUp', writable && isWorktreeUnseen(context, subtask.worktreePath)],
    ['trustLocation', writable && elsewhereWord(context, subtask.worktreePath) !== undefined],
    ['copyBranch', subtask.branchName !== null],
    ['showReport', true],
  ];
  return offered.filter(([, suits]) => suits).map(([action]) => action);
}

/** Its account resumes at the reset, without a person. */
function isCountedDown(waiting: Waiting | undefined): boolean {
  return waiting !== undefined && waiting.hold.untilMs !== null;
}

/** Only such an address is ever opened: the record may hold anything. */
export function isWebAddress(address: string | null): boolean {
  return address !== null && URL.canParse(address) && new URL(address).protocol === 'https:';
}

export function taskCard(source: CardSource): BoardTask {
  const { context, record, task } = source;
  const { l10n, formats } = context;
  const { counts } = record.tasks.contentsOf(task);
  const status = taskState(source);
  const state = taskStateWord(l10n, status);
  const title = headline(task.title, LONGEST_TITLE);
  const tokens = tokensOf(record, task);
  const budgeted = taskBudget(record, task);
  const budget = budgetWords(context, budgeted);
  const isPlanned = task.status === 'ACTIVE' || task.status === 'DONE';
  const attempt = isPlanned ? undefined : attemptOf(context, record, task, null);
  const facts = [
    isPlanned ? progressWords(context, counts) : undefined,
    attempt,
    waitingWord(context, planWaiting(context, record, task)),
    isPlanned ? undefined : failureWord(context, record.tasks.contentsOf(task).failure(null)),
    budgeted !== undefined || tokens === 0 ? undefined : inWords(l10n, '{0} tokens', formats.amount(tokens)),
    task.autoStart && task.status !== 'DONE' ? l10n.t('starts automatically') : undefined,
  ].filter((fact) => fact !== undefined);
  const reason = headline(plannerReason(source), LONGEST_REASON);
  return {
    id: task.id,
    title,
    description: headline(task.description, LONGEST_TITLE),
    status,
    state,
    facts,
    reason,
    merged: isPlanned ? counts.merged : 0,
    subtasks: isPlanned ? counts.all : 0,
    gauges: gaugesOf(context, budgeted),
    budget,
    actions: taskActions(source),
    spoken: [title, state, ...facts, budget, reason].filter((part) => part !== '').join(', '),
  };
}

/** Why its planning does not continue: the request of its planner, or its last failure. */
export function plannerReason({ context, task }: CardSource): string {
  const request = context.requestOf({ taskId: task.id });
  return request === undefined ? shownReason(context.l10n, task.planningError ?? '') : requestWords(context, request);
}

export function taskActions({ context, record, task }: CardSource): BoardAction[] {
  const writable = record.isWritable;
  const hasLog = record.tasks.contentsOf(task).attempts(null).some(hasDispatch);
  const isFailing = task.status === 'PLANNING' && record.tasks.contentsOf(task).failure(null) !== undefined;
  const waiting = planWaiting(context, record, task);
  const offered: [BoardAction, boolean][] = [
    ['answer', context.requestOf({ taskId: task.id }) !== undefined],
    ['resumeAccount', waiting !== undefined],
    ['retryPlanning', writable && (task.status === 'PLANNING_FAILED' || isFailing)],
    ['stopPlanning', writable && task.status === 'PLANNING'],
    ['pauseAccount', isCountedDown(waiting)],
    ['showLog', hasLog],
    ['showPrompt', hasLog],
    ['toggleAutoStart', writable && task.status !== 'DONE'],
    ['showReport', true],
    ['delete', writable],
  ];
  return offered.filter(([, suits]) => suits).map(([action]) => action);
}
