/** Operations on projects and tasks (`docs/design/github.md#adding-a-project`). */
import { storedReason } from '../errors/reasons/storedReasons';
import type { PermissionPolicy } from '../dispatch/permissionPolicy';
import type { Decoded, InvalidRow } from '../db/rows';
import { KernelError } from '../errors/errors';
import { because, type Problem } from '../errors/reasons/problem';
import { projectId, taskId, type RunId, type TaskId } from '../ids';
import { parseInput } from '../input';
import { addArtifact } from '../tracking/service';
import { advanceRun } from '../run/advance';
import { createRun } from '../run/record/runs';
import { rollbackRun } from '../run/rollback';
import { getRun } from '../run/record/queries';
import type { Reader, Unit } from '../unit';
import { isComplete, findCycle, kahnOrder } from '../portfolio/graph';
import {
  addProjectInput,
  createTaskInput,
  type AddProjectInput,
  type CreateTaskInput,
  type Project,
  type Remote,
  type Subtask,
  type Task,
} from './record/model';
import * as store from './record/store';
import { hasOpenDependency, selectSubtaskDependencies, selectSubtasks } from './record/subtaskStore';
import { refuseEndedTask, refuseTask, refused } from './record/stateRefusals';
import { enterSubtaskState, enterTaskStatus } from './record/transition';
import { defined } from '../defined';

/** The default phases of a task's run (`docs/design/tasks.md#a-task-and-its-run`). */
export const TASK_CHAIN = ['planned', 'executing', 'review', 'done'] as const;

/** @throws KernelError `INVALID_ARGUMENT`; `PROJECT_EXISTS` for a repository or a folder that is already a project. */
export function addProject(u: Unit, input: AddProjectInput): Project {
  const facts = parseInput(addProjectInput, input, 'project');
  const given = facts.remote ?? null;
  const remote = given === null ? null : { owner: given.owner, repo: given.repo, upstream: given.upstream ?? null };
  refuseKnown(listProjects(u), ({ clonePath }) => clonePath === facts.clonePath);
  if (remote !== null) refuseSameRemote(listProjects(u), remote);
  const id = projectId.parse(u.newId());
  store.insertProject(u, { ...facts, id, remote, isOurs: facts.isOurs ?? false });
  u.touched.rest();
  return getProject(u, id);
}

/**
 * A repository matches by its own name and by that of its upstream; case is ignored.
 * @throws KernelError `PROJECT_EXISTS` where one of the projects is this repository.
 */
export function refuseSameRemote(projects: readonly Project[], remote: Remote): void {
  const names = namesOf(remote);
  refuseKnown(projects, (other) => other.remote !== null && namesOf(other.remote).some((name) => names.includes(name)));
}

function refuseKnown(projects: readonly Project[], isSame: (project: Project) => boolean): void {
  const known = projects.find(isSame);
  if (known !== undefined) throw new KernelError('PROJECT_EXISTS', { name: known.name, path: known.clonePath });
}

function namesOf(remote: Remote): string[] {
  const named = [remote, ...(remote.upstream === null ? [] : [remote.upstream])];
  return named.map(({ owner, repo }) => `${owner}/${repo}`.toLowerCase());
}

/** @throws KernelError `NOT_FOUND` */
export function getProject(r: Reader, id: string): Project {
  const project = store.selectProject(r, id);
  if (project === undefined) throw new KernelError('NOT_FOUND', { what: 'project', id });
  return project;
}

/** Oldest first; without unreadable rows. */
export function listProjects(r: Reader): Project[] {
  return store.selectProjects(r).sound;
}

/** The clone of the project whose subtask has a worktree at a path; undefined if there is none. */
export function cloneOfWorktree(r: Reader, worktree: string): string | undefined {
  return store.selectCloneOfWorktree(r, worktree);
}

/** Rows of tasks that the list omits. */
export function unreadableTasks(r: Reader): InvalidRow[] {
  return store.selectTasks(r, null).invalid;
}

