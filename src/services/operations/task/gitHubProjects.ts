/** Operations that call GitHub for a waiting person: adding projects, and the status of pull requests. */
import type { OperationArgs } from '../../../contract/surfaces/api';
import type { TaskDeletion } from '../../../contract/results/tasks';
import { systemPorts } from '../../../host/clock';
import type { Project } from '../../../kernel/tasks/record/model';
import { resumePublishing } from '../../../kernel/tasks/subtask/progress';
import { removeProject } from '../../../kernel/tasks/project/removal';
import { listProjects } from '../../../kernel/tasks/service';
import { markMerged, mergeWhereItBelongs, subtaskLanding, type MergeDeps } from '../../tasks/landing/merge';
import { syncProject } from '../../tasks/landing/sync';
import { deleteClone, freeClone, ownCloneOf, refuseLoss, removable } from '../../tasks/project/cloneUpkeep';
import { addGitHubProject, recordInClone, type AddOptions } from '../../tasks/project/githubProjects';
import { changeBase, relocate } from '../../tasks/project/projectMoves';
import { deleteTasksOf } from '../../tasks/project/projectRemoval';
import { isReadable, requireTrust, type FolderHost, type OperationHost } from '../host';
import type { Implementation } from '../implementation';
import { endDispatches } from '../run/processes';
import { projectDeps } from '../host';

type Names =
  | 'projects.addFromGitHub'
  | 'projects.sync'
  | 'projects.freeClone'
  | 'projects.relocate'
  | 'projects.changeBase'
  | 'projects.remove'
  | 'subtasks.merge'
  | 'subtasks.landing'
  | 'subtasks.markMerged'
  | 'subtasks.retryPullRequest';

export const gitHubOperations: Pick<Implementation<'projects' | 'subtasks'>, Names> = {
  'projects.addFromGitHub': (host, args) => addFromGitHub(host, args, { signal: host.stopped }),
  'projects.sync': async (host, where) => {
    return await syncProject(mergeDeps(host), where.projectId);
  },
  'projects.freeClone': async (host, { discard = false, ...where }) => {
    return await freeClone(projectDeps(host), where.projectId, { discard });
  },
  'projects.relocate': async (host, { to, ...where }) => {
    const project = await relocate(projectDeps(host), where.projectId, to);
    host.taskServices.checkAgain();
    return project;
  },
  'projects.changeBase': async (host, { branch, ...where }) => {
    return await changeBase(projectDeps(host), where.projectId, branch);
  },
  'projects.remove': async (host, { clone = false, discard = false, tasks = false, ...where }) => {
    const deleted = tasks ? await removeTasks(host, where.projectId) : [];
    const remove = () => host.kernel.write((unit) => removeProject(unit, where.projectId));
    if (!clone) return { ...(await remove()), deleted };
    const deps = projectDeps(host);
    const found = removable(deps, where.projectId);
    const own = await ownCloneOf(deps, found);
    await refuseLoss(deps, found, { discard });
    const project = await remove();
    await deleteClone(deps, project, own);
    host.taskServices.gitHub.closeFolder(project);
    return { ...project, deleted };
  },
  'subtasks.merge': async (host, where) => {
    return await mergeWhereItBelongs(mergeDeps(host), where.subtaskId);
  },
  'subtasks.landing': async (host, where) => {
    return await subtaskLanding(mergeDeps(host), where.subtaskId);
  },
  'subtasks.markMerged': async (host, { force, ...where }) => {
    const rule = host.setting('intercore.github.verifyMerges', host.kernel.folder);
    const verify = rule === 'require' || (rule === 'warn' && force !== true);
    return await markMerged(mergeDeps(host), where.subtaskId, { verify });
  },
  'subtasks.retryPullRequest': ({ kernel }, where) => kernel.write((unit) => resumePublishing(unit, where.subtaskId)),
};

/** Also if the clone of its worktrees is kept: they are removed first. */
async function removeTasks(host: FolderHost, projectId: string): Promise<TaskDeletion[]> {
  return await deleteTasksOf(
    {
      ...projectDeps(host),
      endDispatches: (ids) => endDispatches(host, host.kernel, ids, 'task deleted'),
    },
    projectId,
  );
}

function mergeDeps(host: FolderHost): MergeDeps {
  const { gitHub } = host.taskServices;
  return { ...projectDeps(host), transport: gitHub.transport, github: () => gitHub.connect().github };
}

/**
 * As the operation, with progress and cancellation.
 * @throws KernelError as `addGitHubProject`, and `UNTRUSTED`
 */
export async function addFromGitHub(
  host: OperationHost,
  { url, open = true }: OperationArgs<'projects.addFromGitHub'>,
  options: AddOptions = {},
): Promise<Project> {
  requireTrust(host, 'add projects');
  const { gitHub } = host.taskServices;
  const projects = host.kernels.all().filter(isReadable);
  const project = await addGitHubProject(
    {
      ...gitHub.connect(),
      storageDir: gitHub.storageDir,
      projects: () => projects.flatMap((kernel) => kernel.read((r) => listProjects(r))),
      record: (input) => recordInClone(gitHub.kernelDeps, input),
      ports: systemPorts,
      log: host.log.scope('tasks'),
    },
    url,
    options,
  );
  if (open) gitHub.openFolder(project);
  return project;
}
