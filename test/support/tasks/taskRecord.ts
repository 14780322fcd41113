/** Tasks in memory: one project, and tasks whose subtasks have the given dependencies. */
import type { Proof, Task, Subtask } from '../../../src/kernel/tasks/record/model';
import { refName, sha } from '../../../src/kernel/text/gitNames';
import {
  placeSubtask,
  startSubtask,
  recordProof,
  completeSubtask,
  mergeSubtask,
  type Workplace,
} from '../../../src/kernel/tasks/subtask/progress';
import { acceptPlan, addProject, createTask, listProjects } from '../../../src/kernel/tasks/service';
import { addSubtask, addSubtaskDependency } from '../../../src/kernel/tasks/subtask/subtasks';
import type { Unit } from '../../../src/kernel/unit';

export const CLONE = '/projects/parcels';

export function aTask(u: Unit, title = 'Tell people when their parcel is late'): Task {
  const project = listProjects(u)[0] ?? addProject(u, { name: 'parcels', clonePath: CLONE, defaultBranch: 'main' });
  return createTask(u, { projectId: project.id, title, description: 'They wait and do not know.' });
}

/** Subtasks by title; `waits` names, for each, those it waits for. */
export type PlanOutline = Readonly<Record<string, readonly string[]>>;

export const DIAMOND: PlanOutline = { A: [], B: ['A'], C: ['A'], D: ['B', 'C'] };

/** Plans a task as outlined, and accepts the plan. */
export function planned(u: Unit, outline: PlanOutline): { task: Task; subtasks: Readonly<Record<string, Subtask>> } {
  const task = aTask(u);
  const made = Object.fromEntries(
    Object.keys(outline).map((title) => [title, addSubtask(u, { taskId: task.id, title })]),
  );
  for (const [title, waits] of Object.entries(outline)) {
    for (const upstream of waits) addSubtaskDependency(u, made[title]?.id ?? '', made[upstream]?.id ?? '');
  }
  return { task: acceptPlan(u, task.id, { path: 'plan.md' }), subtasks: made };
}

export function workplace(id: string): Workplace {
  return workplaceAt(`branch-${id}`, `/worktrees/${id}`, 'a'.repeat(40));
}

export function workplaceAt(branch: string, worktreePath: string, base: string): Workplace {
  return { branchName: refName.parse(branch), worktreePath, baseSha: sha.parse(base.trim()) };
}

/** What a worker that succeeds has done, as proven. */
export const PROOF: Proof = { commit: sha.parse('b'.repeat(40)), where: 'agent tree', decidingFiles: [] };

/** From ready to merged, the way a worker that succeeds goes. */
export function build(u: Unit, id: string): ReturnType<typeof mergeSubtask> {
  startSubtask(u, id);
  placeSubtask(u, id, workplace(id));
  recordProof(u, id, PROOF);
  completeSubtask(u, id, { pullRequest: null });
  return mergeSubtask(u, id);
}
