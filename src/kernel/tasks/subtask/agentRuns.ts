/**
 * The attempts of planners and workers. Their output and usage are in their dispatches
 * (`docs/design/tasks.md#a-task-and-its-run`).
 */
import { KernelError } from '../../errors/errors';
import { agentRunId } from '../../ids';
import type { Reader, Unit } from '../../unit';
import type { AgentRunStatus } from '../record/machine';
import type { AgentRun } from '../record/model';
import { getTask } from '../service';
import * as store from '../record/store';
import { getSubtask } from './subtasks';

/**
 * An attempt starts, with the next number of its planner or worker. One at a time (I5).
 * @throws KernelError `NOT_FOUND`; `AGENT_RUNNING` where one is already running.
 */
export function startAgentRun(u: Unit, of: { readonly taskId: string } | { readonly subtaskId: string }): AgentRun {
  const subtask = 'subtaskId' in of ? getSubtask(u, of.subtaskId) : null;
  const task = getTask(u, 'taskId' in of ? of.taskId : (subtask?.taskId ?? ''));
  const attempt = store.selectRunningAttempt(u, task.id, subtask?.id ?? null);
  if (attempt !== undefined) throw new KernelError('AGENT_RUNNING', { id: subtask?.id ?? task.id, attempt });
  const id = agentRunId.parse(u.newId());
  const agentType = subtask === null ? 'PLANNER' : 'WORKER';
  store.insertAgentRun(u, { id, taskId: task.id, subtaskId: subtask?.id ?? null, agentType });
  touch(u, { taskId: task.id, subtaskId: subtask?.id ?? null });
  return getAgentRun(u, id);
}

/** @throws KernelError `NOT_FOUND` */
export function getAgentRun(r: Reader, id: string): AgentRun {
  const run = store.selectAgentRun(r, id);
  if (run === undefined) throw new KernelError('NOT_FOUND', { what: 'agent run', id });
  return run;
}

/** Of a task's planner (`subtaskId` null) or of a subtask's worker; newest first. */
export function listAgentRuns(r: Reader, taskId: string, subtaskId: string | null): AgentRun[] {
  return store.selectAgentRuns(r, taskId, subtaskId);
}

/** Of the workers of the named subtasks of a task; newest first. */
export function agentRunsAmong(r: Reader, taskId: string, subtaskIds: readonly string[]): AgentRun[] {
  return store.selectAgentRunsAmong(r, taskId, subtaskIds);
}

/** The tokens that all attempts of a task have used. */
export function tokensOfTask(r: Reader, taskId: string): number {
  return store.sumTokens(r, taskId);
}

/** Whether one of the dispatches belongs to an attempt at the task. */
export function workedFor(r: Reader, taskId: string, dispatchIds: readonly string[]): boolean {
  return store.hasDispatchAmong(r, taskId, dispatchIds);
}

/** Whether the dispatch belongs to an attempt at any task. */
export function isOfAttempt(r: Reader, dispatchId: string): boolean {
  return store.isOfAttempt(r, dispatchId);
}

/** All that have not ended, oldest first. */
export function runningAgentRuns(r: Reader): AgentRun[] {
  return store.selectRunning(r);
}

/** Links an attempt to its dispatch, once. @throws KernelError `NOT_FOUND`, `STALE` */
export function linkAgentRun(u: Unit, id: string, dispatchId: string): AgentRun {
  const run = getAgentRun(u, id);
  if (!store.linkDispatch(u, run.id, dispatchId)) {
    throw new KernelError('STALE', { what: 'agent run', id, expected: 'no dispatch', found: run.dispatchId ?? 'gone' });
  }
  touch(u, run);
  return getAgentRun(u, id);
}

/** Ends an attempt; the first ending is kept. @throws KernelError `NOT_FOUND`, `STALE` */
export function endAgentRun(
  u: Unit,
  id: string,
  ending: { readonly status: Exclude<AgentRunStatus, 'RUNNING'>; readonly error?: string },
): AgentRun {
  const run = getAgentRun(u, id);
  if (!store.endAgentRun(u, run.id, ending.status, ending.error ?? null)) {
    throw new KernelError('STALE', { what: 'agent run', id, expected: 'RUNNING', found: run.status });
  }
  touch(u, run);
  return getAgentRun(u, id);
}

/** Removes an attempt without an agent, because none may start now; its number is reused. */
export function withdrawAgentRun(u: Unit, id: string): void {
  const run = getAgentRun(u, id);
  store.deleteAgentRun(u, run.id);
  touch(u, run);
}

function touch(u: Unit, { taskId, subtaskId }: Pick<AgentRun, 'taskId' | 'subtaskId'>): void {
  u.touched.run(getTask(u, taskId).runId);
  if (subtaskId !== null) u.touched.subtask(subtaskId);
}
