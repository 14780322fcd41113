/** Checks and repairs at the start of leading a folder (`docs/design/tasks.md#leading-and-recovery`). */
import { taskRecordProblems } from '../../../kernel/tasks/upkeep/invariants';
import { repairTasks } from '../../../kernel/tasks/upkeep/repair';
import { listProjects } from '../../../kernel/tasks/service';
import { repairMerges } from '../../../host/git/merge/movingFiles';
import type { TaskDeps } from '../deps';
import { repositoryOf } from '../taskFolders';
import { followMovedRepository } from '../project/projectMoves';
import { runUpkeep } from '../stageRunner';
import { findUnusedWorktrees } from '../worktree/unusedWorktrees';

/**
 * Logs inconsistencies in the record of tasks, repairs those with one right answer, and names unused worktrees. Loops
 * that adopt attempts end those whose agents are gone.
 */
export async function recoverTasks(deps: Pick<TaskDeps, 'kernel' | 'git' | 'log'>): Promise<void> {
  const { kernel, log } = deps;
  await runUpkeep(deps, 'recovery', '', () => followMovedRepository(deps));
  await repairEach(deps);
  await runUpkeep(deps, 'recovery', '', async () => {
    const problems = kernel.read(taskRecordProblems);
    if (problems.length > 0) {
      const repaired = await kernel.write(repairTasks);
      log.warn('the record of tasks was inconsistent', { problems, repaired, left: kernel.read(taskRecordProblems) });
    }
    const { unused, skipped } = await findUnusedWorktrees(deps);
    for (const { projectId, problem } of skipped) log.warn('worktrees not checked', { project: projectId, problem });
    if (unused.length > 0) log.info('unused worktrees', { folders: unused.map((orphan) => orphan.path) });
  });
}

/** Merges that a crash interrupted are undone before any work in these repositories. */
async function repairEach(deps: Pick<TaskDeps, 'kernel' | 'git' | 'log'>): Promise<void> {
  for (const project of deps.kernel.read((r) => listProjects(r))) {
    await runUpkeep(deps, 'recovery', project.id, async () => {
      const repository = await repositoryOf(deps, project);
      for (const merge of await repository.exclusively(() => repairMerges(repository))) {
        deps.log.warn('interrupted merge repaired', { ...merge });
      }
    });
  }
}
