/**
 * The relay copies events from the children's own databases to the portfolio's, each exactly once, however many relays
 * run (`docs/design/portfolios.md#relay`).
 */
import * as z from 'zod';
import { countActive } from '../dispatch/service';
import { KernelError } from '../errors/errors';
import { runId as runIdSchema, type RunId } from '../ids';
import { isTerminal } from '../run/record/machine';
import type { Run, RunStatus } from '../run/record/model';
import { findRun } from '../run/record/queries';
import { compareAndMove } from '../run/record/store';
import { STATE_KEYS } from '../state/keys';
import { readState, setState } from '../state/service';
import type { Reader, Unit } from '../unit';
import { portfolioDatabaseOf } from './home';
import type { DependencyEdge } from './model';
import * as store from './relayStore';
import type { ChildEvent } from './relayStore';
import { selectDependencies } from './store';

/** A number inside a JSON string, as the original stores it. */
const storedNumber = z.string().regex(/^\d+$/).transform(Number).pipe(z.int());

const storedSeen = z.strictObject({ at: z.int().nullable() });

/** A child's row in the portfolio, as far as the relay uses it. */
export type Mirror = Pick<Run, 'id' | 'projectDir' | 'parentRunId' | 'metadata'>;

/** How far a child's events have been relayed. */
export interface RelayMark {
  /** The id of the last relayed event; 0 for none. */
  readonly cursor: number;
  /**
   * Set once the project's own database has held the child's run: the time of the event at the cursor, in Unix seconds,
   * which reveals a database that was restored from a backup.
   */
  readonly seen: { readonly at: number | null } | undefined;
}

export interface ChildState {
  readonly phase: string;
  readonly status: RunStatus;
}

/** What one reading of a child's own database returned. */
export interface ChildNews {
  readonly child: Mirror;
  /** The mark before the reading. Its events are relayed only while the mark is unchanged. */
  readonly mark: RelayMark;
  /** The event before these: the cursor, or an earlier event after the database was restored to an earlier state. */
  readonly since: number;
  readonly events: readonly ChildEvent[];
  /** Whether there are more events than these. */
  readonly more: boolean;
  /** The child's run there; absent where that database does not hold it. */
  readonly state: ChildState | undefined;
  readonly activeDispatches: number;
}

export interface RelayedEvent {
  readonly projectDir: string;
  readonly type: string;
  readonly fromPhase: string;
  readonly toPhase: string;
}

export interface RelayOutcome {
  readonly relayed: readonly RelayedEvent[];
  /** Children that another relay has handled since the reading, which must be repeated. */
  readonly overtaken: readonly RunId[];
}

/** Types of relayed events by type in the child; every other type is an advance. */
const RELAYED_TYPES: Readonly<Record<string, string>> = {
  cancel: 'child_cancelled',
  block: 'child_blocked',
  pause: 'child_blocked',
  rollback: 'child_rolledback',
};

/** How far a child's events have been relayed, from the portfolio's database. */
export function relayMark(r: Reader, portfolioId: string, child: Mirror): RelayMark {
  const scopeId = scopeOf(portfolioId, child);
  const own = readState(r, STATE_KEYS.relayCursor, scopeId, storedNumber);
  const seen = readState(r, STATE_KEYS.relaySeen, scopeId, storedSeen);
  if (own !== undefined) return { cursor: own, seen };
  // The original has one cursor for all portfolios of a project; it applies if it was created for this one.
  if (!store.hasRelayed(r, portfolioId, reasonOf(child))) return { cursor: 0, seen };
  return { cursor: readState(r, STATE_KEYS.relayCursor, child.projectDir, storedNumber) ?? 0, seen };
}

/**
 * Whether the project's own database decides the child's state, readable or not: the child was also created there, or
 * has been seen there. Otherwise the row in the portfolio is the run.
 */
export function isMirror(child: Mirror, { seen }: RelayMark): boolean {
  return seen !== undefined || portfolioDatabaseOf(child) !== undefined;
}

/**
 * Reads a child's own database. If it holds the child's run, only that run counts; if it never did, all its runs count,
 * as in the original. The mark must be read before the database.
 * @throws KernelError `NOT_FOUND` where the run was there and is gone; `ROW_INVALID`.
 */
export function readChild(r: Reader, child: Mirror, mark: RelayMark, limit: number): ChildNews {
  const own = findRun(r, child.id);
  if (own === undefined && isMirror(child, mark)) throw new KernelError('NOT_FOUND', { what: 'run', id: child.id });
  const scope = own === undefined ? null : child.id;
  const since = startOf(r, scope, mark);
  const events = store.selectEventsAfter(r, since, scope, limit);
  return {
    child,
    mark,
    since,
    events,
    more: events.length === limit,
    state: own === undefined ? undefined : { phase: own.phase, status: own.status },
    activeDispatches: own === undefined ? countActive(r) : activeOf(r, own),
  };
}

/**
 * The last event before those to relay: the cursor or, after the database was restored from a backup, the last relayed
 * event that the backup has. Later events are newer than all relayed ones.
 */
