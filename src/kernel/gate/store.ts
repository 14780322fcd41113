/** SQL of runs that gates block (`docs/design/formats.md#gate-checks`). */
import * as z from 'zod';
import { rowCodec } from '../db/rows';
import { runId, type RunId } from '../ids';
import type { Reader } from '../unit';

/** Created once: gates are evaluated for every visible run, and creating the schema costs more than the query. */
const counted = rowCodec('count', z.object({ n: z.int() }));

/** Events with which a run leaves its phase. */
const MOVES = "('advance', 'override', 'rollback')";

/** The id of the event of the run's last move; 0 if it has not moved. */
export function selectLastMove(r: Reader, runId: string): number {
  const sql = `SELECT coalesce(max(id), 0) AS n FROM phase_events WHERE run_id = ? AND event_type IN ${MOVES}`;
  return r.db.get(sql, [runId], counted)?.n ?? 0;
}

/** An active run that a gate blocks, since a time in Unix seconds. */
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
