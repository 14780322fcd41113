/** SQL of projects, tasks and the attempts of agents. */
import * as z from 'zod';
import { sumOf } from '../../budget/storedAmounts';
import { decodeEach, rowCodec, type Decoded } from '../../db/rows';
import { shaOf, type Sha } from '../../text/gitNames';
import { runId, type AgentRunId, type ProjectId, type RunId, type TaskId } from '../../ids';
import type { Reader, Unit } from '../../unit';
import type { AgentRunStatus, TaskStatus } from './machine';
import {
  AGENT_RUNS,
  PROJECTS,
  TASK_EVENTS,
  TASKS,
  type AgentRun,
  type Project,
  type Task,
  type TaskEvent,
} from './model';
import { storableReason } from './reasons';

const runIdCodec = rowCodec<RunId>(
  'tasks',
  z.object({ id: runId }).transform(({ id }) => id),
);

export function selectProject(r: Reader, id: string): Project | undefined {
  return r.db.get(`SELECT ${PROJECTS.columns} FROM projects WHERE id = ?`, [id], PROJECTS);
}

/** Oldest first. */
export function selectProjects(r: Reader): Decoded<Project> {
  return decodeEach(
    r.db.leftOut,
    r.db.rows(`SELECT ${PROJECTS.columns} FROM projects ORDER BY created_at, rowid`, []),
    PROJECTS,
  );
}

/** The clone of the project with a subtask whose worktree is at a path. */
export function selectCloneOfWorktree(r: Reader, worktree: string): string | undefined {
  const sql = `SELECT projects.clone_path AS clone FROM subtasks JOIN tasks ON tasks.id = subtasks.task_id
    JOIN projects ON projects.id = tasks.project_id WHERE subtasks.worktree_path = ? LIMIT 1`;
  const clone = r.db.rows(sql, [worktree])[0]?.['clone'];
  return typeof clone === 'string' ? clone : undefined;
}

/** The commit of the base branch when the project was added; undefined if it was not recorded. */
export function selectBaseCommit(r: Reader, id: ProjectId): Sha | undefined {
  const row = r.db.rows('SELECT base_commit FROM projects WHERE id = ?', [id])[0];
  return shaOf(String(row?.['base_commit'] ?? ''));
}

export function insertProject(
  u: Unit,
  project: Omit<Project, 'createdAt' | 'updatedAt'> & { readonly baseCommit?: Sha | undefined },
): void {
  const { remote } = project;
  u.db.run(
    ...PROJECTS.insert({
      ...project,
      owner: remote?.owner,
      repo: remote?.repo,
      upstreamOwner: remote?.upstream?.owner,
      upstreamRepo: remote?.upstream?.repo,
      createdAt: u.now,
      updatedAt: u.now,
    }),
  );
}

export function updateProject(
  u: Unit,
  id: ProjectId,
  { clonePath, isOurs, defaultBranch }: Pick<Project, 'clonePath' | 'isOurs' | 'defaultBranch'>,
): void {
  u.db.run('UPDATE projects SET clone_path = ?, is_ours = ?, default_branch = ?, updated_at = ? WHERE id = ?', [
    clonePath,
    isOurs ? 1 : 0,
    defaultBranch,
    u.now,
    id,
  ]);
}

/** Changes the folder of the runs of a moved repository. */
export function moveRuns(u: Unit, from: string, to: string): void {
  u.db.run('UPDATE runs SET project_dir = ?, updated_at = ? WHERE project_dir = ?', [to, u.now, from]);
}

export function deleteProject(u: Unit, id: ProjectId): void {
  u.db.run('DELETE FROM projects WHERE id = ?', [id]);
}

export function selectTask(r: Reader, id: string): Task | undefined {
  return r.db.get(`SELECT ${TASKS.columns} FROM tasks WHERE id = ?`, [id], TASKS);
}

export function selectTaskOfRun(r: Reader, runId: string): Task | undefined {
  return r.db.get(`SELECT ${TASKS.columns} FROM tasks WHERE run_id = ?`, [runId], TASKS);
}

/** The named runs that belong to tasks. */
export function selectRunsOfTasks(r: Reader, runIds: readonly string[]): string[] {
  const sql = 'SELECT run_id FROM tasks WHERE run_id IN (SELECT value FROM json_each(?))';
  return r.db.rows(sql, [JSON.stringify(runIds)]).map((row) => String(row['run_id']));
}

export function hasTasks(r: Reader): boolean {
  return r.db.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tasks'", []).length > 0;
}

/** Newest first. */
export function selectTasks(r: Reader, projectId: string | null): Decoded<Task> {
  const sql = `SELECT ${TASKS.columns} FROM tasks WHERE ?1 IS NULL OR project_id = ?1
    ORDER BY created_at DESC, rowid DESC`;
  return decodeEach(r.db.leftOut, r.db.rows(sql, [projectId]), TASKS);
}

