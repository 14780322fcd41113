/** The parts of a plan: subtasks, dependencies, notes, and claims of agents that they are done. */
import { storedReason } from '../../errors/reasons/storedReasons';
import * as z from 'zod';
import type { Decoded } from '../../db/rows';
import { KernelError } from '../../errors/errors';
import { because, type Problem } from '../../errors/reasons/problem';
import { subtaskId, type SubtaskId, type TaskId } from '../../ids';
import { nonBlank, parseInput, plainText } from '../../input';
import { findPath } from '../../portfolio/graph';
import type { Reader, Unit } from '../../unit';
import {
  addSubtaskInput,
  type AddSubtaskInput,
  type Subtask,
  type SubtaskDependency,
  type SubtaskNote,
  type Task,
} from '../record/model';
import { edgesOf, getTask, isWaiting } from '../service';
import * as store from '../record/subtaskStore';
import type { SubtaskCounts } from '../record/subtaskStore';
import { refuseSubtask, refuseTask } from '../record/stateRefusals';
import { changeSubtask, enterSubtaskState, stateOf } from '../record/transition';
import { defined } from '../../defined';

export type { SubtaskCounts } from '../record/subtaskStore';

/** Statuses of work that has not started, whose text may still change. */
const UNSTARTED: ReadonlySet<Subtask['status']> = new Set<Subtask['status']>(['PENDING', 'READY', 'BLOCKED']);

/**
 * Adds a subtask: to the plan while the task is being planned, to the work while it is active.
 * @throws KernelError `INVALID_ARGUMENT`; `NOT_FOUND`, `TASK_STATE` for the task.
 */
export function addSubtask(u: Unit, input: AddSubtaskInput): Subtask {
  const facts = parseInput(addSubtaskInput, input, 'subtask');
  const task = openTask(u, facts.taskId);
  const id = subtaskId.parse(u.newId());
  const { title, spec = '', implementationPlan = '', acceptanceCriteria = '' } = facts;
  store.insertSubtask(u, { id, taskId: task.id, title, spec, implementationPlan, acceptanceCriteria });
  u.touched.run(task.runId);
  if (task.status === 'ACTIVE') enterSubtaskState(u, task, getSubtask(u, id), { to: 'READY' });
  return getSubtask(u, id);
}

/** For `kindsOfTask`. */
export function agentKindsIn(r: Reader, taskId: TaskId): ReturnType<typeof store.selectAgentKinds> {
  return store.selectAgentKinds(r, taskId);
}

/** @throws KernelError `NOT_FOUND` */
export function getSubtask(r: Reader, id: string): Subtask {
  const subtask = store.selectSubtask(r, id);
  if (subtask === undefined) throw new KernelError('NOT_FOUND', { what: 'subtask', id });
  return subtask;
}

/** In their order. @throws KernelError `ROW_INVALID` where one cannot be read: a rule about all must not omit it */
export function listSubtasks(r: Reader, taskId: string): Subtask[] {
  return store.selectSubtasks(r, taskId);
}

/** In their order, and unreadable rows. */
export function readableSubtasks(r: Reader, taskId: string): Decoded<Subtask> {
  return store.selectReadableSubtasks(r, taskId);
}

/** The named subtasks that exist, in no order, and unreadable rows. */
export function subtasksAmong(r: Reader, ids: readonly string[]): Decoded<Subtask> {
  return store.selectSubtasksAmong(r, ids);
}

/** Dependencies and dependents of the named subtasks, and unreadable rows. */
export function dependenciesAmong(r: Reader, ids: readonly string[]): Decoded<SubtaskDependency> {
  return store.selectDependenciesAmong(r, ids);
}

/** Those that wait for a person: failed, held, or completed. */
export function subtasksForPerson(r: Reader, taskId: string): Subtask[] {
  return store.selectForPerson(r, taskId);
}

/** Ids in their order. */
export function subtaskIds(r: Reader, taskId: string): readonly string[] {
  return store.selectSubtaskIds(r, taskId);
}

/** Numbers of all and of merged subtasks. */
export function countSubtasks(r: Reader, taskId: string): SubtaskCounts {
  return store.countSubtasks(r, taskId);
}

/** Failed or merged subtasks that still have a worktree. */
export function placesAtRest(r: Reader): Subtask[] {
  return store.selectIdleWorktrees(r);
}

/** The dependencies and dependents of a subtask. */
export function neighborsOf(r: Reader, subtask: Subtask): { dependsOn: SubtaskId[]; dependents: SubtaskId[] } {
  const edges = store.selectDependenciesOf(r, subtask.id);
  return {
    dependsOn: edges.filter((edge) => edge.subtaskId === subtask.id).map((edge) => edge.dependsOnId),
    dependents: edges.filter((edge) => edge.dependsOnId === subtask.id).map((edge) => edge.subtaskId),
  };
}

const editInput = addSubtaskInput.omit({ taskId: true }).partial();
export type EditSubtaskInput = z.input<typeof editInput>;

/**
 * Changes the text of a subtask that has not started.
 * @throws KernelError `INVALID_ARGUMENT`, `NOT_FOUND`, `TASK_STATE`
 */
export function editSubtask(u: Unit, id: string, input: EditSubtaskInput): Subtask {
  const { title, spec, implementationPlan, acceptanceCriteria } = parseInput(editInput, input, 'subtask');
  const subtask = getSubtask(u, id);
  const task = getTask(u, subtask.taskId);
  refuseStarted(subtask);
  changeSubtask(u, task, subtask, defined({ title, spec, implementationPlan, acceptanceCriteria }));
  return getSubtask(u, id);
}

