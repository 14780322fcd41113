/** Held accounts of agents in words: what waits for them, and how long (`docs/design/failures.md#classes`). */
import { inWords } from '../../kernel/errors/reasons/fill';
import type { AccountHold } from '../../host/state/accountHolds';
import type { Subtask, Task } from '../../kernel/tasks/record/model';
import { agentFor, kindOf, plannerFor } from '../../kernel/tasks/subtask/neededAgent';
import { dayKey, headline } from '../rows/format';
import type { Icon } from '../rows/row';
import type { FolderRecord } from './record/folderRecord';
import type { ViewContext } from './viewContext';

/** Something that waits for the account of a kind. */
export interface Waiting {
  readonly kind: string;
  readonly hold: AccountHold;
}

export const WAITING_ICON: Icon = { id: 'watch' };

const HOUR_MINUTES = 60;

export function waitingFor({ held }: ViewContext, kind: string): Waiting | undefined {
  const hold = held.hold(kind);
  return hold && { kind, hold };
}

/** Undefined where its agent runs, or where its next step needs none. */
export function subtaskWaiting(
  context: ViewContext,
  record: FolderRecord,
  task: Task,
  subtask: Subtask,
): Waiting | undefined {
  const needed = agentFor(subtask);
  if (subtask.status !== 'IN_PROGRESS' || needed === null || isRunning(record, task, subtask.id)) return undefined;
  return waitingFor(context, kindOf(needed, context.held.agents(record.folder)));
}

export function planWaiting(context: ViewContext, record: FolderRecord, task: Task): Waiting | undefined {
  if (task.status !== 'PLANNING' || isRunning(record, task, null)) return undefined;
  return waitingFor(context, kindOf(plannerFor(task), context.held.agents(record.folder)));
}

function isRunning(record: FolderRecord, task: Task, subtaskId: Subtask['id'] | null): boolean {
  return record.tasks
    .contentsOf(task)
    .attempts(subtaskId)
    .some(({ status }) => status === 'RUNNING');
}

/** `waits for claude until 03:00, in 12 minutes`; undefined for nothing that waits. */
export function waitingWord({ l10n, formats, held }: ViewContext, waiting: Waiting | undefined): string | undefined {
  if (waiting === undefined) return undefined;
  const { kind, hold } = waiting;
  const { untilMs } = hold;
  if (untilMs === null) return l10n.t('waits until {0} is resumed', kind);
  const until = untilMs / 1000;
  const isToday = dayKey(until) === dayKey(held.nowMs() / 1000);
  const time = isToday ? formats.time(until) : formats.moment(Math.floor(until));
  const minutes = minutesLeft(untilMs, held.nowMs());
  const [hours, rest] = [Math.floor(minutes / HOUR_MINUTES), minutes % HOUR_MINUTES];
  if (hours > 0) return l10n.t('waits for {0} until {1}, in {2} h {3} min', kind, time, hours, rest);
  return inWords(l10n, 'waits for {0} until {1}, in {2} minutes', kind, time, minutes);
}

/** `claude: 12 min`, for the status bar and cards. */
export function countdown({ l10n, held }: ViewContext, { kind, hold }: Waiting): string {
  if (hold.untilMs === null) return l10n.t('{0} held', kind);
  const minutes = minutesLeft(hold.untilMs, held.nowMs());
  if (minutes < HOUR_MINUTES) return l10n.t('{0}: {1} min', kind, minutes);
  return l10n.t('{0}: {1} h {2} min', kind, Math.floor(minutes / HOUR_MINUTES), minutes % HOUR_MINUTES);
}

/** Facts for a hover: what waits until when, the account, what its agent reported, and how often in a row. */
export function waitingFacts(context: ViewContext, waiting: Waiting | undefined): (readonly [string, string])[] {
  if (waiting === undefined) return [];
  const { l10n } = context;
  const { account, reason, tries } = waiting.hold;
  return [
    [l10n.t('Limit'), waitingWord(context, waiting) ?? ''],
    [l10n.t('Account'), `${waiting.kind}, ${account}`],
    [l10n.t('Agent reported'), headline(reason, 300)],
    [l10n.t('Tries'), String(tries)],
  ];
}

/** Whole minutes, the current one included. */
function minutesLeft(untilMs: number, nowMs: number): number {
  return Math.max(1, Math.ceil((untilMs - nowMs) / 60_000));
}
