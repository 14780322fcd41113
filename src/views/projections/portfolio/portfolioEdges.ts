/** The dependencies of a portfolio as rows: all of them in words, and those of one child. */
import { contextValue } from '../../../contract/views';
import type { DependencyEdge } from '../../../kernel/portfolio/model';
import type { ChildSnapshot, PortfolioSnapshot, WaitsFor } from '../../../services/portfolio/home/model';
import { rowRef, type Icon, type Row, type RowRef } from '../../rows/row';
import type { ProjectNames } from './portfolioWords';
import type { ViewContext } from '../viewContext';

/** `parcel-api → parcel-web`, and whether the second waits for the first now. */
export function dependencyRow(
  context: ViewContext,
  names: ProjectNames,
  snapshot: PortfolioSnapshot,
  edge: DependencyEdge,
  isWritable: boolean,
): Row {
  const { l10n } = context;
  const waiting = waitingFor(snapshot, edge);
  const [upstream, downstream] = [names(edge.upstream), names(edge.downstream)];
  const description =
    waiting === undefined
      ? l10n.t('satisfied')
      : l10n.t('{0} at {1}, needs {2}', upstream, waiting.phase, waiting.needs);
  return row(snapshot, edge, '', isWritable, waiting !== undefined, {
    label: `${upstream} → ${downstream}`,
    description,
    spoken: l10n.t('{0} depends on {1}, {2}', downstream, upstream, description),
  });
}

/** Below a child: the projects it depends on, with what it waits for, and those that depend on it. */
export function neighborRows(
  context: ViewContext,
  names: ProjectNames,
  snapshot: PortfolioSnapshot,
  child: ChildSnapshot,
  isWritable: boolean,
): Row[] {
  const { l10n } = context;
  const { projectDir } = child;
  const before = snapshot.edges.filter((edge) => edge.downstream === projectDir);
  const after = snapshot.edges.filter((edge) => edge.upstream === projectDir && edge.downstream !== projectDir);
  return [
    ...before.map((edge) => neighbor(edge, edge.upstream, l10n.t('Depends on {0}', names(edge.upstream)))),
    ...after.map((edge) => neighbor(edge, edge.downstream, l10n.t('Needed by {0}', names(edge.downstream)))),
  ];

  function neighbor(edge: DependencyEdge, other: string, label: string): Row {
    const waiting = waitingFor(snapshot, edge);
    const there = snapshot.children.find((one) => one.projectDir === other);
    const at = there === undefined ? l10n.t('not in this portfolio') : l10n.t('at {0}', there.run.phase);
    const description = waiting === undefined ? at : l10n.t('waits: at {0}, needs {1}', waiting.phase, waiting.needs);
    return row(snapshot, edge, projectDir, isWritable, waiting !== undefined, {
      label,
      description,
      spoken: `${label}, ${description}`,
    });
  }
}

/** The circle that another program stored among the dependencies. */
export function cycleRow(
  { l10n }: ViewContext,
  names: ProjectNames,
  portfolioId: string,
  cycle: readonly string[],
): Row {
  const label = l10n.t('Circle');
  const description = cycle.map(names).join(' → ');
  return {
    ref: rowRef({ kind: 'dependencyCycle', portfolioId }),
    label,
    description,
    icon: { id: 'warning', color: 'list.warningForeground' },
    contextValue: contextValue('dependencyCycle', []),
    spoken: l10n.t('Circular dependency: {0}', description),
    expands: 'no',
  };
}

/** A child as it is carried from row to row. */
export interface DraggedChild {
  readonly portfolioId: string;
  readonly projectDir: string;
}

/**
 * The meaning of dropping children on a row: dragging B onto A makes B depend on A. Nothing comes of a child dropped on
 * itself, on another portfolio's child or on any other row.
 */
export function droppedEdges(dragged: readonly DraggedChild[], target: RowRef | undefined): readonly DependencyEdge[] {
  if (target?.kind !== 'child') return [];
  return dragged
    .filter((one) => one.portfolioId === target.portfolioId && one.projectDir !== target.projectDir)
    .map(({ projectDir }) => ({ upstream: target.projectDir, downstream: projectDir }));
}

function waitingFor({ children }: PortfolioSnapshot, { upstream, downstream }: DependencyEdge): WaitsFor | undefined {
  const waits = children.filter((child) => child.projectDir === downstream).flatMap((child) => child.waitsFor);
  return waits.find((wait) => wait.projectDir === upstream);
}

const WAITING: Icon = { id: 'lock', color: 'list.warningForeground' };

function row(
  { run }: PortfolioSnapshot,
  { upstream, downstream }: DependencyEdge,
  at: string,
  isWritable: boolean,
  isWaiting: boolean,
  words: Pick<Row, 'label' | 'description' | 'spoken'>,
): Row {
  const flags = [...(isWaiting ? (['waiting'] as const) : []), ...(isWritable ? (['writable'] as const) : [])];
  return {
    ref: rowRef({ kind: 'dependency', portfolioId: run.id, upstream, downstream, at }),
    ...words,
    icon: isWaiting ? WAITING : { id: 'arrow-right' },
    contextValue: contextValue('dependency', flags),
    expands: 'no',
  };
}
