/** SQL of queued dispatches, which are ordered by time. */
import * as z from 'zod';
import { decodeEach, rowCodec } from '../db/rows';
import { dispatchId, runId, type DispatchId, type RunId } from '../ids';
import { storedJson } from '../input';
import type { Reader, Unit } from '../unit';
import { queuedRequest, type QueuedDispatch, type QueueList } from './model';

const COLUMNS = 'id, run_id, project_dir, request, queued_at_ms, problem';

const queuedCodec = rowCodec<QueuedDispatch>(
  'queued_dispatches',
  z
    .object({
      id: dispatchId,
      run_id: runId.nullable(),
      project_dir: z.string(),
      request: storedJson.pipe(queuedRequest),
      queued_at_ms: z.int(),
      problem: z.string().nullable(),
    })
    .transform((row) => ({
      id: row.id,
      runId: row.run_id,
      projectDir: row.project_dir,
      request: row.request,
      queuedAtMs: row.queued_at_ms,
      problem: row.problem,
    })),
);

export function insertQueued(u: Unit, { id, runId, projectDir, request, queuedAtMs }: QueuedDispatch): void {
  u.db.run('INSERT INTO queued_dispatches (id, run_id, project_dir, request, queued_at_ms) VALUES (?, ?, ?, ?, ?)', [
    id,
    runId,
    projectDir,
    JSON.stringify(request),
    queuedAtMs,
  ]);
}

export function selectQueued(r: Reader, id: string): QueuedDispatch | undefined {
  return r.db.get(`SELECT ${COLUMNS} FROM queued_dispatches WHERE id = ?`, [id], queuedCodec);
}

export function selectQueue(r: Reader): QueueList {
  const rows = r.db.rows(`SELECT ${COLUMNS} FROM queued_dispatches ORDER BY queued_at_ms, rowid`, []);
  const { sound: queued, invalid } = decodeEach(r.db.leftOut, rows, queuedCodec);
  return { queued, invalid };
}

export function isQueued(r: Reader, id: string): boolean {
  return r.db.rows('SELECT 1 FROM queued_dispatches WHERE id = ?', [id]).length > 0;
}

/** The number of rows deleted. Its count of failed starts is deleted, too. */
export function deleteQueued(u: Unit, id: string): number {
  u.db.run("DELETE FROM stage_failures WHERE stage = 'queue' AND subject = ?", [id]);
  return u.db.run('DELETE FROM queued_dispatches WHERE id = ?', [id]);
}

/** Of a run, readable or not; the number of rows deleted. */
export function deleteQueuedOf(u: Unit, id: RunId): number {
  const ids = 'SELECT id FROM queued_dispatches WHERE run_id = ?';
  u.db.run(`DELETE FROM stage_failures WHERE stage = 'queue' AND subject IN (${ids})`, [id]);
  return u.db.run('DELETE FROM queued_dispatches WHERE run_id = ?', [id]);
}

/** The number of rows changed: 0 if nothing differs. */
export function updateProblem(u: Unit, id: DispatchId, problem: string | null): number {
  return u.db.run('UPDATE queued_dispatches SET problem = ?2 WHERE id = ?1 AND problem IS NOT ?2', [id, problem]);
}