/**
 * Makes a subtask depend on another. Repeating it changes nothing.
 * @throws KernelError `NOT_FOUND`; `INVALID_ARGUMENT` for subtasks of two tasks, for one that has started, and for a
 * circle, with its path.
 */
export function addSubtaskDependency(u: Unit, id: string, dependsOn: string): void {
  const [subtask, upstream] = [getSubtask(u, id), getSubtask(u, dependsOn)];
  const task = getTask(u, subtask.taskId);
  const refuse = (problem: Problem<'INVALID_ARGUMENT'>): never => {
    throw new KernelError('INVALID_ARGUMENT', { argument: 'dependsOn', problem });
  };
  if (subtask.taskId !== upstream.taskId) refuse(because('both subtasks must be of one task'));
  const edges = edgesOf(u, task);
  if (edges.some((edge) => edge.upstream === upstream.id && edge.downstream === subtask.id)) return;
  refuseStarted(subtask);
  const back = findPath(edges, subtask.id, upstream.id);
  if (back !== undefined) {
    const circle = [upstream.id, ...back].map((one) => getSubtask(u, one).title);
    refuse(because('they would wait for each other in a circle: {circle}', { circle: circle.join(' → ') }));
  }
  store.insertSubtaskDependency(u, { subtaskId: subtask.id, dependsOnId: upstream.id });
  u.touched.run(task.runId);
  if (subtask.status === 'READY' && isWaiting(u, task, subtask)) {
    enterSubtaskState(u, task, subtask, {
      to: 'BLOCKED_DEPENDENCY',
      reason: storedReason('waits for {title}', { title: upstream.title }),
    });
  }
}

/** @throws KernelError `NOT_FOUND`, also for a missing dependency. */
export function removeSubtaskDependency(u: Unit, id: string, dependsOn: string): void {
  const [subtask, upstream] = [getSubtask(u, id), getSubtask(u, dependsOn)];
  const task = getTask(u, subtask.taskId);
  if (store.deleteSubtaskDependency(u, { subtaskId: subtask.id, dependsOnId: upstream.id }) === 0) {
    throw new KernelError('NOT_FOUND', { what: 'dependency', id: `${dependsOn} → ${id}` });
  }
  u.touched.run(task.runId);
  reconsider(u, task, subtask);
}

/** Unblocks a subtask without unmerged dependencies. A failed one stays failed (D32). */
export function reconsider(u: Unit, task: Task, subtask: Subtask): boolean {
  if (subtask.blockedReason !== 'DEPENDENCY' || isWaiting(u, task, subtask)) return false;
  enterSubtaskState(u, task, subtask, { to: 'READY' });
  return true;
}

const noteInput = z.strictObject({ author: nonBlank.max(200), text: nonBlank.max(1_000_000) });

/** Stores a note of an agent or a person on a subtask. @throws KernelError `INVALID_ARGUMENT`, `NOT_FOUND` */
export function addNote(u: Unit, id: string, input: z.input<typeof noteInput>): SubtaskNote {
  const { author, text } = parseInput(noteInput, input, 'note');
  const subtask = getSubtask(u, id);
  const noteId = store.insertNote(u, subtask.id, author, text);
  u.touched.run(getTask(u, subtask.taskId).runId);
  return { id: noteId, subtaskId: subtask.id, author, text, createdAt: u.now };
}

/** Oldest first. */
export function listNotes(r: Reader, id: string): SubtaskNote[] {
  return store.selectNotes(r, id);
}

/**
 * Records the worker's claim that it is done, which the finish of the subtask checks
 * (`docs/design/architecture.md#promises`). Repeating it keeps the first reason.
 * @throws KernelError `NOT_FOUND`; `TASK_STATE` where no agent works on it; `INVALID_ARGUMENT`.
 */
export function closeSubtask(u: Unit, id: string, reason: string): Subtask {
  const closeReason = parseInput(plainText.max(10_000), reason, 'reason');
  const subtask = getSubtask(u, id);
  refuseSubtask(id, stateOf(subtask), 'close');
  if (subtask.closedAt === null) {
    changeSubtask(u, getTask(u, subtask.taskId), subtask, { closedAt: u.now, closeReason });
  }
  return getSubtask(u, id);
}

/**
 * Moves a subtask before another of its task, or to the end.
 * @throws KernelError `NOT_FOUND`, `INVALID_ARGUMENT`
 */
export function reorderSubtask(u: Unit, id: string, before: string | null): Subtask[] {
  const subtask = getSubtask(u, id);
  const others = listSubtasks(u, subtask.taskId).filter((other) => other.id !== subtask.id);
  const at = before === null ? others.length : others.findIndex((other) => other.id === before);
  if (at < 0)
    throw new KernelError('INVALID_ARGUMENT', { argument: 'before', problem: because('it is of another task') });
  const order = [...others.slice(0, at), subtask, ...others.slice(at)].map((one) => one.id);
  store.renumber(u, subtask.taskId, order);
  u.touched.run(getTask(u, subtask.taskId).runId);
  return listSubtasks(u, subtask.taskId);
}

function openTask(u: Unit, id: string): Task {
  const task = getTask(u, id);
  refuseTask(task.id, task.status, 'change');
  return task;
}

/** @throws KernelError `TASK_STATE` for work that has started. */
export function refuseStarted(subtask: Subtask): void {
  refuseSubtask(subtask.id, stateOf(subtask), 'edit');
}

/** Whether its text and dependencies can no longer change. */
export function hasStarted({ status }: Pick<Subtask, 'status'>): boolean {
  return !UNSTARTED.has(status);
}
