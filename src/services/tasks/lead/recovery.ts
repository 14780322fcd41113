/** What is looked at and set right when a window begins to orchestrate a folder (`spec/village.md` §21, §31). */
import { villageProblems } from '../../../kernel/tasks/invariants';
import { mendVillage } from '../../../kernel/tasks/repair';
import { listProjects } from '../../../kernel/tasks/service';
import { repairMerges } from '../../../host/git/merge/movingFiles';
import type { VillageDeps } from '../deps';
import { repositoryOf } from '../places';
import { followMovedRepository } from '../project/projectMoves';
import { runUpkeep } from '../work/stageRunner';
import { findStrays } from '../worktree/strays';

/**
 * Says in the log what is wrong with the record of the village, sets right what has one right answer, and names
 * worktrees that belong to nobody. Attempts whose agents have gone are ended by the loops that take them up.
 */
export async function recoverVillage(deps: Pick<VillageDeps, 'kernel' | 'git' | 'log'>): Promise<void> {
  const { kernel, log } = deps;
  await runUpkeep(deps, 'recovery', '', () => followMovedRepository(deps));
  await repairEach(deps);
  await runUpkeep(deps, 'recovery', '', async () => {
    const problems = kernel.read(villageProblems);
    if (problems.length > 0) {
      const mended = await kernel.write(mendVillage);
      log.warn('the record of the village was not sound', { problems, mended, left: kernel.read(villageProblems) });
    }
    const { strays, skipped } = await findStrays(deps);
    for (const { projectId, problem } of skipped) log.warn('worktrees not looked at', { project: projectId, problem });
    if (strays.length > 0) log.info('worktrees that belong to no task', { folders: strays.map((stray) => stray.path) });
  });
}

/** Merges that a crash has cut short are undone before anybody works in these repositories. */
async function repairEach(deps: Pick<VillageDeps, 'kernel' | 'git' | 'log'>): Promise<void> {
  for (const project of deps.kernel.read((r) => listProjects(r))) {
    await runUpkeep(deps, 'recovery', project.id, async () => {
      const repository = await repositoryOf(deps, project);
      for (const merge of await repository.exclusively(() => repairMerges(repository))) {
        deps.log.warn('interrupted merge repaired', { ...merge });
      }
    });
  }
}
