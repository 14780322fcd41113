/** The SQL of gate facts (`spec/kernel.md` §3.3). */
import * as z from 'zod';
import { rowCodec } from '../db/rows';
import type { Run } from '../run/model';
import type { Reader } from '../unit';

/** Made once: a gate is judged for every run in sight, and a schema made for each would cost more than its query. */
const counted = rowCodec('count', z.object({ n: z.int() }));

export function countActiveArtifacts(r: Reader, runId: string, phase: string): number {
  const sql = "SELECT count(*) AS n FROM run_artifacts WHERE run_id = ? AND phase = ? AND status = 'active'";
  return r.db.get(sql, [runId, phase], counted)?.n ?? 0;
}

export function countActiveAgents(r: Reader, runId: string): number {
  const sql = "SELECT count(*) AS n FROM run_agents WHERE run_id = ? AND status = 'active'";
  return r.db.get(sql, [runId], counted)?.n ?? 0;
}

/**
 * Dispatches of the run, found by its scope or its own id (Q25), whose verdict speaks for it. `fail` does not, unlike
 * in the original (Q7).
 */
export function countPassingVerdicts(r: Reader, run: Run): number {
  const word = 'lower(trim(verdict_status, char(9, 10, 13, 32)))';
  const sql = `SELECT count(*) AS n FROM dispatches
     WHERE scope_id IN (?, ?) AND ${word} NOT IN ('reject', 'fail', '')`;
  return r.db.get(sql, [run.id, run.scopeId ?? run.id], counted)?.n ?? 0;
}
