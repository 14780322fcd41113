/** Tasks and subtasks as cards of the board: state, reason and actions in words (`docs/board.md`). Pure. */
import type { BoardAction, BoardCard, BoardTask, CardStanding, TaskStanding } from '../../contract/pages/board';
import type { TaskStatus } from '../../kernel/tasks/record/machine';
import type { Subtask, Task } from '../../kernel/tasks/record/model';
import { isHeld } from '../../kernel/tasks/subtask/held';
import { headline } from '../format';
import type { Localizer } from '../localizer';
import type { FolderRecord } from '../projections/folderRecord';
import type { Scene } from '../projections/scene';
import {
  attemptOf,
  hasDispatch,
  isPlanHeld,
  progressWords,
  tokensOf,
  tokensOfAttempts,
} from '../projections/task/taskRow';
import { countdown, planWaiting, subtaskWaiting, waitingWord, type Waiting } from '../projections/dispatch/heldWords';
import {
  decidingWord,
  elsewhereWord,
  failureWord,
  isWorktreeUnseen,
  proofWord,
  stageWord,
  standingOf,
  worktreeWord,
} from '../projections/task/taskWords';
import { budgetWords, gaugesOf, taskBudget } from './boardBudget';

/** What a card is made from. */
export interface CardSource {
  readonly scene: Scene;
  readonly record: FolderRecord;
  readonly task: Task;
}

/** Longest title and reason that a card is sent: the details have the whole. */
const LONGEST_TITLE = 200;
const LONGEST_REASON = 400;

const TASK_STANDING: Readonly<Record<TaskStatus, TaskStanding>> = {
  PLANNING: 'planning',
  PLANNING_FAILED: 'planningFailed',
  ACTIVE: 'active',
  DONE: 'done',
};

export function taskStanding({ scene, record, task }: CardSource): TaskStanding {
  if (isPlanHeld(task, record.tasks.contentsOf(task).failure(null))) return 'stageHeld';
  return planWaiting(scene, record, task) === undefined ? TASK_STANDING[task.status] : 'accountHeld';
}

export function cardStanding({ scene, record, task }: CardSource, subtask: Subtask): CardStanding | 'pending' {
  if (isHeld(subtask)) return 'held';
  const standing = standingOf(subtask);
  if (standing !== 'inProgress') return standing;
  if (record.tasks.contentsOf(task).failure(subtask.id)?.nextAt === null) return 'stageHeld';
  return subtaskWaiting(scene, record, task, subtask) === undefined ? standing : 'accountHeld';
}

export function standingWord(l10n: Localizer, standing: CardStanding | 'pending'): string {
  return {
    pending: l10n.t('Not planned yet'),
    ready: l10n.t('Ready'),
    waiting: l10n.t('Waiting on dependency'),
    broken: l10n.t('Failed'),
    inProgress: l10n.t('In Progress'),
    accountHeld: l10n.t('Held'),
    stageHeld: l10n.t('Held'),
    held: l10n.t('Done, without its pull request'),
    completed: l10n.t('Completed'),
    merged: l10n.t('Merged'),
  }[standing];
}

export function taskStandingWord(l10n: Localizer, standing: TaskStanding): string {
  return {
    planning: l10n.t('Planning'),
    accountHeld: l10n.t('Planning Held'),
    stageHeld: l10n.t('Planning Held'),
    planningFailed: l10n.t('Planning Failed'),
    active: l10n.t('Active'),
    done: l10n.t('Complete'),
  }[standing];
}

/** Undefined for one that is not planned yet. */
export function subtaskCard(source: CardSource, subtask: Subtask): BoardCard | undefined {
  const standing = cardStanding(source, subtask);
  if (standing === 'pending') return undefined;
  const { l10n } = source.scene;
  const state = standingWord(l10n, standing);
  const title = headline(subtask.title, LONGEST_TITLE);
  const facts = cardFacts(source, subtask, standing);
  const reason = reasonOf(source, subtask);
  return {
    id: subtask.id,
    taskId: subtask.taskId,
    title,
    standing,
    state,
    facts,
    reason,
    actions: subtaskActions(source, subtask),
    spoken: [title, state, ...facts, reason].filter((part) => part !== '').join(', '),
  };
}

/** Why it does not go on: whom it waits for, or what went wrong last. */
export function reasonOf({ scene: { l10n }, record, task }: CardSource, subtask: Subtask): string {
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
  return subtask.lastError === null ? '' : headline(subtask.lastError, LONGEST_REASON);
}

const COUNTS_ATTEMPTS: ReadonlySet<CardStanding> = new Set<CardStanding>([
  ...(['inProgress', 'accountHeld', 'stageHeld', 'broken'] as const),
]);

