/** SQL of the three event sources, each read in the order of its ids (`docs/design/formats.md#events`). */
import * as z from 'zod';
import { hasCallers } from '../callers/store';
import { rowCodec } from '../db/rows';
import type { SqlParams } from '../db/sqlTypes';
import type { Reader } from '../unit';
import { EVENT_SOURCES, type EventSource, type KernelEvent } from './model';

const orEmpty = z
  .string()
  .nullable()
  .transform((text) => text ?? '');

const eventCodec = rowCodec<KernelEvent>(
  'events',
  z
    .object({
      id: z.int(),
      run_id: orEmpty,
      source: z.enum(EVENT_SOURCES),
      event_type: z.string(),
      from_state: z.string(),
      to_state: z.string(),
      reason: orEmpty,
      created_at: z.int(),
      dispatch_id: z.string().nullable(),
      caller: z.string().nullable(),
    })
    .transform((row) => ({
      id: row.id,
      runId: row.run_id,
      source: row.source,
      type: row.event_type,
      fromState: row.from_state,
      toState: row.to_state,
      reason: row.reason,
      createdAt: row.created_at,
      dispatchId: row.dispatch_id,
      caller: row.caller,
    })),
);

/** What each source selects. Discovery events belong to no run and have their discovery instead. */
const SELECTS: Readonly<Record<EventSource, string>> = {
  discovery: `SELECT id, discovery_id AS run_id, 'discovery' AS source, event_type, from_status AS from_state,
    to_status AS to_state, payload AS reason, created_at, NULL AS dispatch_id FROM discovery_events`,
  dispatch: `SELECT id, run_id, 'dispatch' AS source, event_type, from_status AS from_state, to_status AS to_state,
    reason, created_at, dispatch_id FROM dispatch_events`,
  phase: `SELECT id, run_id, 'phase' AS source, event_type, from_phase AS from_state, to_phase AS to_state, reason,
    created_at, NULL AS dispatch_id FROM phase_events`,
};

const CALLER = `(SELECT w.caller FROM event_callers c JOIN signed_writes w ON w.id = c.write_id
  WHERE c.source = e.source AND c.event_id = e.id)`;

/** At most `limit` events of one source with ids above `since`. */
export function selectEvents(r: Reader, source: EventSource, since: number, limit: number): KernelEvent[] {
  return select(r, source, 'id > ?', [since, limit]);
}

/** The same of one run, from a source whose events belong to runs. */
export function selectRunEvents(
  r: Reader,
  source: EventSource,
  runId: string,
  since: number,
  limit: number,
): KernelEvent[] {
  return select(r, source, 'run_id = ? AND id > ?', [runId, since, limit]);
}

/** The phase event of a run with this id. */
export function phaseEventOf(r: Reader, runId: string, id: number): KernelEvent | undefined {
  return selectRunEvents(r, 'phase', runId, id - 1, 1).find((event) => event.id === id);
}

function select(r: Reader, source: EventSource, condition: string, params: SqlParams): KernelEvent[] {
  const events = `${SELECTS[source]} WHERE ${condition} ORDER BY id LIMIT ?`;
  return r.db.list(
    `SELECT e.*, ${hasCallers(r) ? CALLER : 'NULL'} AS caller FROM (${events}) e ORDER BY id`,
    params,
    eventCodec,
  );
}
