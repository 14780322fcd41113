/** A subtask as a row, with what it waits for and the attempts at it below. */
import { shownReason } from '../../../kernel/errors/shownReason';
import { inWords } from '../../../kernel/errors/reasons/fill';
import { contextValue, type RowFlag } from '../../../contract/views';
import { KernelError } from '../../../kernel/errors/errors';
import type { AgentRunStatus } from '../../../kernel/tasks/record/machine';
import type { AgentRun, Subtask, Task } from '../../../kernel/tasks/record/model';
import { isHeld } from '../../../kernel/tasks/subtask/held';
import { hasStarted } from '../../../kernel/tasks/subtask/subtasks';
import { headline } from '../../rows/format';
import { rowRef, type Icon, type Row, type Tooltip } from '../../rows/row';
import type { FolderRecord } from '../record/folderRecord';
import { subtaskWaiting, waitingFacts, waitingWord, WAITING_ICON } from '../heldWords';
import { sentence } from '../folderRow';
import { agentOf, requestWord } from '../needs';
import type { ViewContext } from '../viewContext';
import { attemptOf, hasDispatch, tokensOfAttempts } from './taskRow';
import {
  ATTEMPT_ICONS,
  attemptWord,
  decidingWord,
  elsewhereWord,
  failureWord,
  HELD_ICON,
  isWorktreeUnseen,
  issueWords,
  leftWord,
  proofWord,
  stageWord,
  stateOf,
  stateWord,
  SUBTASK_ICONS,
  subtaskWord,
  worktreeWord,
  type SubtaskState,
} from './taskWords';

export function subtaskRow(context: ViewContext, record: FolderRecord, task: Task, subtask: Subtask): Row {
  const { folder } = record;
  const contents = record.tasks.contentsOf(task);
  const state = stateOf(subtask);
  const label = headline(subtask.title);
  const description = describe(context, record, task, subtask);
  const attempts = contents.attempts(subtask.id);
  const flags: RowFlag<'subtask'>[] = [state];
  if (!hasStarted(subtask)) flags.push('unstarted');
  if (subtask.branchName !== null && state !== 'merged') flags.push('branch');
  if (isHeld(subtask)) flags.push('held');
  const waiting = subtaskWaiting(context, record, task, subtask);
  if (waiting !== undefined) flags.push('accountHeld');
  const failure = state === 'inProgress' ? contents.failure(subtask.id) : undefined;
  if (failure !== undefined) flags.push('failing');
  if (failure?.stage === 'setup') flags.push('setupFailed');
  if (subtask.worktreePath !== null) flags.push('worktree');
  if (elsewhereWord(context, subtask.worktreePath) !== undefined) flags.push('elsewhere');
  if (isWorktreeUnseen(context, subtask.worktreePath)) flags.push('unseen');
  if (subtask.prUrl !== null) flags.push('pullRequest');
  if (attempts.some(hasDispatch) || failure?.stage === 'setup') flags.push('log');
  if (record.isWritable) flags.push('writable');
  const waitsForPerson =
    isHeld(subtask) || failure?.nextAt === null || context.requestOf(agentOf(subtask)) !== undefined;
  const hasMore = attempts.length > 0 || contents.dependsOn(subtask.id).length > 0;
  return {
    ref: rowRef({ kind: 'subtask', folder, taskId: task.id, subtaskId: subtask.id }),
    label,
    description,
    icon: iconOf(state, waitsForPerson, waiting !== undefined),
    contextValue: contextValue('subtask', flags),
    spoken: context.l10n.t('Subtask {0}, {1}', label, description),
    expands: hasMore ? 'collapsed' : 'no',
    opens: { what: 'document', target: { kind: 'subtask', folder, subtaskId: subtask.id } },
  };
}

/** What waits for a person, or for an account, is not shown as being done. */
function iconOf(state: SubtaskState, waitsForPerson: boolean, waitsForAccount: boolean): Icon {
  if (waitsForPerson) return HELD_ICON;
  return waitsForAccount ? WAITING_ICON : SUBTASK_ICONS[state];
}

