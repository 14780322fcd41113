/**
 * The SQL that undoes what a run gathered in phases it leaves again
 * (`docs/design/formats.md#skipping-and-rolling-back`).
 */
import * as z from 'zod';
import { rowCodec } from '../db/rows';
import { dispatchId, type DispatchId } from '../ids';
import type { Reader, Unit } from '../unit';
import type { Run } from './model';

const idRow = rowCodec('dispatches', z.object({ id: dispatchId }));

export function rollBackArtifacts(u: Unit, run: Run, phases: readonly string[]): number {
  return u.db.run(
    `UPDATE run_artifacts SET status = 'rolled_back'
     WHERE run_id = ? AND status = 'active' AND phase IN (SELECT value FROM json_each(?))`,
    [run.id, JSON.stringify(phases)],
  );
}

export function failActiveAgents(u: Unit, run: Run): number {
  const sql = "UPDATE run_agents SET status = 'failed', updated_at = ? WHERE run_id = ? AND status = 'active'";
  return u.db.run(sql, [u.now, run.id]);
}

/** Active dispatches of this run: those of its id, and those of its scope where no other active run shares it. */
export function selectActiveDispatches(r: Reader, run: Run): DispatchId[] {
  const rows = r.db.all(
    `SELECT id FROM dispatches WHERE status IN ('spawned','running') AND (scope_id = ?1 OR (scope_id = ?2 AND NOT EXISTS
       (SELECT 1 FROM runs WHERE status = 'active' AND id <> ?1 AND (scope_id = ?2 OR id = ?2))))
     ORDER BY created_at, rowid`,
    [run.id, run.scopeId],
    idRow,
  );
  return rows.map((row) => row.id);
}
