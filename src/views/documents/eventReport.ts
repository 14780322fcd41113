/** All events of a run, phases and dispatches in one list, oldest first. */
import { shownReason } from '../../kernel/errors/shownReason';
import { inWords } from '../../kernel/errors/reasons/fill';
import { gathered, mapped, type Steps } from '../../host/turns';
import type { KernelEvent } from '../../kernel/events/model';
import { DISPATCH_STATUSES, type DispatchStatus } from '../../kernel/dispatch/model';
import { eventChunks } from '../../kernel/events/service';
import { parseEvidence } from '../../kernel/gate/service';
import type { Run } from '../../kernel/run/record/model';
import { headline } from '../rows/format';
import type { Reader, Sync } from '../../kernel/unit';
import type { ViewContext } from '../projections/viewContext';

/** Shown at most; the oldest are left out first. */
const MAX_EVENTS = 20_000;
const WIDEST_COLUMN = 40;

const STATUS_CHANGE = 'status_change';

/** Reads the database that holds the run. */
type Read = <T>(work: (reader: Reader) => Sync<T>) => T;

export function* eventReport(context: ViewContext, read: Read, run: Run): Steps<string[]> {
  const title = context.l10n.t('Events of run {0}: {1}', run.id, headline(run.goal));
  return [title, '='.repeat(Math.min(80, title.length)), '', ...(yield* eventLines(context, read, run))];
}

/** What an event is called and why it happened. */
export type EventWords = Pick<KernelEvent, 'type' | 'reason'>;

const ownWords =
  ({ words }: ViewContext) =>
  ({ type, reason }: KernelEvent): EventWords => ({ type: words.event(type), reason });

/** The events themselves, one a line; `words` puts those plainly that another database's events became. */
export function* eventLines(
  context: ViewContext,
  read: Read,
  run: Run,
  words: (event: KernelEvent) => EventWords = ownWords(context),
): Steps<string[]> {
  const { l10n, formats } = context;
  const events = yield* allEvents(read, run);
  const shown = events.slice(-MAX_EVENTS);
  const older = events.length - shown.length;
  const lines = yield* inColumns(yield* mapped(shown, cells));
  return [
    ...(older === 0 ? [] : [inWords(l10n, '({0} older events are not shown)', older)]),
    ...(shown.length === 0 ? [l10n.t('There are no events yet.')] : lines),
  ];

  function cells(event: KernelEvent): string[] {
    const [from, to] = [stateOf(event, event.fromState), stateOf(event, event.toState)];
    const step = from === to ? to : `${from} → ${to}`;
    const { type, reason: why } = words(event);
    const what = event.dispatchId === null ? type : l10n.t('{0} of dispatch {1}', type, event.dispatchId);
    const reason = parseEvidence(why) === undefined ? headline(shownReason(l10n, why), 300) : l10n.t('(with evidence)');
    const by = event.caller === null || event.caller === 'vscode' ? '' : l10n.t('by {0}', event.caller);
    return [formats.moment(event.createdAt), what, step, [reason, by].filter((text) => text !== '').join('   ')];
  }

  /** The status of a dispatch in words; phases are names. */
  function stateOf({ source, type }: KernelEvent, state: string): string {
    return source === 'dispatch' && type === STATUS_CHANGE && isDispatchStatus(state)
      ? context.words.dispatch(state)
      : state;
  }
}

/** Lines with aligned cells. A cell that is longer than most shifts only its own line. */
function* inColumns(lines: readonly (readonly string[])[]): Steps<string[]> {
  const widths = [0, 1, 2].map((column) =>
    lines.reduce((widest, cells) => Math.max(widest, cells[column]?.length ?? 0), 0),
  );
  return yield* mapped(lines, (cells) =>
    cells
      .map((cell, column) => cell.padEnd(Math.min(WIDEST_COLUMN, widths[column] ?? 0)))
      .join('   ')
      .trimEnd(),
  );
}

function allEvents(read: Read, run: Run): Steps<KernelEvent[]> {
  return gathered(
    eventChunks((work) => read<readonly KernelEvent[]>(work), { runId: run.id, limit: Number.MAX_SAFE_INTEGER }),
  );
}

function isDispatchStatus(state: string): state is DispatchStatus {
  return (DISPATCH_STATUSES as readonly string[]).includes(state);
}