function describe(context: ViewContext, record: FolderRecord, task: Task, subtask: Subtask): string {
  const { l10n, formats } = context;
  const state = stateOf(subtask);
  const tokens = tokensOfAttempts(record, record.tasks.contentsOf(task).attempts(subtask.id));
  const counts = state === 'inProgress' || state === 'broken';
  const account = waitingWord(context, subtaskWaiting(context, record, task, subtask));
  const parts = [
    requestWord(context, agentOf(subtask)),
    account,
    state === 'waiting' ? waitingWords(context, record, task, subtask) : stateWord(l10n, subtask),
    leftWord(l10n, record.tasks.contentsOf(task).issue(subtask.id)?.left),
    ...(account === undefined ? progressOf(context, record, task, subtask) : []),
    counts && !isHeld(subtask) ? attemptOf(context, record, task, subtask) : undefined,
    tokens === 0 ? undefined : inWords(l10n, '{0} tokens', formats.amount(tokens)),
    worktreeWord(context, subtask.worktreePath),
    decidingWord(l10n, subtask),
    state === 'completed' ? proofWord(l10n, subtask) : undefined,
    subtask.lastError === null ? undefined : headline(shownReason(l10n, subtask.lastError), 80),
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** What is being done, and how often that failed. */
function progressOf(context: ViewContext, record: FolderRecord, task: Task, subtask: Subtask): (string | undefined)[] {
  const failure = record.tasks.contentsOf(task).failure(subtask.id);
  return [isHeld(subtask) ? undefined : stageWord(context, subtask, failure), failureWord(context, failure)];
}

/** Those that are not merged, by name: a long list is cut. */
function waitingWords({ l10n }: ViewContext, record: FolderRecord, task: Task, subtask: Subtask): string {
  const open = record.tasks
    .contentsOf(task)
    .dependsOn(subtask.id)
    .filter(({ status }) => status !== 'MERGED')
    .map(({ title }) => headline(title, 40));
  const [first = '', second, ...others] = open;
  if (others.length > 0) return l10n.t('waits for {0} and {1} more', first, open.length - 1);
  return second === undefined ? l10n.t('waits for {0}', first) : l10n.t('waits for {0} and {1}', first, second);
}

/** What it waits for, then the attempts, newest first. */
export function subtaskChildren(context: ViewContext, record: FolderRecord, task: Task, subtask: Subtask): Row[] {
  const contents = record.tasks.contentsOf(task);
  return [
    ...contents.dependsOn(subtask.id).map((upstream) => waitsForRow(context, record, subtask, upstream)),
    ...contents.attempts(subtask.id).map((attempt) => attemptRow(context, record, attempt)),
  ];
}

function waitsForRow(context: ViewContext, record: FolderRecord, subtask: Subtask, upstream: Subtask): Row {
  const { l10n } = context;
  const { folder } = record;
  const isMerged = upstream.status === 'MERGED';
  const flags: RowFlag<'waitsFor'>[] = [isMerged ? 'merged' : 'open'];
  if (!hasStarted(subtask)) flags.push('unstarted');
  if (record.isWritable) flags.push('writable');
  const label = headline(upstream.title);
  const description = isMerged ? l10n.t('needed, merged') : l10n.t('needed, {0}', subtaskWord(l10n, stateOf(upstream)));
  return {
    ref: rowRef({ kind: 'waitsFor', folder, taskId: subtask.taskId, subtaskId: subtask.id, dependsOn: upstream.id }),
    label,
    description,
    icon: SUBTASK_ICONS[stateOf(upstream)],
    contextValue: contextValue('waitsFor', flags),
    spoken: `${label}, ${description}`,
    expands: 'no',
    opens: { what: 'document', target: { kind: 'subtask', folder, subtaskId: upstream.id } },
  };
}

const ATTEMPT_FLAGS: Readonly<Record<AgentRunStatus, RowFlag<'attempt'>>> = {
  RUNNING: 'running',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
};

export function attemptRow(context: ViewContext, record: FolderRecord, attempt: AgentRun): Row {
  const { folder } = record;
  const { taskId, subtaskId, dispatchId } = attempt;
  const label = context.l10n.t('Attempt {0}', attempt.attempt);
  const description = attemptWords(context, record, attempt);
  const isKnown = dispatchId !== null && record.dispatches.get(dispatchId) !== undefined;
  return {
    ref: rowRef({
      kind: 'attempt',
      folder,
      taskId,
      attemptId: attempt.id,
      ...(subtaskId === null ? {} : { subtaskId }),
      ...(isKnown ? { dispatchId } : {}),
    }),
    label,
    description,
    icon: ATTEMPT_ICONS[attempt.status],
    contextValue: contextValue('attempt', [ATTEMPT_FLAGS[attempt.status], ...(isKnown ? (['log'] as const) : [])]),
    spoken: `${label}, ${description}`,
    expands: 'no',
    ...(isKnown ? { opens: { what: 'document', target: { kind: 'log', folder, dispatchId } } } : {}),
  };
}

/** How an attempt stands or ended: in a row and in a report. */
export function attemptWords(context: ViewContext, record: FolderRecord, attempt: AgentRun): string {
  const { l10n, formats } = context;
  const tokens = tokensOfAttempts(record, [attempt]);
  const parts = [
    attempt.endedAt === null
      ? l10n.t('{0} since {1}', attemptWord(l10n, attempt.status), formats.time(attempt.startedAt))
      : attemptWord(l10n, attempt.status),
    attempt.endedAt === null ? undefined : formats.duration(attempt.endedAt - attempt.startedAt),
    tokens === 0 ? undefined : inWords(l10n, '{0} tokens', formats.amount(tokens)),
    attempt.errorMessage === null ? undefined : headline(shownReason(l10n, attempt.errorMessage), 200),
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

export function subtaskTooltip(context: ViewContext, record: FolderRecord, task: Task, subtask: Subtask): Tooltip {
  const facts = subtaskFacts(context, record, task, subtask);
  return { title: headline(subtask.title, 300), facts, text: headline(subtask.spec, 500) };
}

export function subtaskFacts(
  context: ViewContext,
  record: FolderRecord,
  task: Task,
  subtask: Subtask,
): (readonly [string, string])[] {
  const { l10n, formats } = context;
  const contents = record.tasks.contentsOf(task);
  const names = (list: readonly Subtask[]): string | null =>
    list.length === 0
      ? null
      : list.map((one) => `${headline(one.title)} (${subtaskWord(l10n, stateOf(one))})`).join('\n');
  const tokens = tokensOfAttempts(record, contents.attempts(subtask.id));
  const issue = contents.issue(subtask.id);
  const facts: (readonly [string, string | null])[] = [
    [l10n.t('Subtask'), l10n.t('{0}, number {1} of “{2}”', subtask.id, subtask.number, headline(task.title))],
    [l10n.t('Status'), subtaskWord(l10n, stateOf(subtask))],
    [l10n.t('Now'), stageWord(context, subtask, contents.failure(subtask.id)) ?? null],
    [l10n.t('Error'), subtask.lastError && shownReason(l10n, subtask.lastError)],
    ...waitingFacts(context, subtaskWaiting(context, record, task, subtask)),
    [l10n.t('Failure'), failureWord(context, contents.failure(subtask.id)) ?? null],
    [l10n.t('Waits for'), names(contents.dependsOn(subtask.id))],
    [l10n.t('Needed by'), names(contents.dependents(subtask.id))],
    [l10n.t('Branch'), subtask.branchName],
    [l10n.t('Worktree'), subtask.worktreePath],
    [l10n.t('Location'), locationFact(context, subtask) ?? null],
    [l10n.t('Started at'), subtask.baseSha?.slice(0, 12) ?? null],
    [l10n.t('Proven commit'), subtask.provenSha?.slice(0, 12) ?? null],
    [l10n.t('Proof'), proofWord(l10n, subtask) ?? null],
    [l10n.t('Changed files that decide its checks'), subtask.decidingFiles.join('\n') || null],
    [l10n.t('Issue in Beads'), issue === undefined ? null : issueWords(l10n, issue)],
    [l10n.t('Pull request'), subtask.prUrl],
    [l10n.t('Tokens'), tokens === 0 ? null : formats.count(tokens)],
    [l10n.t('Agent says'), subtask.closeReason],
    [l10n.t('Merged'), subtask.mergedAt === null ? null : formats.moment(subtask.mergedAt)],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}

/** What is wrong with where its worktree is, with the remedy. */
export function locationFact(context: ViewContext, { worktreePath }: Subtask): string | undefined {
  const problem = worktreePath === null ? undefined : context.unseen(worktreePath);
  if (worktreePath === null || problem === undefined) return elsewhereWord(context, worktreePath);
  const unseen = new KernelError('WORKTREE_UNSEEN', { path: worktreePath, clone: '', problem });
  const remedy = context.l10n.t(
    'Connect its disk or make its folder readable, then retry. If it is gone for good, Clean Up Worktrees forgets it.',
  );
  return `${sentence(context.l10n, unseen)} ${remedy}`;
}