/** Oldest first. */
export function selectTasksOfRuns(r: Reader, runIds: readonly string[]): Decoded<Task> {
  const sql = `SELECT ${TASKS.columns} FROM tasks WHERE run_id IN (SELECT value FROM json_each(?))
    ORDER BY created_at, rowid`;
  return decodeEach(r.db.leftOut, r.db.rows(sql, [JSON.stringify(runIds)]), TASKS);
}

/** In planning, or with a subtask in progress; newest first. */
export function selectTasksAtWork(r: Reader): Task[] {
  const sql = `SELECT ${TASKS.columns} FROM tasks WHERE status = 'PLANNING'
       OR status = 'ACTIVE' AND id IN (SELECT task_id FROM subtasks WHERE status = 'IN_PROGRESS')
     ORDER BY created_at DESC, rowid DESC`;
  return decodeEach(r.db.leftOut, r.db.rows(sql, []), TASKS).sound;
}

/** Of tasks that are not done. */
export function selectOpenTaskRuns(r: Reader): RunId[] {
  return r.db.list("SELECT run_id AS id FROM tasks WHERE status <> 'DONE'", [], runIdCodec);
}

export type NewTask = Pick<Task, 'id' | 'projectId' | 'runId' | 'title' | 'description' | 'autoStart' | 'permissions'>;

export function insertTask(u: Unit, task: NewTask): void {
  u.db.run(...TASKS.insert({ ...task, status: 'PLANNING', createdAt: u.now, updatedAt: u.now }));
}

/**
 * Returns whether the task was still `from`. `planningError` is for PLANNING_FAILED. A task that returns to PLANNING
 * counts its attempts from the next one.
 */
export function moveTask(u: Unit, id: TaskId, from: TaskStatus, to: TaskStatus, planningError: string | null): boolean {
  const changed = u.db.run(
    `UPDATE tasks SET status = ?, planning_error = ?, planned_at = CASE WHEN ?1 = 'ACTIVE' THEN ? ELSE planned_at END,
       first_attempt = CASE WHEN ?1 = 'PLANNING'
         THEN (SELECT coalesce(max(attempt), 0) + 1 FROM agent_runs WHERE task_id = tasks.id AND subtask_id IS NULL)
         ELSE first_attempt END,
       updated_at = ? WHERE id = ? AND status = ?`,
    [to, storableReason(planningError), u.now, u.now, id, from],
  );
  return changed === 1;
}

export function updateTaskText(u: Unit, id: TaskId, task: Pick<Task, 'title' | 'description' | 'autoStart'>): void {
  u.db.run('UPDATE tasks SET title = ?, description = ?, auto_start = ?, updated_at = ? WHERE id = ?', [
    task.title,
    task.description,
    task.autoStart ? 1 : 0,
    u.now,
    id,
  ]);
}

export function updateTaskPermissions(u: Unit, id: TaskId, permissions: Task['permissions']): void {
  u.db.run('UPDATE tasks SET permissions = ?, updated_at = ? WHERE id = ?', [permissions, u.now, id]);
}

export function updateTaskPlanner(u: Unit, id: TaskId, kind: string): void {
  u.db.run('UPDATE tasks SET planner_kind = ?, updated_at = ? WHERE id = ?', [storableReason(kind), u.now, id]);
}

export function deleteTask(u: Unit, id: TaskId): void {
  u.db.run('DELETE FROM tasks WHERE id = ?', [id]);
}

export function selectAgentRun(r: Reader, id: string): AgentRun | undefined {
  return r.db.get(`SELECT ${AGENT_RUNS.columns} FROM agent_runs WHERE id = ?`, [id], AGENT_RUNS);
}

/** Of a task's planner, or of one subtask's worker; newest first. */
export function selectAgentRuns(r: Reader, taskId: string, subtaskId: string | null): AgentRun[] {
  return r.db.list(
    `SELECT ${AGENT_RUNS.columns} FROM agent_runs WHERE task_id = ? AND subtask_id IS ? ORDER BY attempt DESC`,
    [taskId, subtaskId],
    AGENT_RUNS,
  );
}

/** Of the workers of the named subtasks; newest first. */
export function selectAgentRunsAmong(r: Reader, taskId: string, subtaskIds: readonly string[]): AgentRun[] {
  const sql = `SELECT ${AGENT_RUNS.columns} FROM agent_runs
     WHERE task_id = ?1 AND subtask_id IN (SELECT value FROM json_each(?2)) ORDER BY started_at DESC, rowid DESC`;
  return decodeEach(r.db.leftOut, r.db.rows(sql, [taskId, JSON.stringify(subtaskIds)]), AGENT_RUNS).sound;
}

const tokensCodec = rowCodec<number>(
  'dispatches',
  z.object({ tokens: z.int() }).transform(({ tokens }) => tokens),
);

