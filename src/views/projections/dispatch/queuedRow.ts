/** Dispatches that wait for a limit, as rows. */
import { shownReason } from '../../../kernel/errors/shownReason';
import { contextValue, type RowFlag } from '../../../contract/views';
import type { QueuedDispatch } from '../../../kernel/queue/model';
import { headline } from '../../rows/format';
import { rowRef, type Row, type Tooltip } from '../../rows/row';
import type { FolderRecord } from '../record/folderRecord';
import { waitingFacts, waitingFor, waitingWord, type Waiting } from '../heldWords';
import type { InvalidRow } from '../../../kernel/db/rows';
import type { ViewContext } from '../viewContext';

/** The lines of some folders as one, the first in line first; rows that cannot be read come last. */
export function queuedRows(context: ViewContext, records: readonly FolderRecord[]): Row[] {
  const waiting = records.flatMap((record) => record.queue().queued.map((queued) => ({ record, queued })));
  const invalid = records.flatMap((record) => record.queue().invalid.map((row) => invalidRow(context, record, row)));
  waiting.sort((a, b) => a.queued.queuedAtMs - b.queued.queuedAtMs);
  return [...waiting.map(({ record, queued }) => queuedRow(context, record, queued)), ...invalid];
}

export function queuedTooltip(context: ViewContext, record: FolderRecord, id: string): Tooltip | undefined {
  const queued = record.queue().queued.find((one) => one.id === id);
  if (queued === undefined) return undefined;
  const { l10n, formats } = context;
  const error = queued.problem ?? record.queueFailure(id)?.reason;
  const facts: (readonly [string, string | null])[] = [
    [l10n.t('Dispatch'), queued.id],
    [l10n.t('Agent'), queued.request.kind],
    [l10n.t('Run'), goalOf(record, queued) ?? null],
    [l10n.t('Queued'), formats.moment(secondsOf(queued))],
    [l10n.t('Prompt'), queued.request.prompt.file],
    ...waitingFacts(context, waitingOf(context, queued)),
    [l10n.t('Error'), error === undefined ? null : shownReason(l10n, error)],
  ];
  return {
    title: headline(nameOf(queued), 300),
    facts: facts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
  };
}

function queuedRow(context: ViewContext, record: FolderRecord, queued: QueuedDispatch): Row {
  const { l10n, formats } = context;
  const { problem } = queued;
  const isNamed = queued.request.name !== undefined;
  const isForeign = !context.isQueuedHere(queued);
  const waiting = waitingOf(context, queued);
  const state = (): string => {
    if (isForeign) return l10n.t('not queued in this window: waits until you allow agents');
    if (problem !== null) return l10n.t('queued, but cannot start: {0}', headline(shownReason(l10n, problem), 120));
    const failure = record.queueFailure(queued.id);
    if (failure !== undefined && failure.nextAt !== null) {
      const [reason, next] = [headline(shownReason(l10n, failure.reason), 120), formats.time(failure.nextAt)];
      return l10n.t('queued, not started, next try at {0}: {1}', next, reason);
    }
    return waitingWord(context, waiting) ?? l10n.t('queued since {0}', formats.time(secondsOf(queued)));
  };
  const description = [
    state(),
    isNamed ? queued.request.kind : undefined,
    context.records().length > 1 ? context.nameOf(record.folder) : undefined,
    goalOf(record, queued),
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
  const isStuck = isForeign || problem !== null;
  const isHeld = waiting !== undefined;
  return row(context, record, { id: queued.id, label: headline(nameOf(queued)), description, isStuck, isHeld });
}

/** What it waits for, where it may start without a person. */
function waitingOf(context: ViewContext, queued: QueuedDispatch): Waiting | undefined {
  if (queued.problem !== null || !context.isQueuedHere(queued)) return undefined;
  return waitingFor(context, queued.request.kind);
}

function invalidRow(context: ViewContext, record: FolderRecord, { id, column, problem }: InvalidRow): Row {
  const description = context.l10n.t('cannot be read: {0}: {1}', column, problem.text);
  return row(context, record, { id, label: id, description, isStuck: true, isHeld: false });
}

interface Content {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** It does not start automatically. */
  readonly isStuck: boolean;
  /** A limit holds the account of its agent. */
  readonly isHeld: boolean;
}

function row({ l10n }: ViewContext, record: FolderRecord, { id, label, description, isStuck, isHeld }: Content): Row {
  const flags: RowFlag<'queued'>[] = [isStuck ? 'problem' : 'waiting'];
  if (isHeld) flags.push('accountHeld');
  if (record.isWritable) flags.push('writable');
  return {
    ref: rowRef({ kind: 'queued', folder: record.folder, dispatchId: id }),
    label,
    description,
    icon: isStuck ? { id: 'warning', color: 'list.warningForeground' } : { id: 'watch' },
    contextValue: contextValue('queued', flags),
    spoken: l10n.t('Queued dispatch {0}, {1}', label, description),
    expands: 'no',
  };
}

function nameOf({ request }: QueuedDispatch): string {
  return request.name ?? request.kind;
}

function goalOf(record: FolderRecord, { runId }: QueuedDispatch): string | undefined {
  return runId === null ? undefined : headline(record.runs.get(runId)?.goal ?? runId, 40);
}

function secondsOf({ queuedAtMs }: QueuedDispatch): number {
  return Math.floor(queuedAtMs / 1000);
}
