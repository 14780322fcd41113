/** SQL of the relay: reads a child's events, and writes them to the portfolio (`docs/design/portfolios.md#relay`). */
import * as z from 'zod';
import type { RowOf } from '../db/defineTable';
import { rowCodec } from '../db/rows';
import type { RunId } from '../ids';
import { PHASE_EVENTS } from '../run/record/model';
import type { Reader, Unit } from '../unit';

const childEvents = PHASE_EVENTS.part('id', 'fromPhase', 'toPhase', 'type', 'createdAt');
/** An event of a child; its time is in Unix seconds. */
export type ChildEvent = RowOf<typeof childEvents>;

const numberRow = rowCodec('phase_events', z.object({ n: z.int() }));

/** Phase events after an id, in order: of one run, or of all if none is given. */
export function selectEventsAfter(r: Reader, since: number, runId: RunId | null, limit: number): ChildEvent[] {
  return r.db.list(
    `SELECT ${childEvents.columns} FROM phase_events
     WHERE id > ?1 AND (?2 IS NULL OR run_id = ?2) ORDER BY id LIMIT ?3`,
    [since, runId, limit],
    childEvents,
  );
}

export interface EventBounds {
  /** Only ids up to this one. */
  readonly upTo?: number;
  /** Only events of this second or earlier. */
  readonly notAfter?: number;
}

/** The highest id of the phase events of a run, or of all, within the bounds; 0 for none. */
export function selectLastEventId(r: Reader, runId: RunId | null, { upTo, notAfter }: EventBounds): number {
  const found = r.db.get(
    `SELECT coalesce(max(id), 0) AS n FROM phase_events
     WHERE (?1 IS NULL OR run_id = ?1) AND (?2 IS NULL OR id <= ?2) AND (?3 IS NULL OR created_at <= ?3)`,
    [runId, upTo ?? null, notAfter ?? null],
    numberRow,
  );
  return found?.n ?? 0;
}

/** The time of an event of a run, or of any, in Unix seconds; undefined if there is no such event. */
export function selectEventTime(r: Reader, id: number, runId: RunId | null): number | undefined {
  return r.db.get(
    'SELECT created_at AS n FROM phase_events WHERE id = ?1 AND (?2 IS NULL OR run_id = ?2)',
    [id, runId],
    numberRow,
  )?.n;
}

/** Whether any event of a project was ever relayed to the portfolio. */
export function hasRelayed(r: Reader, portfolioId: string, reason: string): boolean {
  return (
    r.db.rows('SELECT 1 FROM phase_events WHERE run_id = ? AND reason = ? LIMIT 1', [portfolioId, reason]).length > 0
  );
}

export interface NewRelayedEvent {
  readonly fromPhase: string;
  readonly toPhase: string;
  readonly type: string;
  readonly reason: string;
}

export function insertRelayed(u: Unit, portfolioId: string, event: NewRelayedEvent): void {
  u.db.run(...PHASE_EVENTS.insert({ ...event, runId: portfolioId, createdAt: u.now }));
}
