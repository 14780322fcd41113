/** What operations on projects, tasks and subtasks stand on. */
import type { Git } from '../../host/git/git';
import type { ProjectKernel } from '../../services/kernels';
import type { LandingDeps } from '../../services/village/landing';
import type { OperationHost } from './host';

/**
 * Who makes agents work on the tasks of a folder: nobody, this window, another one, or nobody before the person allows
 * agents that ask for nothing.
 */
export type VillageStanding = 'off' | 'leading' | 'following' | 'forbidden';

/** The villages of a window: one for each open folder with projects. */
export interface WindowVillages {
  readonly git: Git;
  standing(folder: string): VillageStanding;
  /**
   * Asks the person, once for each workspace, where the folder's agents ask for nothing. `allowed` stands for the
   * answer. Throws `Dismissed` where they are not allowed.
   */
  allowAgents(folder: string, allowed: true | undefined): Promise<void>;
}

export function landingDeps({ villages, log }: OperationHost, kernel: ProjectKernel): LandingDeps {
  return { kernel, git: villages.git, log: log.scope('village') };
}
