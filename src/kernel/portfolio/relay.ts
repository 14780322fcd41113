/**
 * The relay: what happens in the children's own databases is told in the portfolio's, each event exactly once, however
 * many relays run (`docs/design/portfolios.md#relay`).
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

/** A child's row in the portfolio, as far as the relay goes. */
export type Mirror = Pick<Run, 'id' | 'projectDir' | 'parentRunId' | 'metadata'>;

/** Up to where a child has been told. */
export interface RelayMark {
  /** The id of the last event told; 0 for none. */
  readonly cursor: number;
  /**
   * There once the project's own database has held the child's run; with the time of the event at the cursor, in unix
   * seconds, by which a database that was put back is known.
   */
  readonly seen: { readonly at: number | null } | undefined;
}

export interface ChildState {
  readonly phase: string;
  readonly status: RunStatus;
}

/** What one look at a child's own database brought. */
export interface ChildNews {
  readonly child: Mirror;
  /** The mark before the look. News are told only while it still stands. */
  readonly mark: RelayMark;
  /** What the events follow: the cursor, or an earlier event where the database was put back to an earlier state. */
  readonly since: number;
  readonly events: readonly ChildEvent[];
  /** Whether there are more events than these. */
  readonly more: boolean;
  /** The child's run as it is there; absent where that database does not hold it. */
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
  readonly told: readonly RelayedEvent[];
  /** Children that another relay told of since the look: it has to be done again. */
  readonly overtaken: readonly RunId[];
}

/** Event types of a child as the portfolio tells them; every other type is an advance. */
const RELAYED_TYPES: Readonly<Record<string, string>> = {
  cancel: 'child_cancelled',
  block: 'child_blocked',
  pause: 'child_blocked',
  rollback: 'child_rolledback',
};

/** Up to where a child has been told, in the portfolio's database. */
export function relayMark(r: Reader, portfolioId: string, child: Mirror): RelayMark {
  const scopeId = scopeOf(portfolioId, child);
  const own = readState(r, STATE_KEYS.relayCursor, scopeId, storedNumber);
  const seen = readState(r, STATE_KEYS.relaySeen, scopeId, storedSeen);
  if (own !== undefined) return { cursor: own, seen };
  // The original has one cursor for all portfolios of a project; it is ours if it was made for this one.
  if (!store.hasRelayed(r, portfolioId, reasonOf(child))) return { cursor: 0, seen };
  return { cursor: readState(r, STATE_KEYS.relayCursor, child.projectDir, storedNumber) ?? 0, seen };
}

/**
 * Whether the project's own database decides where the child stands, be it readable or not: it was made there too, or
 * has been seen there. Elsewhere the row in the portfolio is the run.
 */
export function isMirror(child: Mirror, { seen }: RelayMark): boolean {
  return seen !== undefined || portfolioDatabaseOf(child) !== undefined;
}

/**
 * Reads a child's own database. Where it holds the child's run, only that run counts; where it never did, all its runs
 * do, as in the original. The mark must have been read before the database was.
 * @throws KernelError `NOT_FOUND` where the run was there and is not any more; `ROW_INVALID`.
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
 * The event after which the untold ones come. That is the cursor, unless a backup took the database's place: then it is
 * the last event of those told that the backup still has. What happened since is later than all that was told.
 */
function startOf(r: Reader, scope: RunId | null, { cursor, seen }: RelayMark): number {
  if (cursor === 0) return 0;
  const at = seen?.at ?? undefined;
  if (at !== undefined && store.selectEventTime(r, cursor, scope) === at) return cursor;
  return Math.min(cursor, store.selectLastEventId(r, scope, at === undefined ? {} : { upTo: cursor, notAfter: at }));
}

/** Running dispatches for a run: those of its scope, and those under its own id. */
function activeOf(r: Reader, { id, scopeId }: Run): number {
  return countActive(r, id) + (scopeId === null || scopeId === id ? 0 : countActive(r, scopeId));
}

/** Whether telling them would change anything. `row`: the child's mirror as it stands. */
export function isNew({ mark, since, events, state }: ChildNews, row: ChildState): boolean {
  if (events.length > 0 || since !== mark.cursor) return true;
  return state !== undefined && (mark.seen === undefined || state.phase !== row.phase || state.status !== row.status);
}

/**
 * Tells the portfolio the news of its children, mirrors where they stand, moves the marks and stores the number of
 * active dispatches where it is given, all in one transaction. News whose mark another relay has moved meanwhile are
 * left out.
 */
export function relayNews(u: Unit, portfolioId: string, news: readonly ChildNews[], active?: number): RelayOutcome {
  const edges = selectDependencies(u, portfolioId);
  const ended = isEnded(u, portfolioId);
  const current = news.filter(({ child, mark }) => sameMark(mark, relayMark(u, portfolioId, child)));
  const told = current.flatMap((look) => {
    const events = tellEvents(u, portfolioId, look, edges);
    moveMark(u, portfolioId, look);
    if (look.state !== undefined) mirror(u, look.child.id, look.state, ended);
    return events;
  });
  if (active !== undefined && storedActive(u, portfolioId) !== active) {
    setNumber(u, STATE_KEYS.activeDispatchCount, portfolioId, active);
  }
  if (told.length > 0) u.touched.run(runIdSchema.parse(portfolioId));
  const overtaken = news.filter((look) => !current.includes(look)).map(({ child }) => child.id);
  return { told, overtaken };
}

/** The number of active dispatches that a relay stored last. */
export function storedActive(r: Reader, portfolioId: string): number | undefined {
  return readState(r, STATE_KEYS.activeDispatchCount, portfolioId, storedNumber);
}

function isEnded(r: Reader, portfolioId: string): boolean {
  const portfolio = findRun(r, portfolioId);
  return portfolio !== undefined && isTerminal(portfolio.status);
}

function sameMark(one: RelayMark, other: RelayMark): boolean {
  return one.cursor === other.cursor && one.seen?.at === other.seen?.at;
}

function tellEvents(
  u: Unit,
  portfolioId: string,
  { child, events }: ChildNews,
  edges: readonly DependencyEdge[],
): RelayedEvent[] {
  const downstream = edges.filter((edge) => edge.upstream === child.projectDir);
  return events.map(({ type, fromPhase, toPhase }) => {
    const told = { fromPhase, toPhase, type: relayedType(type) };
    store.insertRelayed(u, portfolioId, { ...told, reason: reasonOf(child) });
    const reason = `upstream_changed:${fromPhase}→${toPhase}`;
    downstream.forEach(() => store.insertRelayed(u, portfolioId, { ...told, type: 'upstream_changed', reason }));
    return { projectDir: child.projectDir, ...told };
  });
}

function moveMark(u: Unit, portfolioId: string, { child, mark, since, events, state }: ChildNews): void {
  const scopeId = scopeOf(portfolioId, child);
  const last = events.at(-1);
  const cursor = last?.id ?? since;
  if (cursor !== mark.cursor) setNumber(u, STATE_KEYS.relayCursor, scopeId, cursor);
  if (state === undefined) return;
  // Put back and not told of since: the time stays, since what is to come is later than all that was told.
  const at = last?.createdAt ?? mark.seen?.at ?? null;
  if (mark.seen !== undefined && mark.seen.at === at) return;
  setState(u, { key: STATE_KEYS.relaySeen, scopeId, payload: JSON.stringify({ at }) });
}

/** The child's own database decides, but nothing that ended with its portfolio starts again. */
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