function startOf(r: Reader, scope: RunId | null, { cursor, seen }: RelayMark): number {
  if (cursor === 0) return 0;
  const at = seen?.at ?? undefined;
  if (at !== undefined && store.selectEventTime(r, cursor, scope) === at) return cursor;
  return Math.min(cursor, store.selectLastEventId(r, scope, at === undefined ? {} : { upTo: cursor, notAfter: at }));
}

/** Running dispatches of a run: of its scope, and under its own id. */
function activeOf(r: Reader, { id, scopeId }: Run): number {
  return countActive(r, id) + (scopeId === null || scopeId === id ? 0 : countActive(r, scopeId));
}

/** Whether relaying the reading would change anything. `row`: the child's current mirror. */
export function isNew({ mark, since, events, state }: ChildNews, row: ChildState): boolean {
  if (events.length > 0 || since !== mark.cursor) return true;
  return state !== undefined && (mark.seen === undefined || state.phase !== row.phase || state.status !== row.status);
}

/**
 * Relays the events of children to the portfolio, mirrors their states, moves the marks and stores the number of active
 * dispatches if given, all in one transaction. Readings whose mark another relay has moved meanwhile are omitted.
 */
export function relayNews(u: Unit, portfolioId: string, news: readonly ChildNews[], active?: number): RelayOutcome {
  const edges = selectDependencies(u, portfolioId);
  const ended = isEnded(u, portfolioId);
  const current = news.filter(({ child, mark }) => sameMark(mark, relayMark(u, portfolioId, child)));
  const relayed = current.flatMap((reading) => {
    const events = relayEvents(u, portfolioId, reading, edges);
    moveMark(u, portfolioId, reading);
    if (reading.state !== undefined) mirror(u, reading.child.id, reading.state, ended);
    return events;
  });
  if (active !== undefined && storedActive(u, portfolioId) !== active) {
    setNumber(u, STATE_KEYS.activeDispatchCount, portfolioId, active);
  }
  if (relayed.length > 0) u.touched.run(runIdSchema.parse(portfolioId));
  const overtaken = news.filter((reading) => !current.includes(reading)).map(({ child }) => child.id);
  return { relayed, overtaken };
}

/** The last stored number of active dispatches. */
export function storedActive(r: Reader, portfolioId: string): number | undefined {
  return readState(r, STATE_KEYS.activeDispatchCount, portfolioId, storedNumber);
}

function isEnded(r: Reader, portfolioId: string): boolean {
  const portfolio = findRun(r, portfolioId);
  return portfolio !== undefined && isTerminal(portfolio.status);
}

function sameMark(a: RelayMark, b: RelayMark): boolean {
  return a.cursor === b.cursor && a.seen?.at === b.seen?.at;
}

function relayEvents(
  u: Unit,
  portfolioId: string,
  { child, events }: ChildNews,
  edges: readonly DependencyEdge[],
): RelayedEvent[] {
  const downstream = edges.filter((edge) => edge.upstream === child.projectDir);
  return events.map(({ type, fromPhase, toPhase }) => {
    const relayed = { fromPhase, toPhase, type: relayedType(type) };
    store.insertRelayed(u, portfolioId, { ...relayed, reason: reasonOf(child) });
    const reason = `upstream_changed:${fromPhase}→${toPhase}`;
    downstream.forEach(() => store.insertRelayed(u, portfolioId, { ...relayed, type: 'upstream_changed', reason }));
    return { projectDir: child.projectDir, ...relayed };
  });
}

function moveMark(u: Unit, portfolioId: string, { child, mark, since, events, state }: ChildNews): void {
  const scopeId = scopeOf(portfolioId, child);
  const last = events.at(-1);
  const cursor = last?.id ?? since;
  if (cursor !== mark.cursor) setNumber(u, STATE_KEYS.relayCursor, scopeId, cursor);
  if (state === undefined) return;
  // Restored and not relayed since: the time is kept, since new events are later than all relayed ones.
  const at = last?.createdAt ?? mark.seen?.at ?? null;
  if (mark.seen !== undefined && mark.seen.at === at) return;
  setState(u, { key: STATE_KEYS.relaySeen, scopeId, payload: JSON.stringify({ at }) });
}

/** The child's own database decides, but a run that ended with its portfolio does not become active again. */
function mirror(u: Unit, id: RunId, state: ChildState, portfolioEnded: boolean): void {
  const row = findRun(u, id);
  if (row === undefined || (portfolioEnded && isTerminal(row.status))) return;
  if (row.phase === state.phase && row.status === state.status) return;
  compareAndMove(u, row, state);
  u.touched.run(id);
}

function relayedType(type: string): string {
  return Object.hasOwn(RELAYED_TYPES, type) ? (RELAYED_TYPES[type] ?? type) : 'child_advanced';
}

function reasonOf({ projectDir }: Mirror): string {
  return `relay:${projectDir}`;
}

function scopeOf(portfolioId: string, { id }: Mirror): string {
  return `${portfolioId}:${id}`;
}

function setNumber(u: Unit, key: string, scopeId: string, value: number): void {
  setState(u, { key, scopeId, payload: JSON.stringify(String(value)) });
}
