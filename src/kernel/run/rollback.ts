/**
 * Rolling back to an earlier phase (`docs/design/formats.md#skipping-and-rolling-back`), with all effects in one
 * transaction.
 */
import * as z from 'zod';
import { RUN_GUARDS } from './guards';
import { rowCodec } from '../db/rows';
import { KernelError } from '../errors/errors';
import { dispatchId, type DispatchId } from '../ids';
import { nonBlank, parseInput, plainText } from '../input';
import type { Reader, Unit } from '../unit';
import { positionOf } from './record/chain';
import { nextStatus } from './record/machine';
import type { RollbackOutcome, RollbackPlan, Run } from './record/model';
import { getRun } from './record/queries';
import * as store from './record/store';
import { moveRun } from './transition';

const rollbackInput = z.strictObject({
  toPhase: nonBlank,
  /** Absent or empty: none. */
  reason: plainText.optional(),
});
export type RollbackRunInput = z.input<typeof rollbackInput>;

/**
 * The effects of a rollback. Does not check the run's status, as the original's dry run.
 * @throws KernelError `NOT_FOUND`, `PHASE_NOT_IN_CHAIN`, `PHASE_NOT_BEHIND`, `ROW_INVALID`.
 */
export function planRollback(r: Reader, id: string, toPhase: string): RollbackPlan {
  return plan(getRun(r, id), toPhase);
}

/**
 * The agents that are not needed once the run stops: its active dispatches, and those of its scope if no other active
 * run shares it.
 * @throws KernelError `NOT_FOUND`, `ROW_INVALID`.
 */
export function activeDispatchesOf(r: Reader, id: string): readonly DispatchId[] {
  return selectActiveDispatches(r, getRun(r, id));
}

/**
 * Rolls a run back to an earlier phase. A completed run becomes active again. Artifacts of the phases left are marked,
 * active agents fail, active dispatches of the run are canceled; marks of skipped phases are kept.
 * @throws KernelError `INVALID_ARGUMENT`, `NOT_FOUND`, `RUN_TERMINAL` for cancelled and failed runs,
 * `PHASE_NOT_IN_CHAIN`, `PHASE_NOT_BEHIND`, `STALE`, `ROW_INVALID`.
 */
export function rollbackRun(u: Unit, id: string, input: RollbackRunInput): RollbackOutcome {
  const { toPhase, reason = '' } = parseInput(rollbackInput, input);
  const run = getRun(u, id);
  const { fromPhase, rolledBackPhases } = plan(run, toPhase);
  moveRun(u, run, { phase: toPhase, status: nextStatus(run, 'rollback') });
  store.insertPhaseEvent(u, { runId: run.id, fromPhase, toPhase, type: 'rollback', reason });
  const dispatches = selectActiveDispatches(u, run);
  for (const guard of RUN_GUARDS) guard.rolledBack?.(u, dispatches, `run ${run.id} rolled back to ${toPhase}`);
  return {
    fromPhase,
    toPhase,
    reason,
    rolledBackPhases,
    markedArtifacts: rollBackArtifacts(u, run, rolledBackPhases),
    failedAgents: failActiveAgents(u, run),
    cancelledDispatches: dispatches,
  };
}

function plan(run: Run, toPhase: string): RollbackPlan {
  const target = positionOf(run, toPhase);
  const current = positionOf(run, run.phase);
  if (target >= current) {
    throw new KernelError('PHASE_NOT_BEHIND', { runId: run.id, phase: toPhase, current: run.phase });
  }
  return { fromPhase: run.phase, toPhase, rolledBackPhases: run.phases.slice(target + 1, current + 1) };
}

const idRow = rowCodec('dispatches', z.object({ id: dispatchId }));

function rollBackArtifacts(u: Unit, run: Run, phases: readonly string[]): number {
  return u.db.run(
    `UPDATE run_artifacts SET status = 'rolled_back'
     WHERE run_id = ? AND status = 'active' AND phase IN (SELECT value FROM json_each(?))`,
    [run.id, JSON.stringify(phases)],
  );
}

function failActiveAgents(u: Unit, run: Run): number {
  const sql = "UPDATE run_agents SET status = 'failed', updated_at = ? WHERE run_id = ? AND status = 'active'";
  return u.db.run(sql, [u.now, run.id]);
}

/** Active dispatches of this run: under its id, and of its scope if no other active run shares it. */
function selectActiveDispatches(r: Reader, run: Run): DispatchId[] {
  const rows = r.db.all(
    `SELECT id FROM dispatches WHERE status IN ('spawned','running') AND (scope_id = ?1 OR (scope_id = ?2 AND NOT EXISTS
       (SELECT 1 FROM runs WHERE status = 'active' AND id <> ?1 AND (scope_id = ?2 OR id = ?2))))
     ORDER BY created_at, rowid`,
    [run.id, run.scopeId],
    idRow,
  );
  return rows.map((row) => row.id);
}
