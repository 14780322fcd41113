/** The SQL of the relay: a child's events as they are read, and as they are written to the portfolio (§8.6). */
import * as z from 'zod';
import { rowCodec } from '../db/rows';
import type { RunId } from '../ids';
import type { Reader, Unit } from '../unit';

export interface ChildEvent {
  readonly id: number;
  readonly fromPhase: string;
  readonly toPhase: string;
  readonly type: string;
}

const childEventRow = rowCodec<ChildEvent>(
  'phase_events',
  z
    .object({ id: z.int(), from_phase: z.string(), to_phase: z.string(), event_type: z.string() })
    .transform((row) => ({ id: row.id, fromPhase: row.from_phase, toPhase: row.to_phase, type: row.event_type })),
);

const numberRow = rowCodec('phase_events', z.object({ n: z.int() }));

/** Phase events after an id, in order: of one run, or of all where none is named. */
export function selectEventsAfter(r: Reader, since: number, runId: RunId | null, limit: number): ChildEvent[] {
  return r.db.all(
    `SELECT id, from_phase, to_phase, event_type FROM phase_events
     WHERE id > ?1 AND (?2 IS NULL OR run_id = ?2) ORDER BY id LIMIT ?3`,
    [since, runId, limit],
    childEventRow,
  );
}

/** The highest id of a run's phase events, or of all; 0 for none. */
export function selectLastEventId(r: Reader, runId: RunId | null): number {
  const found = r.db.get(
    'SELECT coalesce(max(id), 0) AS n FROM phase_events WHERE ?1 IS NULL OR run_id = ?1',
    [runId],
    numberRow,
  );
  return found?.n ?? 0;
}

/** Whether anything of a project was ever relayed to the portfolio. */
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
  u.db.run(
    `INSERT INTO phase_events (run_id, from_phase, to_phase, event_type, reason, created_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
    [portfolioId, event.fromPhase, event.toPhase, event.type, event.reason, u.now],
  );
}
