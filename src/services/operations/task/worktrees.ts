/** Operations on worktrees. All of them run git in the repository, whose own settings name programs: they need trust. */
import { listWorktreeSnapshots, restoreWorktreeSnapshot } from '../../tasks/worktree/worktreeSnapshots';
import { proposeProjectSetup } from '../../tasks/worktreeSetup/projectSetup';
import { findUnusedWorktrees, removeUnusedWorktrees } from '../../tasks/worktree/unusedWorktrees';
import type { Implementation } from '../implementation';
import { projectDeps } from '../host';

export const worktreeOperations: Implementation<'worktrees'> = {
  'worktrees.snapshots': async (host, where) => await listWorktreeSnapshots(projectDeps(host), where.projectId),
  'worktrees.restore': async (host, where) => {
    const deps = projectDeps(host);
    const storageDir = host.taskServices.storageDir(deps.kernel.folder);
    return await restoreWorktreeSnapshot({ ...deps, storageDir }, where.projectId, where.ref);
  },
  'worktrees.unused': async (host, where) => await findUnusedWorktrees(projectDeps(host), where.projectId),
  'worktrees.proposeSetup': async (host, where) => await proposeProjectSetup(projectDeps(host), where.projectId),
  'worktrees.clean': async (host, { paths, forget }) => await removeUnusedWorktrees(projectDeps(host), paths, forget),
};
