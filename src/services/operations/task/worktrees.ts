/** Operations on worktrees. All of them run git in the repository, whose own settings name programs: they need trust. */
import { listKeptWork, restoreKeptWork } from '../../tasks/worktree/keptWork';
import { proposeProjectSetup } from '../../tasks/worktreeSetup/projectSetup';
import { findStrays, removeStrays } from '../../tasks/worktree/strays';
import { kernelOf, requireTrust, type OperationHost, type Whereabouts } from '../host';
import type { Implementation } from '../implementation';
import { landingDeps } from './taskServices';

export const worktreeOperations: Implementation<'worktrees'> = {
  'worktrees.snapshots': async (host, where) =>
    await listKeptWork(await depsOf(host, where, 'look at worktrees'), where.projectId),
  'worktrees.restore': async (host, where) => {
    const deps = await depsOf(host, where, 'restore worktrees');
    const storageDir = host.taskServices.storageDir(deps.kernel.folder);
    return await restoreKeptWork({ ...deps, storageDir }, where.projectId, where.ref);
  },
  'worktrees.strays': async (host, where) =>
    await findStrays(await depsOf(host, where, 'look at worktrees'), where.projectId),
  'worktrees.proposeSetup': async (host, where) =>
    await proposeProjectSetup(await depsOf(host, where, 'look at worktrees'), where.projectId),
  'worktrees.clean': async (host, { paths, forget, ...where }) =>
    await removeStrays(await depsOf(host, where, 'remove worktrees'), paths, forget),
};

async function depsOf(host: OperationHost, where: Whereabouts, action: string) {
  requireTrust(host, action);
  return landingDeps(host, await kernelOf(host, where, action));
}
