/** Operations that speak to GitHub for a person who waits: projects from there, and what becomes of pull requests. */
import type { OperationArgs } from '../../../contract/operations/api';
import { systemPorts } from '../../../host/clock';
import type { Project } from '../../../kernel/tasks/record/model';
import { resumePublishing, type MergeOutcome } from '../../../kernel/tasks/subtask/progress';
import { removeProject } from '../../../kernel/tasks/project/removal';
import { listProjects } from '../../../kernel/tasks/service';
import type { ProjectKernel } from '../../record/projectKernel';
import { deleteClone, freeClone, ownCloneOf, refuseLoss, removable } from '../../tasks/project/cloneUpkeep';
import { addGitHubProject, recordInClone, type AddOptions } from '../../tasks/project/githubProjects';
import { markMerged, mergeWhereItBelongs, subtaskLanding, type MergeDeps } from '../../tasks/landing/merging';
import { changeBase, relocate } from '../../tasks/project/projectMoves';
import { deleteTasksOf } from '../../tasks/project/projectRemoval';
import { syncProject } from '../../tasks/landing/sync';
import { isReadable, kernelOf, requireTrust, writeIn, type OperationHost, type Whereabouts } from '../host';
import type { Implementation } from '../implementation';
import { endDispatches } from '../run/processes';
import { landingDeps } from './taskServices';

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
  'projects.addFromGitHub': (host, args) => addFromGitHub(host, args),
  'projects.sync': async (host, where) => {
    requireTrust(host, 'synchronise projects');
    const kernel = await kernelOf(host, where, 'synchronise projects');
    return syncProject(mergeDeps(host, kernel), where.projectId);
  },
  'projects.freeClone': async (host, { discard = false, ...where }) => {
    requireTrust(host, 'free clones');
    return freeClone(landingDeps(host, await kernelOf(host, where, 'free clones')), where.projectId, { discard });
  },
  'projects.relocate': async (host, { to, ...where }) => {
    requireTrust(host, 'relocate projects');
    const kernel = await kernelOf(host, where, 'relocate projects');
    const project = await relocate(mergeDeps(host, kernel), where.projectId, to);
    host.taskServices.lookAgain();
    return project;
  },
  'projects.changeBase': async (host, { branch, ...where }) => {
    requireTrust(host, 'change base branches');
    return changeBase(mergeDeps(host, await kernelOf(host, where, 'change base branches')), where.projectId, branch);
  },
  'projects.remove': async (host, { clone = false, discard = false, tasks = false, ...where }) => {
    if (tasks) await removeTasks(host, where);
    if (!clone) return writeIn(host, where, 'remove projects', (unit) => removeProject(unit, where.projectId));
    requireTrust(host, 'delete clones');
    const deps = landingDeps(host, await kernelOf(host, where, 'delete clones'));
    const found = removable(deps, where.projectId);
    const own = await ownCloneOf(deps, found);
    await refuseLoss(deps, found, { discard });
    const project = await writeIn(host, where, 'remove projects', (unit) => removeProject(unit, where.projectId));
    await deleteClone(deps, project, own);
    host.taskServices.gitHub.closeFolder(project);
    return project;
  },
  'subtasks.merge': (host, where) => withLandingDeps(host, where, 'merge subtasks', mergeWhereItBelongs),
  'subtasks.landing': (host, where) => withLandingDeps(host, where, 'look at pull requests', subtaskLanding),
  'subtasks.markMerged': async (host, { force, ...where }): Promise<MergeOutcome> => {
    requireTrust(host, 'merge subtasks');
    const { folder } = await kernelOf(host, where, 'merge subtasks');
    const rule = host.setting('intercore.github.verifyMerges', folder);
    const verify = rule === 'require' || (rule === 'warn' && force !== true);
    return withLandingDeps(host, where, 'merge subtasks', (deps, id) => markMerged(deps, id, { verify }));
  },
  'subtasks.retryPullRequest': (host, where) =>
    writeIn(host, where, 'open pull requests', (unit) => resumePublishing(unit, where.subtaskId)),
};

/** Also where the clone is kept that its worktrees belong to: they go first. */
async function removeTasks(host: OperationHost, where: Whereabouts & { readonly projectId: string }): Promise<void> {
  requireTrust(host, 'delete tasks');
  const kernel = await kernelOf(host, where, 'delete tasks');
  await deleteTasksOf(
    {
      ...landingDeps(host, kernel),
      endDispatches: (ids) => endDispatches(host, kernel, ids, 'task deleted'),
    },
    where.projectId,
  );
}

async function withLandingDeps<T>(
  host: OperationHost,
  where: Whereabouts & { readonly subtaskId: string },
  action: string,
  work: (deps: MergeDeps, id: string) => Promise<T>,
): Promise<T> {
  requireTrust(host, action);
  const kernel = await kernelOf(host, where, action);
  return work(mergeDeps(host, kernel), where.subtaskId);
}

function mergeDeps(host: OperationHost, kernel: ProjectKernel): MergeDeps {
  const { gitHub } = host.taskServices;
  return { ...landingDeps(host, kernel), transport: gitHub.transport, github: () => gitHub.connect().github };
}

/**
 * As the operation, with a way to see how far it has come and to stop it.
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
