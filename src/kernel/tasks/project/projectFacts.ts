/** Facts of a project that change outside: the folder of its repository, and its base branch. */
import { storedReason } from '../../errors/reasons/storedReasons';
import { counted } from '../../errors/reasons/fill';
import { KernelError } from '../../errors/errors';
import type { RefName, Sha } from '../../text/gitNames';
import { nonBlank, parseInput } from '../../input';
import type { Reader, Unit } from '../../unit';
import { runningAgentRuns } from '../subtask/agentRuns';
import type { Project } from '../record/model';
import { getProject, listProjects, listTasks } from '../service';
import * as store from '../record/store';

/**
 * Records that its repository was moved to a folder, also for the runs of its tasks. The clone then counts as the
 * user's own, so that Intercore never removes it.
 * @throws KernelError `NOT_FOUND`; `TASK_STATE` while agents are running for it; `PROJECT_EXISTS` for the folder of
 * another project
 */
export function relocateProject(u: Unit, id: string, clonePath: string): Project {
  const project = getProject(u, id);
  const folder = parseInput(nonBlank.max(4096), clonePath, 'folder');
  if (folder === project.clonePath) return project;
  refuseWorking(u, project, 'relocated');
  const other = listProjects(u).find((one) => one.clonePath === folder);
  if (other !== undefined) throw new KernelError('PROJECT_EXISTS', { name: other.name, path: folder });
  store.updateProject(u, project.id, { ...project, clonePath: folder, isOurs: false });
  store.moveRuns(u, project.clonePath, folder);
  note(u, project, storedReason('repository moved from {from} to {to}', { from: project.clonePath, to: folder }));
  return getProject(u, id);
}

/**
 * Changes the base branch. Work in progress keeps the commit that it started at, and is updated to the new branch with
 * its next attempt.
 * @throws KernelError `NOT_FOUND`
 */
export function changeBaseBranch(u: Unit, id: string, defaultBranch: RefName): Project {
  const project = getProject(u, id);
  if (defaultBranch === project.defaultBranch) return project;
  store.updateProject(u, project.id, { ...project, defaultBranch });
  note(
    u,
    project,
    storedReason('base branch changed from {from} to {to}', { from: project.defaultBranch, to: defaultBranch }),
  );
  return getProject(u, id);
}

/** The commit of its base branch when it was added; undefined if it was not recorded. */
export function baseCommitOf(r: Reader, project: Project): Sha | undefined {
  return store.selectBaseCommit(r, project.id);
}

/** @throws KernelError `TASK_STATE` */
export function refuseWorking(r: Reader, project: Project, wanted: string): void {
  const tasks = new Set<string>(listTasks(r, project.id).map((task) => task.id));
  const working = runningAgentRuns(r).filter(({ taskId }) => tasks.has(taskId)).length;
  if (working === 0) return;
  const state = `in use by ${counted(working, 'agents')}`;
  throw new KernelError('TASK_STATE', { what: 'project', id: project.id, state, wanted });
}

/** An event of each task that is not done. */
function note(u: Unit, project: Project, reason: string): void {
  for (const task of listTasks(u, project.id)) {
    if (task.status !== 'DONE') {
      store.insertEvent(u, { taskId: task.id, subtaskId: null, from: task.status, to: task.status, reason });
    }
    u.touched.run(task.runId);
  }
  u.touched.rest();
}
