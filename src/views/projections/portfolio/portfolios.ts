/** The *Portfolio* view: portfolios, their children upstream first, gate, dependencies, events and relay. */
import { inWords } from '../../../kernel/errors/reasons/fill';
import { KernelError } from '../../../kernel/errors/errors';
import { newestPhaseEvents, countPhaseEvents } from '../../../kernel/run/record/queries';
import type { ChildSnapshot, PortfolioSnapshot } from '../../../services/portfolio/home/model';
import type { Paged, Projection, Row, RowRef, Tooltip } from '../../rows/row';
import { dispatchTooltip } from '../dispatch/dispatchRow';
import { groupRow, page, PAGE_SIZE, rest } from '../pages';
import { gateConditionTooltip } from '../run/phaseRows';
import { childContents, childRow, childTooltip } from './portfolioChildren';
import { behindRows, gateConditionRows, portfolioGroups } from './portfolioContents';
import { cycleRow, dependencyRow } from './portfolioEdges';
import type { PortfolioRecord } from '../record/portfolioRecord';
import { portfolioEventRow, portfolioEventTooltip, relayTooltip } from './portfolioRelay';
import {
  invalidChildRow,
  invalidPortfolioRow,
  portfolioState,
  portfolioTooltip,
  storedPortfolioRow,
} from './portfolioRow';
import { projectNames, type ProjectNames } from './portfolioWords';
import { recordOf, type ViewContext } from '../viewContext';

/** A portfolio with what its rows are made from. */
interface Subject {
  readonly snapshot: PortfolioSnapshot;
  readonly names: ProjectNames;
}

export class PortfoliosProjection implements Projection {
  constructor(
    private readonly context: ViewContext,
    private readonly record: PortfolioRecord,
  ) {}

  roots(): Row[] {
    const { context, record } = this;
    if (!record.isReadable) return [];
    return [
      ...record.open().flatMap(({ id }) => storedPortfolioRow(context, record, id)),
      ...record.invalid().map((invalid) => invalidPortfolioRow(context, invalid.id, invalid)),
      ...this.dayRows(),
    ];
  }

  children(ref: RowRef): readonly Row[] {
    const { context, record } = this;
    if (ref.kind === 'group') {
      const { gathers } = ref;
      return gathers.group === 'older' ? this.pageOf(gathers.of, gathers.from) : this.pageOf(gathers, 0);
    }
    if (ref.kind === 'portfolio') return this.about(ref, (subject) => this.portfolioContents(subject));
    if (ref.kind === 'portfolioCondition') {
      return this.about(ref, ({ snapshot, names }) => behindRows(context, record, snapshot, ref.index, names));
    }
    if (ref.kind !== 'child') return [];
    return this.about(ref, ({ snapshot, names }) => {
      const child = childOf(snapshot, ref.runId);
      return child === undefined ? [] : childContents(context, record, snapshot, child, names);
    });
  }

  tooltip(ref: RowRef): Tooltip | undefined {
    const { context, record } = this;
    if (ref.kind === 'dispatch') return this.dispatchTooltip(ref);
    if (!('portfolioId' in ref)) return undefined;
    const snapshot = record.get(ref.portfolioId);
    if (snapshot === undefined) return undefined;
    const names = projectNames(context, snapshot);
    if (ref.kind === 'portfolio') return this.portfolioTooltip(snapshot);
    if (ref.kind === 'relay') return relayTooltip(context, names, snapshot, record.snapshots.relay(ref.portfolioId));
    if (ref.kind === 'portfolioEvent') return portfolioEventTooltip(context, names, record, ref);
    if (ref.kind === 'portfolioCondition') return gateConditionTooltip(context, record.gate(snapshot), ref.index);
    const child = ref.kind === 'child' ? childOf(snapshot, ref.runId) : undefined;
    return child && childTooltip(context, names, snapshot, child);
  }

  private dayRows(): Row[] {
    const { l10n, formats } = this.context;
    return [...this.record.ended()].map(([day, runs]) => {
      const count = inWords(l10n, '{0} portfolios', runs.length);
      return groupRow({ group: 'portfolioDay', day }, formats.day(day), count, { id: 'calendar' });
    });
  }

