/** Operations on worktrees. All of them run git in the repository, whose own settings name programs: they need trust. */
import { listKeptWork, restoreKeptWork } from '../../tasks/worktree/keptWork';
import { proposeProjectSetup } from '../../tasks/worktreeSetup/projectSetup';
import { findStrays, removeStrays } from '../../tasks/worktree/strays';
import type { Implementation } from '../implementation';
import { landingDeps } from './taskServices';

export const worktreeOperations: Implementation<'worktrees'> = {
  'worktrees.snapshots': async (host, where) => await listKeptWork(landingDeps(host), where.projectId),
  'worktrees.restore': async (host, where) => {
    const deps = landingDeps(host);
    const storageDir = host.taskServices.storageDir(deps.kernel.folder);
    return await restoreKeptWork({ ...deps, storageDir }, where.projectId, where.ref);
  },
  'worktrees.strays': async (host, where) => await findStrays(landingDeps(host), where.projectId),
  'worktrees.proposeSetup': async (host, where) => await proposeProjectSetup(landingDeps(host), where.projectId),
  'worktrees.clean': async (host, { paths, forget }) => await removeStrays(landingDeps(host), paths, forget),
};