function cardFacts({ scene, record, task }: CardSource, subtask: Subtask, standing: CardStanding): string[] {
  const { l10n, formats } = scene;
  const attempts = record.tasks.contentsOf(task).attempts(subtask.id);
  const running = attempts.find(({ endedAt }) => endedAt === null);
  // A card has one line for it: the whole sentence would be cut before the time.
  const held = subtaskWaiting(scene, record, task, subtask);
  const waiting = held && countdown(scene, held);
  const failure = record.tasks.contentsOf(task).failure(subtask.id);
  const tokens = tokensOfAttempts(record, attempts);
  const facts = [
    waiting ?? (standing === 'held' ? undefined : stageWord(scene, subtask, failure)),
    failureWord(scene, failure),
    COUNTS_ATTEMPTS.has(standing) ? attemptOf(scene, record, task, subtask) : undefined,
    running === undefined ? undefined : l10n.t('since {0}', formats.time(running.startedAt)),
    subtask.prNumber === null ? undefined : l10n.t('pull request #{0}', subtask.prNumber),
    worktreeWord(scene, subtask.worktreePath),
    decidingWord(l10n, subtask),
    standing === 'completed' ? proofWord(l10n, subtask) : undefined,
    tokens === 0 ? undefined : l10n.t('{0} tokens', formats.amount(tokens)),
  ];
  return facts.filter((fact) => fact !== undefined);
}

/** The first is what the card is for; the details offer them all. Without the right to write only looking is left. */
export function subtaskActions({ scene, record, task }: CardSource, subtask: Subtask): BoardAction[] {
  const writable = record.isWritable;
  const hasLog = record.tasks.contentsOf(task).attempts(subtask.id).some(hasDispatch);
  const failure = record.tasks.contentsOf(task).failure(subtask.id);
  // A limit of an account is lifted by its reset, and not by another try.
  const waiting = subtaskWaiting(scene, record, task, subtask);
  const waits = isHeld(subtask) || waiting !== undefined;
  const isFailing = subtask.status === 'IN_PROGRESS' && !waits && failure !== undefined;
  const hasFailedSetup = isFailing && failure.stage === 'setup';
  const hasChanges = subtask.branchName !== null && subtask.status !== 'MERGED';
  const offered: [BoardAction, boolean][] = [
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
    ['cleanUp', writable && isWorktreeUnseen(scene, subtask.worktreePath)],
    ['trustLocation', writable && elsewhereWord(scene, subtask.worktreePath) !== undefined],
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
  const { scene, record, task } = source;
  const { l10n, formats } = scene;
  const { counts } = record.tasks.contentsOf(task);
  const standing = taskStanding(source);
  const state = taskStandingWord(l10n, standing);
  const title = headline(task.title, LONGEST_TITLE);
  const tokens = tokensOf(record, task);
  const budgeted = taskBudget(record, task);
  const budget = budgetWords(scene, budgeted);
  const isPlanned = task.status === 'ACTIVE' || task.status === 'DONE';
  const attempt = isPlanned ? undefined : attemptOf(scene, record, task, null);
  const facts = [
    isPlanned ? progressWords(scene, counts) : undefined,
    attempt,
    waitingWord(scene, planWaiting(scene, record, task)),
    isPlanned ? undefined : failureWord(scene, record.tasks.contentsOf(task).failure(null)),
    budgeted !== undefined || tokens === 0 ? undefined : l10n.t('{0} tokens', formats.amount(tokens)),
    task.autoStart && task.status !== 'DONE' ? l10n.t('starts by itself') : undefined,
  ].filter((fact) => fact !== undefined);
  const reason = task.planningError === null ? '' : headline(task.planningError, LONGEST_REASON);
  return {
    id: task.id,
    title,
    description: headline(task.description, LONGEST_TITLE),
    standing,
    state,
    facts,
    reason,
    merged: isPlanned ? counts.merged : 0,
    subtasks: isPlanned ? counts.all : 0,
    gauges: gaugesOf(scene, budgeted),
    budget,
    actions: taskActions(source),
    spoken: [title, state, ...facts, budget, reason].filter((part) => part !== '').join(', '),
  };
}

export function taskActions({ scene, record, task }: CardSource): BoardAction[] {
  const writable = record.isWritable;
  const hasLog = record.tasks.contentsOf(task).attempts(null).some(hasDispatch);
  const isFailing = task.status === 'PLANNING' && record.tasks.contentsOf(task).failure(null) !== undefined;
  const waiting = planWaiting(scene, record, task);
  const offered: [BoardAction, boolean][] = [
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
