/** SQL of subtasks, their dependencies, and their notes. */
import * as z from 'zod';
import { listIds } from '../../list/recordPages';
import { decodeEach, rowCodec, type Decoded } from '../../db/rows';
import type { SubtaskId, TaskId } from '../../ids';
import type { Reader, Unit } from '../../unit';
import { statusOf, type SubtaskState } from './machine';
import {
  SUBTASK_DEPENDENCIES,
  SUBTASK_NOTES,
  SUBTASKS,
  type Subtask,
  type SubtaskDependency,
  type SubtaskNote,
} from './model';

const { columns } = SUBTASKS;
const branchCodec = rowCodec(
  'subtasks',
  z.object({ branch_name: z.string() }).transform((row) => row.branch_name),
);
const { columns: ENDS } = SUBTASK_DEPENDENCIES;

export function selectSubtask(r: Reader, id: string): Subtask | undefined {
  return r.db.get(`SELECT ${columns} FROM subtasks WHERE id = ?`, [id], SUBTASKS);
}

const OF_TASK = `SELECT ${columns} FROM subtasks WHERE task_id = ? ORDER BY position, number`;

/** By position. @throws KernelError `ROW_INVALID`: a rule about all must not omit one */
export function selectSubtasks(r: Reader, taskId: string): Subtask[] {
  return r.db.all(OF_TASK, [taskId], SUBTASKS);
}

/** By position, and unreadable rows. */
export function selectReadableSubtasks(r: Reader, taskId: string): Decoded<Subtask> {
  return decodeEach(r.db.leftOut, r.db.rows(OF_TASK, [taskId]), SUBTASKS);
}

/** The named subtasks that exist, in no order. */
export function selectSubtasksAmong(r: Reader, ids: readonly string[]): Decoded<Subtask> {
  const sql = `SELECT ${columns} FROM subtasks WHERE id IN (SELECT value FROM json_each(?))`;
  return decodeEach(r.db.leftOut, r.db.rows(sql, [JSON.stringify(ids)]), SUBTASKS);
}

/** Ids by position, readable or not. */
export function selectSubtaskIds(r: Reader, taskId: string): readonly string[] {
  return listIds(r, 'SELECT id FROM subtasks WHERE task_id = ? ORDER BY position, number', [taskId]);
}

export interface SubtaskCounts {
  readonly all: number;
  readonly merged: number;
}

const countsCodec = rowCodec<SubtaskCounts>(
  'subtasks',
  z.object({ n: z.int(), merged: z.int() }).transform((row) => ({ all: row.n, merged: row.merged })),
);

/** Counted by status alone, so unreadable rows count, too. */
export function countSubtasks(r: Reader, taskId: string): SubtaskCounts {
  const sql =
    "SELECT count(*) AS n, count(*) FILTER (WHERE status = 'MERGED') AS merged FROM subtasks WHERE task_id = ?";
  return r.db.get(sql, [taskId], countsCodec) ?? { all: 0, merged: 0 };
}

/** The first unmerged ones, by position. */
export function selectUnmerged(r: Reader, taskId: string, limit: number): Subtask[] {
  const sql = `SELECT ${columns} FROM subtasks WHERE task_id = ? AND status <> 'MERGED' ORDER BY position, number LIMIT ?`;
  return r.db.all(sql, [taskId, limit], SUBTASKS);
}

/** Subtasks that failed, whose proven work is held, or whose work waits to be merged; without unreadable rows. */
export function selectForPerson(r: Reader, taskId: string): Subtask[] {
  const sql = `SELECT ${columns} FROM subtasks WHERE task_id = ? AND (blocked_reason = 'FAILURE' OR status = 'COMPLETED'
     OR stage IN ('push', 'pr') AND last_error IS NOT NULL) ORDER BY position, number`;
  return decodeEach(r.db.leftOut, r.db.rows(sql, [taskId]), SUBTASKS).sound;
}

/** Failed or merged subtasks with a worktree, oldest first. */
export function selectIdleWorktrees(r: Reader): Subtask[] {
  const sql = `SELECT ${columns} FROM subtasks
     WHERE worktree_path IS NOT NULL AND (status = 'MERGED' OR blocked_reason = 'FAILURE') ORDER BY updated_at, rowid`;
  return decodeEach(r.db.leftOut, r.db.rows(sql, []), SUBTASKS).sound;
}

export type NewSubtask = Pick<
  Subtask,
  'id' | 'taskId' | 'title' | 'spec' | 'implementationPlan' | 'acceptanceCriteria'
>;

/** Assigns the next number of its task, and the last position. */
export function insertSubtask(u: Unit, subtask: NewSubtask): void {
  const { id, taskId, title, spec, implementationPlan, acceptanceCriteria } = subtask;
  u.touched.subtask(id);
  u.db.run(
    `INSERT INTO subtasks (id, task_id, title, spec, implementation_plan, acceptance_criteria, status, number, position,
       created_at, updated_at)
     SELECT ?1, ?2, ?3, ?4, ?5, ?6, 'PENDING', coalesce(max(number), 0) + 1, coalesce(max(position), 0) + 1, ?7, ?7
     FROM subtasks WHERE task_id = ?2`,
    [id, taskId, title, spec, implementationPlan, acceptanceCriteria, u.now],
  );
}

/** What may change with the state. */
export type SubtaskChanges = Partial<
  Omit<Subtask, 'id' | 'taskId' | 'number' | 'status' | 'blockedReason' | 'createdAt' | 'updatedAt'>
>;

