/** What a plan is made of: subtasks, what they wait for, notes, and the claim of an agent that it is done. */
import * as z from 'zod';
import type { Decoded } from '../../db/rows';
import { KernelError } from '../../errors/errors';
import { subtaskId, type SubtaskId } from '../../ids';
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

export type { SubtaskCounts } from '../record/subtaskStore';

/** Statuses of work that has not started, whose text may still change. */
const UNBEGUN: ReadonlySet<Subtask['status']> = new Set<Subtask['status']>(['PENDING', 'READY', 'BLOCKED']);

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

/** @throws KernelError `NOT_FOUND` */
export function getSubtask(r: Reader, id: string): Subtask {
  const subtask = store.selectSubtask(r, id);
  if (subtask === undefined) throw new KernelError('NOT_FOUND', { what: 'subtask', id });
  return subtask;
}

/** In their order. @throws KernelError `ROW_INVALID` where one cannot be read: a rule over all must not leave it out */
export function listSubtasks(r: Reader, taskId: string): Subtask[] {
  return store.selectSubtasks(r, taskId);
}

/** In their order, and rows that cannot be read. */
export function readableSubtasks(r: Reader, taskId: string): Decoded<Subtask> {
  return store.selectReadableSubtasks(r, taskId);
}

/** Those of the named subtasks that there are, in no order, and rows that cannot be read. */
export function subtasksAmong(r: Reader, ids: readonly string[]): Decoded<Subtask> {
  return store.selectSubtasksAmong(r, ids);
}

/** What the named subtasks wait for, and what waits for them; and rows that cannot be read. */
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

/** How many there are, and how many are merged. */
export function countSubtasks(r: Reader, taskId: string): SubtaskCounts {
  return store.countSubtasks(r, taskId);
}

/** Those that failed or are merged, and still have a worktree. */
export function placesAtRest(r: Reader): Subtask[] {
  return store.selectIdleWorktrees(r);
}

/** The subtasks this one waits for, and those that wait for it. */
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
  refuseBegun(subtask);
  changeSubtask(u, task, subtask, {
    ...(title === undefined ? {} : { title }),
    ...(spec === undefined ? {} : { spec }),
    ...(implementationPlan === undefined ? {} : { implementationPlan }),
    ...(acceptanceCriteria === undefined ? {} : { acceptanceCriteria }),
  });
  return getSubtask(u, id);
}

/**
 * Lets a subtask wait until another is merged. Given twice it is the same as once.
 * @throws KernelError `NOT_FOUND`; `INVALID_ARGUMENT` for subtasks of two tasks, for one that has started, and for a
 * circle, which it shows.
 */
export function addSubtaskDependency(u: Unit, id: string, dependsOn: string): void {
  const [subtask, upstream] = [getSubtask(u, id), getSubtask(u, dependsOn)];
  const task = getTask(u, subtask.taskId);
  const refuse = (problem: string): never => {
    throw new KernelError('INVALID_ARGUMENT', { argument: 'dependsOn', problem });
  };
  if (subtask.taskId !== upstream.taskId) refuse('both subtasks must be of one task');
  const edges = edgesOf(u, task);
  if (edges.some((edge) => edge.upstream === upstream.id && edge.downstream === subtask.id)) return;
  refuseBegun(subtask);
  const back = findPath(edges, subtask.id, upstream.id);
  if (back !== undefined) {
    const circle = [upstream.id, ...back].map((one) => getSubtask(u, one).title);
    refuse(`they would wait for each other in a circle: ${circle.join(' → ')}`);
  }
  store.insertSubtaskDependency(u, { subtaskId: subtask.id, dependsOnId: upstream.id });
  u.touched.run(task.runId);
  if (subtask.status === 'READY' && isWaiting(u, task, subtask)) {
    enterSubtaskState(u, task, subtask, { to: 'BLOCKED_DEPENDENCY', reason: `waits for ${upstream.title}` });
  }
}

/** @throws KernelError `NOT_FOUND`, also for a dependency that is not there. */
export function removeSubtaskDependency(u: Unit, id: string, dependsOn: string): void {
  const [subtask, upstream] = [getSubtask(u, id), getSubtask(u, dependsOn)];
  const task = getTask(u, subtask.taskId);
  if (store.deleteSubtaskDependency(u, { subtaskId: subtask.id, dependsOnId: upstream.id }) === 0) {
    throw new KernelError('NOT_FOUND', { what: 'dependency', id: `${dependsOn} → ${id}` });
  }
  u.touched.run(task.runId);
  reconsider(u, task, subtask);
}

/** Frees a subtask that has nothing left to wait for. A failure stays one (D32). */
export function reconsider(u: Unit, task: Task, subtask: Subtask): boolean {
  if (subtask.blockedReason !== 'DEPENDENCY' || isWaiting(u, task, subtask)) return false;
  enterSubtaskState(u, task, subtask, { to: 'READY' });
  return true;
}

const noteInput = z.strictObject({ author: nonBlank.max(200), text: nonBlank.max(1_000_000) });

/** Keeps what an agent or a person has to say about a subtask. @throws KernelError `INVALID_ARGUMENT`, `NOT_FOUND` */
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
 * The worker says that it is done. A claim: the finish of the subtask searches for itself
 * (`docs/design/architecture.md#promises`). Said twice, the first reason stands.
 * @throws KernelError `NOT_FOUND`; `TASK_STATE` where nobody works on it; `INVALID_ARGUMENT`.
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
  if (at < 0) throw new KernelError('INVALID_ARGUMENT', { argument: 'before', problem: 'it is of another task' });
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
export function refuseBegun(subtask: Subtask): void {
  refuseSubtask(subtask.id, stateOf(subtask), 'edit');
}

/** Whether its text and what it waits for stand fast. */
export function hasStarted({ status }: Pick<Subtask, 'status'>): boolean {
  return !UNBEGUN.has(status);
}
