/** The changes of a subtask so far, for display. */
import { existsSync } from 'node:fs';
import type { SubtaskChanges } from '../../../contract/results/tasks';
import { missingBranch } from '../../../host/git/branch/branches';
import { mergeHooks } from '../../../host/git/merge/mergeHooks';
import { parseNameStatus } from '../../../host/git/statusOutput';
import { KernelError } from '../../../kernel/errors/errors';
import { getProject, getTask } from '../../../kernel/tasks/service';
import { getSubtask } from '../../../kernel/tasks/subtask/subtasks';
import type { ProjectDeps } from '../deps';
import { repositoryOf } from '../taskFolders';

/**
 * @throws KernelError `REPOSITORY_EMPTY`, `OBJECTS_MISSING`, `REPOSITORY_DAMAGED`; `NOT_FOUND` for the subtask, or for its
 * branch before the work started and after it was merged.
 */
export async function changesOf(deps: Pick<ProjectDeps, 'kernel' | 'git'>, id: string): Promise<SubtaskChanges> {
  const { subtask, project } = deps.kernel.read((r) => {
    const found = getSubtask(r, id);
    return { subtask: found, project: getProject(r, getTask(r, found.taskId).projectId) };
  });
  const { branchName, baseSha, worktreePath } = subtask;
  const repository = await repositoryOf(deps, project);
  const headSha = branchName === null ? undefined : await repository.commitOf(`refs/heads/${branchName}`);
  if (branchName === null || baseSha === null || headSha === undefined) {
    const missing = branchName === null ? undefined : await missingBranch(repository, branchName);
    if (missing !== undefined && missing.code !== 'BRANCH_MISSING') throw missing;
    throw new KernelError('NOT_FOUND', { what: 'branch of subtask', id });
  }
  const { git } = repository;
  const worktree = worktreePath !== null && existsSync(worktreePath) ? await git.places.gitFolder(worktreePath) : null;
  const diff = ['diff', '--name-status', '-z', '--find-renames'];
  const [committed, loose] =
    worktree === null
      ? [await git.run(repository.folder, [...diff, '--end-of-options', baseSha, headSha]), '']
      : await Promise.all([
          git.run(worktree, [...diff, '--end-of-options', baseSha]),
          git.run(worktree, ['ls-files', '--others', '--exclude-standard', '-z']),
        ]);
  const fresh = loose.split('\0').filter(Boolean);
  return {
    clonePath: project.clonePath,
    branch: branchName,
    baseSha,
    worktree,
    headSha,
    files: [...parseNameStatus(committed), ...fresh.map((after) => ({ before: null, after }))],
    commits: await repository.commitsBetween(baseSha, headSha),
    skippedHooks: project.remote === null ? await mergeHooks(repository) : [],
  };
}
