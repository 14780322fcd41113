/**
 * Which issue of an external tracker belongs to which task and subtask, and what both sides last agreed on
 * (`docs/design/tasks.md#rows`).
 */
import * as z from 'zod';
import { column, defineTable, unread, type RowOf } from '../../db/defineTable';
import { decodeEach, type Decoded } from '../../db/rows';
import { storedJson } from '../../input';
import { runId, subtaskId as subtaskIdSchema, taskId as taskIdSchema, type SubtaskId, type TaskId } from '../../ids';
import type { Reader, Unit } from '../../unit';
import type { Subtask } from '../record/model';
import { listSubtasks } from '../subtask/subtasks';

/** The status of an issue. `missing`: it existed once. Custom statuses count as `open`. */
export const ISSUE_STATUSES = [
  'open',
  'in_progress',
  'blocked',
  'deferred',
  'hooked',
  'pinned',
  'closed',
  'missing',
] as const;
export type IssueStatus = (typeof ISSUE_STATUSES)[number];

const agreed = z.object({
  title: z.string(),
  spec: z.string(),
  implementationPlan: z.string(),
  acceptanceCriteria: z.string(),
  /** Ids of issues. */
  waitsFor: z.array(z.string()),
  /** Ids of comments that were already adopted as notes. */
  comments: z.array(z.string()),
});

/** The state that issue and subtask shared at the last comparison: a difference is new on one side. */
export type Agreed = z.infer<typeof agreed>;

export interface TrackedEpic {
  readonly taskId: TaskId;
  readonly issueId: string;
  /** Where the tracker keeps its data, absolute. */
  readonly place: string;
  readonly status: IssueStatus;
}

export interface TrackedSubtask extends TrackedEpic {
  readonly subtaskId: SubtaskId;
  readonly agreed: Agreed;
}

const TRACKED_ISSUES = defineTable(
  'tracked_issues',
  {
    taskId: column('task_id', taskIdSchema),
    issueId: column('issue_id', z.string()),
    subtaskId: column('subtask_id', subtaskIdSchema.nullable()),
    place: column('place', z.string()),
    status: column('status', z.enum(ISSUE_STATUSES)),
    agreed: column('agreed', storedJson.pipe(agreed).nullable(), JSON.stringify),
    createdAt: unread(column('created_at', z.int())),
    updatedAt: unread(column('updated_at', z.int())),
  },
  'issueId',
);
type TrackedIssue = RowOf<typeof TRACKED_ISSUES>;
const { columns } = TRACKED_ISSUES;

/** The issue of the whole task; undefined if the task is tracked only in the record. */
export function trackedEpic(r: Reader, taskId: string): TrackedEpic | undefined {
  if (!isTracking(r)) return undefined;
  const sql = `SELECT ${columns} FROM tracked_issues WHERE task_id = ? AND subtask_id IS NULL`;
  return r.db.all(sql, [taskId], TRACKED_ISSUES).map(epicOf)[0];
}

/** Issues of a task whose subtasks exist, in the order in which they were recorded. */
export function trackedSubtasks(r: Reader, taskId: string): TrackedSubtask[] {
  if (!isTracking(r)) return [];
  return withSubtasks(
    r.db.all(
      `SELECT ${columns} FROM tracked_issues
       WHERE task_id = ? AND subtask_id IN (SELECT id FROM subtasks) ORDER BY rowid`,
      [taskId],
      TRACKED_ISSUES,
    ),
  );
}

/** Those of the named subtasks, and unreadable rows. */
export function trackedAmong(r: Reader, subtaskIds: readonly string[]): Decoded<TrackedSubtask> {
  if (!isTracking(r)) return { sound: [], invalid: [] };
  const sql = `SELECT ${columns} FROM tracked_issues WHERE subtask_id IN (SELECT value FROM json_each(?)) ORDER BY rowid`;
  const { sound, invalid } = decodeEach(r.db.leftOut, r.db.rows(sql, [JSON.stringify(subtaskIds)]), TRACKED_ISSUES);
  return { sound: withSubtasks(sound), invalid };
}

/** Issues of a task that were closed or are gone, in the order in which they were recorded. */
export function endedIssues(r: Reader, taskId: string): TrackedSubtask[] {
  if (!isTracking(r)) return [];
  const sql = `SELECT ${columns} FROM tracked_issues
     WHERE task_id = ? AND subtask_id IS NOT NULL AND status IN ('closed', 'missing') ORDER BY rowid`;
  return withSubtasks(r.db.all(sql, [taskId], TRACKED_ISSUES));
}

