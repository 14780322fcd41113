/** The SQL of runs that gates hold back (`docs/design/formats.md#gate-checks`). */
import * as z from 'zod';
import { rowCodec } from '../db/rows';
import { runId, type RunId } from '../ids';
import type { Reader } from '../unit';

/** Made once: a gate is judged for every run in sight, and a schema made for each would cost more than its query. */
const counted = rowCodec('count', z.object({ n: z.int() }));

/** Events with which a run leaves the phase it is in. */
const MOVES = "('advance', 'override', 'rollback')";

/** The id of the event with which the run moved last; 0 where it is where it started. */
export function selectLastMove(r: Reader, runId: string): number {
  const sql = `SELECT coalesce(max(id), 0) AS n FROM phase_events WHERE run_id = ? AND event_type IN ${MOVES}`;
  return r.db.get(sql, [runId], counted)?.n ?? 0;
}

/** An active run that a gate kept where it is, since the time in Unix seconds. */
export interface BlockedRun {
  readonly runId: RunId;
  readonly since: number;
}

const blockedRun = rowCodec<BlockedRun>(
  'phase_events',
  z.object({ id: runId, since: z.int() }).transform((row) => ({ runId: row.id, since: row.since })),
);

/** Active runs that tried to advance and were blocked, and have not moved since; the longest blocked first. */
export function selectBlockedRuns(r: Reader): BlockedRun[] {
  return r.db.list(`${state('')} ORDER BY since, r.id`, [], blockedRun);
}

export function selectBlockedRun(r: Reader, id: string): BlockedRun | undefined {
  return r.db.get(state('AND r.id = ?'), [id], blockedRun);
}

function state(which: string): string {
  return `SELECT r.id, min(CAST(e.created_at AS INTEGER)) AS since FROM runs r JOIN phase_events e ON e.run_id = r.id
     WHERE r.status = 'active' ${which} AND e.event_type = 'block' AND e.from_phase = r.phase
       AND e.id > (SELECT coalesce(max(m.id), 0) FROM phase_events m
                   WHERE m.run_id = r.id AND m.event_type IN ${MOVES})
     GROUP BY r.id`;
}
