/** A task as a row, and the facts of its hover and report. */
import { shownReason } from '../../../kernel/errors/shownReason';
import { inWords } from '../../../kernel/errors/reasons/fill';
import { contextValue, type RowFlag } from '../../../contract/views';
import { POLICY_WORDS } from '../../../contract/permissions/policyWords';
import { kindsOfTask } from '../../../kernel/tasks/subtask/neededAgent';
import type { TaskStatus } from '../../../kernel/tasks/record/machine';
import type { AgentRun, Subtask, Task } from '../../../kernel/tasks/record/model';
import type { StageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import { agentKindsIn, type SubtaskCounts } from '../../../kernel/tasks/subtask/subtasks';
import { headline } from '../../rows/format';
import { rowRef, type Icon, type Row, type Tooltip } from '../../rows/row';
import { budgetFacts, gaugeWords } from '../budgetWords';
import type { FolderRecord } from '../record/folderRecord';
import { planWaiting, waitingFacts, waitingWord, WAITING_ICON } from '../heldWords';
import type { ViewContext } from '../viewContext';
import { requestWord } from '../needs';
import { failureWord, HELD_ICON, TASK_ICONS, taskWord } from './taskWords';

const FLAGS: Readonly<Record<TaskStatus, RowFlag<'task'>>> = {
  PLANNING: 'planning',
  PLANNING_FAILED: 'planningFailed',
  ACTIVE: 'active',
  DONE: 'done',
};

export function taskRow(context: ViewContext, record: FolderRecord, task: Task): Row {
  const { folder } = record;
  const label = headline(task.title);
  const description = describe(context, record, task);
  const flags: RowFlag<'task'>[] = [FLAGS[task.status]];
  const failure = record.tasks.contentsOf(task).failure(null);
  const waiting = planWaiting(context, record, task);
  const waitsForPerson = isPlanHeld(task, failure) || context.requestOf({ taskId: task.id }) !== undefined;
  if (waiting !== undefined) flags.push('accountHeld');
  if (failure !== undefined && task.status === 'PLANNING') flags.push('failing');
  if (record.tasks.contentsOf(task).attempts(null).some(hasDispatch)) flags.push('log');
  flags.push(...leadFlags(context, record));
  if (record.isWritable) flags.push('writable');
  return {
    ref: rowRef({ kind: 'task', folder, taskId: task.id }),
    label,
    description,
    icon: iconOf(task.status, waitsForPerson, waiting !== undefined),
    contextValue: contextValue('task', flags),
    spoken: context.l10n.t('Task {0}, {1}', label, description),
    expands: task.status === 'DONE' ? 'collapsed' : 'expanded',
    opens: { what: 'document', target: { kind: 'task', folder, taskId: task.id } },
  };
}

/** Whether its planning waits for a person. */
export function isPlanHeld({ status }: Task, failure: StageFailure | undefined): boolean {
  return status === 'PLANNING' && failure?.nextAt === null;
}

/** What waits for a person, or for an account, is not shown as being done. */
function iconOf(status: TaskStatus, waitsForPerson: boolean, waitsForAccount: boolean): Icon {
  if (waitsForPerson) return HELD_ICON;
  return waitsForAccount ? WAITING_ICON : TASK_ICONS[status];
}

/** Where the folder's tasks are led, by this window or by another program. */
export function leadFlags(context: ViewContext, { folder }: FolderRecord): readonly ('leading' | 'following')[] {
  const leaderState = context.leaderState(folder);
  return leaderState === 'leading' || leaderState === 'following' ? [leaderState] : [];
}

export function hasDispatch({ dispatchId }: AgentRun): boolean {
  return dispatchId !== null;
}

function describe(context: ViewContext, record: FolderRecord, task: Task): string {
  const { l10n, formats } = context;
  const { counts } = record.tasks.contentsOf(task);
  const failure = record.tasks.contentsOf(task).failure(null);
  const reason = shownReason(l10n, task.planningError ?? failure?.reason ?? '');
  const tokens = tokensOf(record, task);
  const waiting = waitingWord(context, planWaiting(context, record, task));
  const parts = [
    requestWord(context, { taskId: task.id }),
    waiting,
    task.status === 'DONE' ? undefined : taskWord(l10n, task.status),
    task.status === 'PLANNING' ? attemptOf(context, record, task, null) : undefined,
    waiting === undefined ? failureWord(context, failure) : undefined,
    reason === '' ? undefined : headline(reason, 80),
    task.status === 'ACTIVE' || task.status === 'DONE' ? progressWords(context, counts) : undefined,
    budgetOf(context, record, task) ?? (tokens === 0 ? undefined : inWords(l10n, '{0} tokens', formats.amount(tokens))),
    context.records().length > 1 ? context.nameOf(record.folder) : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** The budget of a task is its run's. */
function budgetOf(context: ViewContext, record: FolderRecord, { runId }: Task): string | undefined {
  const leaderState = record.budgets.ofRun({ id: runId, projectDir: record.folder });
  return leaderState === undefined ? undefined : gaugeWords(context, leaderState);
}

export function progressWords({ l10n }: ViewContext, { all, merged }: SubtaskCounts): string {
  return l10n.t('{0} of {1} merged', merged, all);
}

/** Which attempt of this round is running or was the last, of how many. */
export function attemptOf(
  context: ViewContext,
  record: FolderRecord,
  task: Task,
  subtask: Subtask | null,
): string | undefined {
  const attempts = record.tasks.contentsOf(task).attempts(subtask?.id ?? null);
  const count = attempts.filter(({ attempt }) => attempt >= (subtask ?? task).firstAttempt).length;
  return count === 0 ? undefined : context.l10n.t('attempt {0} of {1}', count, context.maxAttempts(record.folder));
}

/** All that the agents of a task have used. */
export function tokensOf(record: FolderRecord, task: Task): number {
  return record.tasks.contentsOf(task).tokens;
}

export function tokensOfAttempts(record: FolderRecord, attempts: readonly AgentRun[]): number {
  return attempts.reduce((sum, { dispatchId }) => {
    const dispatch = dispatchId === null ? undefined : record.dispatches.get(dispatchId);
    return sum + (dispatch === undefined ? 0 : dispatch.inputTokens + dispatch.outputTokens);
  }, 0);
}

export function taskTooltip(context: ViewContext, record: FolderRecord, task: Task): Tooltip {
  return {
    title: headline(task.title, 300),
    facts: taskFacts(context, record, task),
    text: headline(task.description, 500),
  };
}

export function taskFacts(context: ViewContext, record: FolderRecord, task: Task): (readonly [string, string])[] {
  const { l10n, formats } = context;
  const { counts } = record.tasks.contentsOf(task);
  const project = record.tasks.projects().find(({ id }) => id === task.projectId);
  const leaderState = record.budgets.detailsOf(task.runId);
  const facts: (readonly [string, string | null | undefined])[] = [
    [l10n.t('Task'), task.id],
    [l10n.t('Status'), taskWord(l10n, task.status)],
    ...waitingFacts(context, planWaiting(context, record, task)),
    [l10n.t('Error'), task.planningError && shownReason(l10n, task.planningError)],
    [l10n.t('Subtasks'), counts.all === 0 ? null : progressWords(context, counts)],
    [l10n.t('Project'), project?.name],
    [l10n.t('Run'), task.runId],
    [l10n.t('Permissions'), policyOf(context, record, task)],
    [l10n.t('Workers start'), task.autoStart ? l10n.t('automatically') : l10n.t('manually')],
    ...(leaderState === undefined ? [] : budgetFacts(context, leaderState)),
    [l10n.t('Created'), formats.moment(task.createdAt)],
    [l10n.t('Planned'), task.plannedAt === null ? null : formats.moment(task.plannedAt)],
  ];
  return facts.flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, value] as const]));
}

/** Its permission policy, and which of its agents it does not hold back; null for that of the settings. */
function policyOf(context: ViewContext, record: FolderRecord, task: Task): string | null {
  const { l10n, held, runsInSession } = context;
  if (task.permissions === null) return null;
  const policy = l10n.t(POLICY_WORDS[task.permissions]);
  const subtasks = record.read((r) => agentKindsIn(r, task.id));
  const kinds = kindsOfTask(task, subtasks, held.agents(record.folder)).filter((kind) => !runsInSession(kind));
  if (task.permissions === 'allowAll' || kinds.length === 0) return policy;
  return l10n.t('{0}. Not for {1}, whose agents ask for nothing', policy, kinds.join(', '));
}