  private portfolioContents({ snapshot, names }: Subject): Row[] {
    const { context, record } = this;
    const { id } = snapshot.run;
    return [
      ...this.childRows(snapshot, names, 0),
      ...snapshot.invalid.map((invalid) => invalidChildRow(context, id, invalid)),
      ...portfolioGroups(context, record, snapshot),
    ];
  }

  /** The rows of one list from `from` on. */
  private pageOf(of: Paged, from: number): Row[] {
    const { context, record } = this;
    if (of.group === 'portfolioDay') {
      const runs = record.isReadable ? (record.ended().get(of.day) ?? []) : [];
      return page(context, runs, from, ({ id }) => storedPortfolioRow(context, record, id), of);
    }
    if (!('portfolioId' in of)) return [];
    return this.about(of, ({ snapshot, names }) => {
      switch (of.group) {
        case 'children':
          return this.childRows(snapshot, names, from);
        case 'behind':
          return behindRows(context, record, snapshot, of.index, names, from);
        case 'gate':
          return gateConditionRows(context, record, snapshot);
        case 'dependencies':
          return this.dependencyRows(snapshot, names, from);
        case 'portfolioEvents':
          return this.eventRows(snapshot, names, from);
      }
    });
  }

  private childRows({ run, children }: PortfolioSnapshot, names: ProjectNames, from: number): Row[] {
    const of = { group: 'children', portfolioId: run.id } as const;
    return page(this.context, children, from, (child) => [childRow(this.context, names, run.id, child)], of);
  }

  private dependencyRows(snapshot: PortfolioSnapshot, names: ProjectNames, from: number): Row[] {
    const { context, record } = this;
    const { run, edges, cycle } = snapshot;
    const of = { group: 'dependencies', portfolioId: run.id } as const;
    const circle = cycle === undefined || from > 0 ? [] : [cycleRow(context, names, run.id, cycle)];
    const toRows = (edge: (typeof edges)[number]) => [dependencyRow(context, names, snapshot, edge, record.isWritable)];
    return [...circle, ...page(context, edges, from, toRows, of)];
  }

  private eventRows({ run }: PortfolioSnapshot, names: ProjectNames, from: number): Row[] {
    const { context, record } = this;
    const { events, count } = record.readHome((r) => ({
      events: newestPhaseEvents(r, run.id, from, PAGE_SIZE),
      count: countPhaseEvents(r, run.id),
    }));
    const of = { group: 'portfolioEvents', portfolioId: run.id } as const;
    return [
      ...events.map((event) => portfolioEventRow(context, names, event)),
      ...rest(context, count, from + PAGE_SIZE, of),
    ];
  }

  /** A row is rarely wide enough for all that holds a portfolio back. */
  private portfolioTooltip(snapshot: PortfolioSnapshot): Tooltip {
    const { context, record } = this;
    const tooltip = portfolioTooltip(context, snapshot);
    if (snapshot.run.status !== 'active') return tooltip;
    return { ...tooltip, text: portfolioState(context, record, snapshot) };
  }

  private dispatchTooltip(ref: { folder: string; dispatchId: string }): Tooltip | undefined {
    const record = recordOf(this.context, ref.folder);
    const dispatch = record?.isReadable === true ? record.dispatches.get(ref.dispatchId) : undefined;
    return record === undefined || dispatch === undefined ? undefined : dispatchTooltip(this.context, record, dispatch);
  }

  private about({ portfolioId }: { readonly portfolioId: string }, rows: (subject: Subject) => Row[]): Row[] {
    const snapshot = this.record.get(portfolioId);
    if (snapshot === undefined) return [];
    try {
      return rows({ snapshot, names: projectNames(this.context, snapshot) });
    } catch (error) {
      // What another program stored below this portfolio cannot be read: show that in its place.
      if (!KernelError.is(error, 'ROW_INVALID')) throw error;
      const { id, column, problem } = error.facts;
      return [invalidPortfolioRow(this.context, portfolioId, { id, column, problem })];
    }
  }
}

function childOf({ children }: PortfolioSnapshot, runId: string): ChildSnapshot | undefined {
  return children.find(({ run }) => run.id === runId);
}