/** Subtasks without an issue in the tracker, in their order. */
export function untracked(r: Reader, taskId: string): Subtask[] {
  const known = new Set<string>(trackedSubtasks(r, taskId).map(({ subtaskId }) => subtaskId));
  return listSubtasks(r, taskId).filter(({ id }) => !known.has(id));
}

export function trackedSubtask(r: Reader, subtaskId: string): TrackedSubtask | undefined {
  if (!isTracking(r)) return undefined;
  return withSubtasks(
    r.db.all(`SELECT ${columns} FROM tracked_issues WHERE subtask_id = ?`, [subtaskId], TRACKED_ISSUES),
  )[0];
}

function withSubtasks(rows: readonly TrackedIssue[]): TrackedSubtask[] {
  return rows.flatMap(({ subtaskId, agreed: last, ...row }) =>
    subtaskId === null || last === null ? [] : [{ ...row, subtaskId, agreed: last }],
  );
}

/** Issues whose task or subtask was removed from the record. */
export function orphanedIssues(r: Reader, place: string): TrackedEpic[] {
  return r.db
    .all(
      `SELECT ${columns} FROM tracked_issues WHERE place = ?
       AND (task_id NOT IN (SELECT id FROM tasks)
         OR (subtask_id IS NOT NULL AND subtask_id NOT IN (SELECT id FROM subtasks)))
     ORDER BY rowid`,
      [place],
      TRACKED_ISSUES,
    )
    .map(epicOf);
}

function epicOf({ taskId, issueId, place, status }: TrackedEpic): TrackedEpic {
  return { taskId, issueId, place, status };
}

/** The trackers of such issues. */
export function orphanedPaths(r: Reader): string[] {
  if (!isTracking(r)) return [];
  const places = r.db.rows('SELECT DISTINCT place FROM tracked_issues', []).map(({ place }) => String(place));
  return places.filter((place) => orphanedIssues(r, place).length > 0);
}

/** A record of an older version may be open read-only, without this table. */
function isTracking(r: Reader): boolean {
  return r.db.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tracked_issues'", []).length > 0;
}

export function trackEpic(u: Unit, epic: TrackedEpic): void {
  insert(u, { ...epic, subtaskId: null, agreed: null });
}

export function trackSubtask(u: Unit, subtask: TrackedSubtask): void {
  insert(u, subtask);
}

function insert(u: Unit, row: TrackedIssue): void {
  u.db.run(...TRACKED_ISSUES.insert({ ...row, createdAt: u.now, updatedAt: u.now }));
  touch(u, row);
}

/** Writes only differences, so that checking an unchanged tracker changes nothing here. */
export function updateTracked(
  u: Unit,
  row: TrackedEpic | TrackedSubtask,
  changes: { readonly status?: IssueStatus; readonly agreed?: Agreed },
): void {
  const before = 'agreed' in row ? JSON.stringify(row.agreed) : null;
  const status = changes.status ?? row.status;
  const after = changes.agreed === undefined ? before : JSON.stringify(changes.agreed);
  if (status === row.status && after === before) return;
  u.db.run('UPDATE tracked_issues SET status = ?, agreed = ?, updated_at = ? WHERE task_id = ? AND issue_id = ?', [
    status,
    after,
    u.now,
    row.taskId,
    row.issueId,
  ]);
  touch(u, row);
}

/** Views show the issues of a task with its run. */
function touch(u: Unit, issue: TrackedEpic | TrackedSubtask | { taskId: TaskId; subtaskId: SubtaskId | null }): void {
  const { taskId } = issue;
  if ('subtaskId' in issue && issue.subtaskId !== null) u.touched.subtask(issue.subtaskId);
  u.touched.rest();
  const [task] = u.db.rows('SELECT run_id FROM tasks WHERE id = ?', [taskId]);
  if (task !== undefined) u.touched.run(runId.parse(task['run_id']));
}

export function forgetIssue(u: Unit, { taskId, issueId }: Pick<TrackedEpic, 'taskId' | 'issueId'>): void {
  touchAll(u, 'task_id = ? AND issue_id = ?', [taskId, issueId]);
  u.db.run('DELETE FROM tracked_issues WHERE task_id = ? AND issue_id = ?', [taskId, issueId]);
}

/** All issues are gone from the tracker. */
export function forgetIssuesOf(u: Unit, taskId: string): void {
  touchAll(u, 'task_id = ?', [taskId]);
  u.db.run('DELETE FROM tracked_issues WHERE task_id = ?', [taskId]);
}

function touchAll(u: Unit, condition: string, params: readonly string[]): void {
  for (const row of u.db.rows(`SELECT subtask_id FROM tracked_issues WHERE ${condition}`, params)) {
    if (typeof row['subtask_id'] === 'string') u.touched.subtask(row['subtask_id']);
  }
}