/** Projects oldest first, and unreadable rows. */
export function readableProjects(r: Reader): Decoded<Project> {
  return store.selectProjects(r);
}

/** Tasks newest first, and unreadable rows. */
export function readableTasks(r: Reader): Decoded<Task> {
  return store.selectTasks(r, null);
}

/**
 * Creates a task, in planning, and the run that guards it.
 * @throws KernelError `INVALID_ARGUMENT`; `NOT_FOUND` for the project.
 */
export function createTask(u: Unit, input: CreateTaskInput, chosen?: TaskId): Task {
  const facts = parseInput(createTaskInput, input, 'task');
  const project = getProject(u, facts.projectId);
  const id = chosen ?? taskId.parse(u.newId());
  const run = createRun(u, {
    projectDir: project.clonePath,
    goal: facts.title,
    phases: [...TASK_CHAIN],
    metadata: JSON.stringify({ task: id }),
    ...defined({ tokenBudget: facts.tokenBudget }),
  });
  const { title, description, autoStart = false, permissions = null } = facts;
  store.insertTask(u, { id, projectId: project.id, runId: run.id, title, description, autoStart, permissions });
  store.insertEvent(u, { taskId: id, subtaskId: null, from: '', to: 'PLANNING', reason: null });
  return getTask(u, id);
}

/** @throws KernelError `NOT_FOUND` */
export function getTask(r: Reader, id: string): Task {
  const task = store.selectTask(r, id);
  if (task === undefined) throw new KernelError('NOT_FOUND', { what: 'task', id });
  return task;
}

/** Newest first, of one project or of all; without unreadable rows. */
export function listTasks(r: Reader, ofProject?: string): Task[] {
  return store.selectTasks(r, ofProject ?? null).sound;
}

/** Tasks in planning, or with a subtask in progress; newest first. */
export function tasksAtWork(r: Reader): Task[] {
  return store.selectTasksAtWork(r);
}

/** The runs of tasks that are not done. */
export function openTaskRuns(r: Reader): RunId[] {
  return store.selectOpenTaskRuns(r);
}

/** The tasks of the named runs, oldest first, and unreadable rows. */
export function tasksOfRuns(r: Reader, runIds: readonly string[]): Decoded<Task> {
  return store.selectTasksOfRuns(r, runIds);
}

/** The task whose run this is. */
export function taskOfRun(r: Reader, runId: string): Task | undefined {
  return store.selectTaskOfRun(r, runId);
}

/**
 * Accepts the plan: the task becomes active, its run enters `executing` with the plan as the artifact of `planned`, and
 * each subtask becomes ready or waits. All or nothing.
 * @throws KernelError `NOT_FOUND`, `TASK_STATE`; `PLAN_INVALID` for a plan without subtasks or with a circle (D5, D33).
 */
export function acceptPlan(u: Unit, id: string, plan: { path: string; contentHash?: string }): Task {
  const task = getTask(u, id);
  refuseTask(task.id, task.status, 'acceptPlan');
  const subtasks = selectSubtasks(u, task.id);
  refuseBadPlan(u, task, subtasks);
  enterTaskStatus(u, task, 'ACTIVE');
  addArtifact(u, { ...plan, runId: task.runId, phase: TASK_CHAIN[0], type: 'plan' });
  const outcome = advanceRun(u, task.runId, { tier: 'hard', skipReason: storedReason('plan accepted') });
  if (!outcome.advanced) {
    const problem = because('its run stays in {phase}', { phase: outcome.fromPhase });
    throw new KernelError('PLAN_INVALID', { taskId: task.id, problem });
  }
  for (const subtask of subtasks.filter(({ status }) => status === 'PENDING')) {
    enterSubtaskState(u, task, subtask, { to: isWaiting(u, task, subtask) ? 'BLOCKED_DEPENDENCY' : 'READY' });
  }
  return getTask(u, id);
}

