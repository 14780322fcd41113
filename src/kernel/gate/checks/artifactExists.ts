/** The run has an active artifact of the phase. */
import * as z from 'zod';
import { rowCodec } from '../../db/rows';
import { storedReason } from '../../errors/reasons/storedReasons';
import type { Reader } from '../../unit';
import { verdict, type Check } from './check';

export const artifactExists: Check<number> = {
  read: ({ r, run, facts }, phase) =>
    facts === undefined ? countActiveArtifacts(r, run.id, phase) : (facts.artifacts.get(phase) ?? 0),
  judge: (artifacts, phase) =>
    verdict(artifacts > 0, artifacts, storedReason('no artifacts found for phase "{phase}"', { phase })),
};

/** Created once: gates are evaluated for every visible run, and creating the schema costs more than the query. */
const counted = rowCodec('count', z.object({ n: z.int() }));

function countActiveArtifacts(r: Reader, runId: string, phase: string): number {
  const sql = "SELECT count(*) AS n FROM run_artifacts WHERE run_id = ? AND phase = ? AND status = 'active'";
  return r.db.get(sql, [runId, phase], counted)?.n ?? 0;
}

const countedByPhase = rowCodec(
  'run_artifacts',
  z.object({ run_id: z.string(), phase: z.string(), n: z.int() }),
  'run_id',
);

/** Active artifacts of the named runs by phase; a run without any is omitted. */
export function countArtifactsAmong(r: Reader, runIds: readonly string[]): Map<string, Map<string, number>> {
  const sql = `SELECT run_id, phase, count(*) AS n FROM run_artifacts
     WHERE run_id IN (SELECT value FROM json_each(?)) AND status = 'active' GROUP BY run_id, phase`;
  const counts = new Map<string, Map<string, number>>();
  for (const { run_id: id, phase, n } of r.db.all(sql, [JSON.stringify(runIds)], countedByPhase)) {
    counts.set(id, (counts.get(id) ?? new Map<string, number>()).set(phase, n));
  }
  return counts;
}
