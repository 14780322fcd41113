/**
 * *Sync Project*: fetches from the remote, and records merges that happened there
 * (`docs/design/tasks.md#the-base-of-the-work`).
 */
import type { ProjectSync } from '../../../contract/results/tasks';
import { isGitFailure } from '../../../host/git/git';
import { otherDefault } from '../../../host/git/branch/remoteDefault';
import type { RefName } from '../../../kernel/text/gitNames';
import { getProject } from '../../../kernel/tasks/service';
import { restoreClone } from '../project/cloneUpkeep';
import { refreshFork } from '../project/githubProjects';
import type { MergeDeps } from './merge';
import { repositoryOf } from '../taskFolders';
import { checkPullRequests } from './pullRequestWatch';
import { baseCommit } from '../work/worktreePreparation';

/** @throws KernelError `NOT_FOUND`, `GIT_FAILED`, `GIT_BUSY`; as `checkPullRequests` */
export async function syncProject(deps: MergeDeps, projectId: string): Promise<ProjectSync> {
  const project = deps.kernel.read((r) => getProject(r, projectId));
  await restoreClone(deps, project);
  if (project.remote !== null) await refreshFork({ github: deps.github(), log: deps.log }, project);
  const baseSha = await baseCommit(deps, project, await repositoryOf(deps, project));
  const merged = project.remote === null ? [] : await checkPullRequests(deps, deps.github(), { projectId: project.id });
  return { baseSha, merged, otherDefault: (await otherDefaultOf(deps, projectId)) ?? null };
}

/** A failed status check is no reason to fail. */
async function otherDefaultOf(deps: MergeDeps, projectId: string): Promise<RefName | undefined> {
  const project = deps.kernel.read((r) => getProject(r, projectId));
  const { remote, defaultBranch } = project;
  if (remote === null) return (await otherDefault(await repositoryOf(deps, project), defaultBranch))?.name;
  try {
    const name = await deps.transport.defaultBranch(remote.upstream ?? remote);
    return name === defaultBranch ? undefined : name;
  } catch (error) {
    if (isGitFailure(error)) return undefined;
    throw error;
  }
}