/** The usage of all attempts at a task. */
export function sumTokens(r: Reader, taskId: string): number {
  const sql = `SELECT COALESCE(${sumOf('d.input_tokens')}, 0) + COALESCE(${sumOf('d.output_tokens')}, 0) AS tokens
     FROM agent_runs a JOIN dispatches d ON d.id = a.dispatch_id WHERE a.task_id = ?`;
  return r.db.get(sql, [taskId], tokensCodec) ?? 0;
}

/** Whether one of the dispatches belongs to an attempt at the task. */
export function hasDispatchAmong(r: Reader, taskId: string, dispatchIds: readonly string[]): boolean {
  const sql = `SELECT 1 FROM agent_runs WHERE task_id = ? AND dispatch_id IN (SELECT value FROM json_each(?)) LIMIT 1`;
  return r.db.rows(sql, [taskId, JSON.stringify(dispatchIds)]).length > 0;
}

/** Whether the dispatch belongs to an attempt at any task. */
export function isOfAttempt(r: Reader, dispatchId: string): boolean {
  return r.db.rows('SELECT 1 FROM agent_runs WHERE dispatch_id = ? LIMIT 1', [dispatchId]).length > 0;
}

/** The number of the running attempt; 0 if its row is unreadable. */
export function selectRunningAttempt(r: Reader, taskId: string, subtaskId: string | null): number | undefined {
  const sql = "SELECT attempt FROM agent_runs WHERE task_id = ? AND subtask_id IS ? AND status = 'RUNNING' LIMIT 1";
  const [row] = r.db.rows(sql, [taskId, subtaskId]);
  return row === undefined ? undefined : typeof row['attempt'] === 'number' ? row['attempt'] : 0;
}

export function selectRunning(r: Reader): AgentRun[] {
  const sql = `SELECT ${AGENT_RUNS.columns} FROM agent_runs WHERE status = 'RUNNING' ORDER BY started_at, rowid`;
  return decodeEach(r.db.leftOut, r.db.rows(sql, []), AGENT_RUNS).sound;
}

export type NewAgentRun = Pick<AgentRun, 'id' | 'taskId' | 'subtaskId' | 'agentType'>;

/** Takes the next number, which was never used before. */
export function insertAgentRun(u: Unit, run: NewAgentRun): void {
  u.db.run(
    `INSERT INTO agent_runs (id, task_id, subtask_id, agent_type, attempt, status, started_at)
     SELECT ?1, ?2, ?3, ?4, coalesce(max(attempt), 0) + 1, 'RUNNING', ?5
     FROM agent_runs WHERE task_id = ?2 AND subtask_id IS ?3`,
    [run.id, run.taskId, run.subtaskId, run.agentType, u.now],
  );
}

/** Returns whether the attempt was still running. */
export function endAgentRun(u: Unit, id: AgentRunId, status: AgentRunStatus, error: string | null): boolean {
  const changed = u.db.run(
    `UPDATE agent_runs SET status = ?, error_message = ?, ended_at = ? WHERE id = ? AND status = 'RUNNING'`,
    [status, storableReason(error), u.now, id],
  );
  return changed === 1;
}

/** Returns whether the attempt had no dispatch yet. */
export function linkDispatch(u: Unit, id: AgentRunId, dispatchId: string): boolean {
  return u.db.run('UPDATE agent_runs SET dispatch_id = ? WHERE id = ? AND dispatch_id IS NULL', [dispatchId, id]) === 1;
}

export type NewTaskEvent = Omit<TaskEvent, 'id' | 'createdAt'>;

export function insertEvent(u: Unit, event: NewTaskEvent): void {
  u.db.run(...TASK_EVENTS.insert({ ...event, createdAt: u.now }));
}

/** Those after event `since`, oldest first. */
export function selectEvents(r: Reader, taskId: string, since: number): TaskEvent[] {
  return r.db.list(
    `SELECT ${TASK_EVENTS.columns} FROM village_events
     WHERE task_id = ? AND id > ? ORDER BY id`,
    [taskId, since],
    TASK_EVENTS,
  );
}

/** The reason of the last revision of a plan, if no plan was accepted since. */
export function selectOpenRevision(r: Reader, taskId: string): string | undefined {
  const [last] = r.db.list(
    `SELECT ${TASK_EVENTS.columns} FROM village_events
     WHERE task_id = ? AND subtask_id IS NULL AND 'ACTIVE' IN (from_state, to_state) ORDER BY id DESC LIMIT 1`,
    [taskId],
    TASK_EVENTS,
  );
  return last?.to === 'PLANNING' ? (last.reason ?? undefined) : undefined;
}

export function deleteAgentRun(u: Unit, id: AgentRunId): void {
  u.db.run("DELETE FROM agent_runs WHERE id = ? AND status = 'RUNNING'", [id]);
}
