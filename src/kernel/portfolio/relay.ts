/**
 * The relay: what happens in the children's own databases is told in the portfolio's, each event exactly once, however
 * many relays run (design §7; `spec/kernel.md` §8.6).
 */
import * as z from 'zod';
import { countActive } from '../dispatch/service';
import { runId as runIdSchema, type RunId } from '../ids';
import type { Run, RunStatus } from '../run/model';
import { findRun } from '../run/queries';
import { compareAndMove } from '../run/store';
import { STATE_KEYS } from '../state/keys';
import { readState, setState } from '../state/service';
import type { Reader, Unit } from '../unit';
import type { DependencyEdge } from './model';
import { hasRelayed, insertRelayed, selectEventsAfter, selectLastEventId, type ChildEvent } from './relayStore';
import { selectDependencies } from './store';

/** A number inside a JSON string, as the original stores it. */
const storedNumber = z.string().regex(/^\d+$/).transform(Number).pipe(z.int());

/** What one look at a child's own database brought. */
export interface ChildNews {
  readonly child: Pick<Run, 'id' | 'projectDir'>;
  readonly events: readonly ChildEvent[];
  /** Whether there are more events than these. */
  readonly more: boolean;
  /** The highest event id at that look, so that an older look does not undo a newer one. */
  readonly lastEventId: number;
  /** The child's run as it is there; absent where that database does not hold it. */
  readonly state: { readonly phase: string; readonly status: RunStatus } | undefined;
  readonly activeDispatches: number;
}

export interface RelayedEvent {
  readonly projectDir: string;
  readonly type: string;
  readonly fromPhase: string;
  readonly toPhase: string;
}

/** Event types of a child as the portfolio tells them; every other type is an advance. */
const RELAYED_TYPES: Readonly<Record<string, string>> = {
  cancel: 'child_cancelled',
  block: 'child_blocked',
  pause: 'child_blocked',
  rollback: 'child_rolledback',
};

/** A cancelled or failed run stays so, whatever its mirror says. */
const FINAL: ReadonlySet<RunStatus> = new Set<RunStatus>(['cancelled', 'failed']);

/**
 * Reads a child's own database. Where it holds the child's run, only that run counts; where it does not, all its runs
 * do, as in the original.
 */
export function readChild(r: Reader, child: Pick<Run, 'id' | 'projectDir'>, since: number, limit: number): ChildNews {
  const own = findRun(r, child.id);
  const scope = own === undefined ? null : child.id;
  const events = selectEventsAfter(r, since, scope, limit);
  return {
    child,
    events,
    more: events.length === limit,
    lastEventId: selectLastEventId(r, scope),
    state: own === undefined ? undefined : { phase: own.phase, status: own.status },
    activeDispatches: countActive(r),
  };
}

/** Up to which event id the child has been relayed. */
export function relayCursor(r: Reader, portfolioId: string, child: Pick<Run, 'id' | 'projectDir'>): number {
  const own = readState(r, STATE_KEYS.relayCursor, cursorScope(portfolioId, child), storedNumber);
  if (own !== undefined) return own;
  // The original has one cursor for all portfolios of a project; it is ours if it was made for this one.
  if (!hasRelayed(r, portfolioId, reasonOf(child))) return 0;
  return readState(r, STATE_KEYS.relayCursor, child.projectDir, storedNumber) ?? 0;
}

/**
 * Tells the portfolio the news of its children, mirrors where they stand, moves the cursors and stores the number of
 * active dispatches. News that another relay has told meanwhile are left out. Gives what was told.
 */
export function relayNews(u: Unit, portfolioId: string, news: readonly ChildNews[], active: number): RelayedEvent[] {
  const edges = selectDependencies(u, portfolioId);
  const told = news.flatMap((look) => relayChild(u, portfolioId, look, edges));
  const stored = readState(u, STATE_KEYS.activeDispatchCount, portfolioId, storedNumber);
  if (stored !== active) setNumber(u, STATE_KEYS.activeDispatchCount, portfolioId, active);
  if (told.length > 0) u.touched.run(runIdSchema.parse(portfolioId));
  return told;
}

function relayChild(
  u: Unit,
  portfolioId: string,
  { child, events, lastEventId, state }: ChildNews,
  edges: readonly DependencyEdge[],
): RelayedEvent[] {
  const cursor = relayCursor(u, portfolioId, child);
  const fresh = events.filter((event) => event.id > cursor);
  const downstream = edges.filter((edge) => edge.upstream === child.projectDir);
  for (const { type, fromPhase, toPhase } of fresh) {
    insertRelayed(u, portfolioId, { fromPhase, toPhase, type: relayedType(type), reason: reasonOf(child) });
    const reason = `upstream_changed:${fromPhase}→${toPhase}`;
    downstream.forEach(() => insertRelayed(u, portfolioId, { fromPhase, toPhase, type: 'upstream_changed', reason }));
  }
  const last = fresh.at(-1);
  if (last !== undefined) setNumber(u, STATE_KEYS.relayCursor, cursorScope(portfolioId, child), last.id);
  if (state !== undefined && lastEventId >= cursor) mirror(u, child.id, state);
  return fresh.map(({ type, fromPhase, toPhase }) => ({
    projectDir: child.projectDir,
    type: relayedType(type),
    fromPhase,
    toPhase,
  }));
}

function mirror(u: Unit, id: RunId, state: { readonly phase: string; readonly status: RunStatus }): void {
  const row = findRun(u, id);
  if (row === undefined || FINAL.has(row.status)) return;
  if (row.phase === state.phase && row.status === state.status) return;
  compareAndMove(u, row, state);
  u.touched.run(id);
}

function relayedType(type: string): string {
  return Object.hasOwn(RELAYED_TYPES, type) ? (RELAYED_TYPES[type] ?? type) : 'child_advanced';
}

function reasonOf({ projectDir }: Pick<Run, 'projectDir'>): string {
  return `relay:${projectDir}`;
}

function cursorScope(portfolioId: string, { id }: Pick<Run, 'id'>): string {
  return `${portfolioId}:${id}`;
}

function setNumber(u: Unit, key: string, scopeId: string, value: number): void {
  setState(u, { key, scopeId, payload: JSON.stringify(String(value)) });
}
