/** Whether the base branch already contains work. Intercore or people move it; never the agent of the work. */
import { branchCommit } from '../../../host/git/branch/branches';
import type { OwnView } from '../../../host/git/view/ownView';
import type { Sha } from '../../../kernel/text/gitNames';
import type { Project } from '../../../kernel/tasks/record/model';

/**
 * The commit of the base branch on this machine, if it contains a commit or all its changes; undefined if the work is
 * not merged yet.
 */
export async function landedCommit(view: OwnView, project: Project, commit: Sha): Promise<Sha | undefined> {
  const base = await branchCommit(view.repository, project.defaultBranch);
  if (base === undefined) return undefined;
  if (await view.isAncestor(commit, base)) return base;
  const [merged, tree] = await Promise.all([view.mergedTree(base, commit), view.treeOf(base)]);
  return merged.conflicts.length === 0 && merged.tree === tree ? base : undefined;
}
