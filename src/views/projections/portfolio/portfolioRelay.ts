/** The relay of a portfolio as a row, and the events it brought. */
import { inWords } from '../../../kernel/errors/reasons/fill';
import { contextValue, type RowFlag } from '../../../contract/views';
import type { KernelEvent } from '../../../kernel/events/model';
import { shownReason } from '../../../kernel/errors/shownReason';
import { phaseEventOf } from '../../../kernel/events/store';
import { parseEvidence } from '../../../kernel/gate/service';
import type { PhaseEvent } from '../../../kernel/run/record/model';
import type { PortfolioSnapshot, RelayState } from '../../../services/portfolio/home/model';
import type { Localizer } from '../../rows/localizer';
import { rowRef, type Icon, type PortfolioEventRef, type Row, type Tooltip } from '../../rows/row';
import { explain } from '../folderRow';
import type { PortfolioRecord } from '../record/portfolioRecord';
import { type ProjectNames } from './portfolioWords';
import type { ViewContext } from '../viewContext';
import { eventIcon, joined } from '../words';

/** An event of the portfolio's own, or one that the relay brought, with the project it came from. */
export function portfolioEventRow(context: ViewContext, names: ProjectNames, event: PhaseEvent): Row {
  const { l10n, formats } = context;
  const project = relayedFrom(event);
  const label = event.fromPhase === event.toPhase ? event.toPhase : `${event.fromPhase} → ${event.toPhase}`;
  const parts = [context.words.event(event.type), project && names(project), formats.moment(event.createdAt)];
  const description = joined(parts);
  return {
    ref: rowRef({ kind: 'portfolioEvent', portfolioId: event.runId, eventId: event.id }),
    label,
    description,
    icon: RELAYED_ICONS[event.type] ?? eventIcon(event.type),
    contextValue: contextValue('portfolioEvent', []),
    spoken: l10n.t('Event {0}, {1}', label, description),
    expands: 'no',
    opens: { what: 'document', target: { kind: 'portfolio', portfolioId: event.runId } },
  };
}

/** Why an event of the portfolio happened: what its gate checked, with every child by name, or the stored reason. */
export function portfolioEventTooltip(
  context: ViewContext,
  names: ProjectNames,
  record: PortfolioRecord,
  { portfolioId, eventId }: PortfolioEventRef,
): Tooltip | undefined {
  const event = record.readHome<KernelEvent | undefined>((r) => phaseEventOf(r, portfolioId, eventId));
  if (event === undefined) return undefined;
  const { reason } = eventWords(context, names, event);
  const conditions = parseEvidence(reason);
  const facts = (conditions ?? []).map((condition) => {
    const behind = condition.behind?.map(
      ({ project, phase, problem }) =>
        `${names(project)} (${problem === undefined ? phase : shownReason(context.l10n, problem)})`,
    );
    const { detail } = condition;
    const checked = detail === undefined ? context.l10n.t('passes') : shownReason(context.l10n, detail);
    const found = behind?.join(', ') ?? checked;
    return [context.words.condition(condition), found] as const;
  });
  return {
    title: `${event.fromState} → ${event.toState} · ${context.words.event(event.type)}`,
    facts,
    ...(conditions !== undefined || reason === '' ? {} : { text: reason }),
  };
}

/** `relay`: as it is at this moment, with the time of the last cycle. */
export function relayTooltip(
  { l10n, formats }: ViewContext,
  names: ProjectNames,
  { children }: PortfolioSnapshot,
  relay: RelayState,
): Tooltip {
  const problems = children.flatMap(({ run, projectDir }) => {
    const problem = relay.problems.get(run.id);
    return problem === undefined ? [] : [[names(projectDir), explain(l10n, problem)] as const];
  });
  const unrelayed = children.reduce((sum, child) => sum + child.unrelayed, 0);
  return {
    title: l10n.t('Relay'),
    facts: [
      [l10n.t('Last cycle'), relay.lastCycleAt === undefined ? l10n.t('none yet') : formats.moment(relay.lastCycleAt)],
      [l10n.t('Relayed events'), formats.count(relay.relayed)],
      [l10n.t('Events to relay'), formats.count(unrelayed)],
      ...problems,
    ],
    text:
      relay.error === undefined
        ? l10n.t('Copies events, phases, and statuses of the children to the portfolio.')
        : explain(l10n, relay.error),
  };
}

export function relayRow(context: ViewContext, record: PortfolioRecord, snapshot: PortfolioSnapshot): Row {
  const { relay, run } = snapshot;
  const flags: RowFlag<'relay'>[] = [
    relay.isPaused ? 'paused' : relay.error === undefined ? 'running' : 'failing',
    ...(record.isWritable ? (['writable'] as const) : []),
  ];
  const label = context.l10n.t('Relay');
  const description = relayWords(context, snapshot);
  return {
    ref: rowRef({ kind: 'relay', portfolioId: run.id }),
    label,
    description,
    icon:
      relay.error === undefined
        ? { id: relay.isPaused ? 'debug-pause' : 'sync' }
        : { id: 'warning', color: 'list.warningForeground' },
    contextValue: contextValue('relay', flags),
    spoken: `${label}, ${description}`,
    expands: 'no',
  };
}

function relayWords({ l10n }: ViewContext, { relay, children }: PortfolioSnapshot): string {
  const waiting = children.reduce((sum, child) => sum + child.unrelayed, 0);
  return joined([
    relay.isPaused ? l10n.t('paused') : undefined,
    relay.error === undefined ? undefined : explain(l10n, relay.error),
    waiting > 0
      ? lagWords(l10n, waiting)
      : relay.lastCycleAt === undefined
        ? l10n.t('not run yet')
        : l10n.t('up to date'),
    relay.relayed === 0 ? undefined : l10n.t('{0} relayed', relay.relayed),
    unreadableWords(l10n, relay.problems.size),
  ]);
}

function lagWords(l10n: Localizer, events: number): string {
  return inWords(l10n, '{0} events to relay', events);
}

function unreadableWords(l10n: Localizer, children: number): string | undefined {
  if (children === 0) return undefined;
  return inWords(l10n, '{0} children cannot be read', children);
}

const RELAYED_ICONS: Readonly<Record<string, Icon>> = {
  child_advanced: eventIcon('advance'),
  child_blocked: eventIcon('block'),
  child_cancelled: eventIcon('cancel'),
  child_rolledback: eventIcon('rollback'),
  upstream_changed: { id: 'arrow-swap' },
};

/** Other programs write other types, and the portfolio's own are those of every run. */
/** What an event of a portfolio is called and why it happened: of a relayed one, which project it came from. */
export function eventWords(
  { l10n, words }: Pick<ViewContext, 'l10n' | 'words'>,
  names: ProjectNames,
  event: { readonly type: string; readonly reason: string },
): { readonly type: string; readonly reason: string } {
  const type = words.event(event.type);
  const project = relayedFrom(event);
  if (project !== undefined) return { type, reason: l10n.t('from {0}', names(project)) };
  // The step that it repeats is next to it.
  return { type, reason: event.type === 'upstream_changed' ? '' : shownReason(l10n, event.reason) };
}

const RELAYED = 'relay:';

/** The project of a relayed event, as the relay stores it (`docs/design/portfolios.md#relay`). */
function relayedFrom({ reason }: { readonly reason: string | null }): string | undefined {
  return reason?.startsWith(RELAYED) === true ? reason.slice(RELAYED.length) : undefined;
}