/** Changes the state to `to` with other changes, in one statement. Returns whether the subtask was still in `from`. */
export function moveSubtask(
  u: Unit,
  id: SubtaskId,
  from: SubtaskState,
  to: SubtaskState,
  changes: SubtaskChanges,
): boolean {
  const expected = statusOf(from);
  const next = statusOf(to);
  const { sql, params } = SUBTASKS.assignments({
    ...changes,
    status: next.status,
    blockedReason: next.reason,
    updatedAt: u.now,
  });
  u.touched.subtask(id);
  const changed = u.db.run(
    `UPDATE subtasks SET ${sql.join(', ')} WHERE id = ? AND status = ? AND blocked_reason IS ?`,
    [...params, id, expected.status, expected.reason],
  );
  return changed === 1;
}

/** In no particular order. */
export function selectSubtaskDependencies(r: Reader, taskId: string): SubtaskDependency[] {
  return r.db.all(
    `SELECT ${ENDS} FROM subtask_dependencies d JOIN subtasks s ON s.id = d.subtask_id
     WHERE s.task_id = ? ORDER BY d.rowid`,
    [taskId],
    SUBTASK_DEPENDENCIES,
  );
}

/** Views show a dependency at both ends. */
function touchEnds(u: Unit, { subtaskId, dependsOnId }: SubtaskDependency): void {
  u.touched.subtask(subtaskId);
  u.touched.subtask(dependsOnId);
}

/** Its dependencies and dependents, in the order in which they were added. */
export function selectDependenciesOf(r: Reader, id: string): SubtaskDependency[] {
  return r.db.all(
    `SELECT ${ENDS} FROM subtask_dependencies
     WHERE subtask_id = ?1 OR depends_on_id = ?1 ORDER BY rowid`,
    [id],
    SUBTASK_DEPENDENCIES,
  );
}

/** Of several subtasks, in both directions; unreadable rows are listed separately. */
export function selectDependenciesAmong(r: Reader, ids: readonly string[]): Decoded<SubtaskDependency> {
  const sql = `SELECT ${ENDS} FROM subtask_dependencies
     WHERE subtask_id IN (SELECT value FROM json_each(?1)) OR depends_on_id IN (SELECT value FROM json_each(?1))
     ORDER BY rowid`;
  return decodeEach(r.db.leftOut, r.db.rows(sql, [JSON.stringify(ids)]), SUBTASK_DEPENDENCIES);
}

/** Whether the subtask has a dependency that is not merged or not of the task. */
export function hasOpenDependency(r: Reader, taskId: string, id: string): boolean {
  const sql = `SELECT 1 FROM subtask_dependencies d LEFT JOIN subtasks s ON s.id = d.depends_on_id AND s.task_id = ?
     WHERE d.subtask_id = ? AND s.status IS NOT 'MERGED' LIMIT 1`;
  return r.db.rows(sql, [taskId, id]).length > 0;
}

export function insertSubtaskDependency(u: Unit, dependency: SubtaskDependency): void {
  const { subtaskId, dependsOnId } = dependency;
  touchEnds(u, dependency);
  u.db.run(...SUBTASK_DEPENDENCIES.insert({ subtaskId, dependsOnId, createdAt: u.now }));
}

/** The number of rows deleted. */
export function deleteSubtaskDependency(u: Unit, dependency: SubtaskDependency): number {
  const { subtaskId, dependsOnId } = dependency;
  touchEnds(u, dependency);
  return u.db.run('DELETE FROM subtask_dependencies WHERE subtask_id = ? AND depends_on_id = ?', [
    subtaskId,
    dependsOnId,
  ]);
}

/** Deletes its dependencies, too. */
export function deleteSubtask(u: Unit, id: SubtaskId): void {
  u.touched.subtask(id);
  for (const dependency of selectDependenciesOf(u, id)) touchEnds(u, dependency);
  u.db.run('DELETE FROM subtasks WHERE id = ?', [id]);
}

/** Oldest first. */
export function selectNotes(r: Reader, subtaskId: string): SubtaskNote[] {
  return r.db.list(
    `SELECT ${SUBTASK_NOTES.columns} FROM subtask_notes WHERE subtask_id = ? ORDER BY id`,
    [subtaskId],
    SUBTASK_NOTES,
  );
}

export function insertNote(u: Unit, subtaskId: SubtaskId, author: string, text: string): number {
  return u.db.insert(...SUBTASK_NOTES.insert({ subtaskId, author, text, createdAt: u.now }));
}

/** Branches that subtasks of this project hold. */
export function selectBranches(r: Reader, projectId: string): string[] {
  return r.db.all(
    `SELECT s.branch_name FROM subtasks s JOIN tasks t ON t.id = s.task_id
     WHERE t.project_id = ? AND s.branch_name IS NOT NULL`,
    [projectId],
    branchCodec,
  );
}

/** Renumbers the positions of a task's subtasks to 1, 2, 3 … */
export function renumber(u: Unit, taskId: TaskId, ids: readonly SubtaskId[]): void {
  for (const [index, id] of ids.entries()) {
    u.touched.subtask(id);
    u.db.run('UPDATE subtasks SET position = ?, updated_at = ? WHERE id = ? AND task_id = ?', [
      index + 1,
      u.now,
      id,
      taskId,
    ]);
  }
}

/** The kinds that persons chose for a task's subtasks, each once; null where the kind of the settings works on one. */
export function selectAgentKinds(r: Reader, taskId: string): { readonly agentKind: string | null }[] {
  const rows = r.db.rows('SELECT DISTINCT agent_kind AS kind FROM subtasks WHERE task_id = ? ORDER BY kind', [taskId]);
  return rows.map(({ kind }) => ({ agentKind: typeof kind === 'string' ? kind : null }));
}
