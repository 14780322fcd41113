/** SQL of queued dispatches, which are ordered by time. */
import { decodeEach } from '../db/rows';
import type { DispatchId, RunId } from '../ids';
import type { Reader, Unit } from '../unit';
import { QUEUED_DISPATCHES, type QueuedDispatch, type QueueList } from './model';

const { columns } = QUEUED_DISPATCHES;

export function insertQueued(u: Unit, queued: QueuedDispatch): void {
  u.db.run(...QUEUED_DISPATCHES.insert(queued));
}

export function selectQueued(r: Reader, id: string): QueuedDispatch | undefined {
  return r.db.get(`SELECT ${columns} FROM queued_dispatches WHERE id = ?`, [id], QUEUED_DISPATCHES);
}

export function selectQueue(r: Reader): QueueList {
  const rows = r.db.rows(`SELECT ${columns} FROM queued_dispatches ORDER BY queued_at_ms, rowid`, []);
  const { sound: queued, invalid } = decodeEach(r.db.leftOut, rows, QUEUED_DISPATCHES);
  return { queued, invalid };
}

export function isQueued(r: Reader, id: string): boolean {
  return r.db.rows('SELECT 1 FROM queued_dispatches WHERE id = ?', [id]).length > 0;
}

export function hasQueued(r: Reader): boolean {
  return r.db.rows('SELECT 1 FROM queued_dispatches LIMIT 1', []).length > 0;
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