function refuseBadPlan(r: Reader, task: Task, subtasks: readonly Subtask[]): void {
  const refuse = (problem: Problem<'PLAN_INVALID'>): never => {
    throw new KernelError('PLAN_INVALID', { taskId: task.id, problem });
  };
  if (subtasks.length === 0) refuse(because('it has no subtasks'));
  const edges = edgesOf(r, task);
  if (!isComplete(edges, kahnOrder(edges))) {
    const titles = new Map<string, string>(subtasks.map((subtask) => [subtask.id, subtask.title]));
    const circle = (findCycle(edges) ?? []).map((one) => titles.get(one) ?? one);
    refuse(because('its subtasks wait for each other in a circle: {circle}', { circle: circle.join(' → ') }));
  }
}

/** Dependencies as edges from the upstream subtask to the one that waits. */
export function edgesOf(r: Reader, task: Pick<Task, 'id'>): { upstream: string; downstream: string }[] {
  return selectSubtaskDependencies(r, task.id).map(({ subtaskId, dependsOnId }) => ({
    upstream: dependsOnId,
    downstream: subtaskId,
  }));
}

/** Whether the subtask has an unmerged dependency. */
export function isWaiting(r: Reader, task: Pick<Task, 'id'>, subtask: Pick<Subtask, 'id'>): boolean {
  return hasOpenDependency(r, task.id, subtask.id);
}

/**
 * Planning failed, or a person stopped it. The reason is stored and shown (D4).
 * @throws KernelError `NOT_FOUND`, `TASK_STATE`, `STALE`
 */
export function failPlanning(u: Unit, id: string, reason: string): Task {
  enterTaskStatus(u, getTask(u, id), 'PLANNING_FAILED', reason);
  return getTask(u, id);
}

/** Plans again. @throws KernelError `NOT_FOUND`; `TASK_STATE`, also where its run has ended; `STALE` */
export function retryPlanning(u: Unit, id: string): Task {
  const task = getTask(u, id);
  const { status } = getRun(u, task.runId);
  refuseTask(id, task.status, 'plan');
  refuseEndedTask(id, status);
  enterTaskStatus(u, task, 'PLANNING');
  return getTask(u, id);
}

/** The permission policy of its next agents in sessions; null for that of the machine. @throws KernelError `NOT_FOUND` */
export function setTaskPermissions(u: Unit, id: string, permissions: PermissionPolicy | null): Task {
  const task = getTask(u, id);
  store.updateTaskPermissions(u, task.id, permissions);
  u.touched.run(task.runId);
  return getTask(u, id);
}

/**
 * Gives the accepted plan back to the planner, with what must change. Subtasks keep their texts until then.
 * @throws KernelError `NOT_FOUND`; `TASK_STATE`, also where a subtask has started or its run has ended; `STALE`
 */
export function revisePlan(u: Unit, id: string, text: string): Task {
  const task = getTask(u, id);
  refuseTask(id, task.status, 'revise');
  refuseEndedTask(id, getRun(u, task.runId).status);
  const subtasks = selectSubtasks(u, task.id);
  if (!subtasks.every(isPlanned)) throw refused('task', id, task.status, 'revise', 'taskStarted');
  enterTaskStatus(u, task, 'PLANNING', text);
  rollbackRun(u, task.runId, { toPhase: TASK_CHAIN[0], reason: text });
  for (const subtask of subtasks.filter(({ status }) => status !== 'PENDING')) {
    enterSubtaskState(u, task, subtask, { to: 'PENDING' });
  }
  return getTask(u, id);
}

/** Whether no work on it has started. */
function isPlanned({ status, blockedReason }: Subtask): boolean {
  return status === 'PENDING' || status === 'READY' || blockedReason === 'DEPENDENCY';
}

/** What a person wants changed in the plan; undefined where no revision is open. */
export function openRevision(r: Reader, id: string): string | undefined {
  return store.selectOpenRevision(r, id);
}

/** Whether workers of the task start automatically. @throws KernelError `NOT_FOUND` */
export function setAutoStart(u: Unit, id: string, autoStart: boolean): Task {
  const task = getTask(u, id);
  store.updateTaskText(u, task.id, { ...task, autoStart });
  u.touched.run(task.runId);
  return getTask(u, id);
}
