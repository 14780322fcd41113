/** Merges work on one of our branches on this machine. The base branch moves only by compare-and-swap. */
import { KernelError } from '../../../kernel/errors/errors';
import { shaOf, type Sha } from '../../../kernel/text/gitNames';
import { branchBehind, existingBranch } from '../branch/branches';
import { movableTree } from '../branch/branchUse';
import type { Identity } from '../callOptions';
import { signatureOf, signing } from './mergeSignature';
import { moveBranch, repairMerges } from './movingFiles';
import { withOwnView, type OwnView } from '../view/ownView';
import type { Repository } from '../repository';

export interface LocalMerge {
  /** The local branch that moves. */
  readonly branch: string;
  /** The commit to merge: exactly this one. */
  readonly head: Sha;
  /** Its name for people. */
  readonly name: string;
  readonly message: string;
  /** For the merge commit, if the repository has no identity configured. */
  readonly identity: Identity;
  /** For work that is merged into its base: distinguishes our own merge from others. */
  readonly landing?: Landing;
}

export interface Landing {
  /** The merge commit of an earlier call, which may have moved the branch before it was interrupted. */
  readonly announced: Sha | null;
  /** Records the merge commit. The branch moves afterwards. */
  readonly announce: (commit: Sha) => Promise<void>;
}

/** How often a merge is repeated because its base moved meanwhile. */
const MAX_TRIES = 5;

/**
 * Merges a commit into a branch on this machine. If the branch is checked out, its files are updated, and git refuses
 * to overwrite uncommitted changes. The clone's configuration and replaced objects are ignored.
 * @returns the commit that the branch was moved to, or its current commit if it already has the work.
 * @throws KernelError `MERGE_CONFLICT`, `GIT_FAILED`, `NOT_FOUND`, `BASE_MOVED`; as `movableTree`; `BASE_HOLDS_WORK` if
 * the base already has the work and we did not merge it. Nothing is changed then.
 */
export async function mergeInto(repository: Repository, merge: LocalMerge): Promise<Sha> {
  return repository.exclusively(async () => {
    await repairMerges(repository);
    // The branch that git moves, if the given one is symbolic.
    const branch = await branchBehind(repository, merge.branch);
    return withOwnView(repository, async (view) => {
      for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
        const base = await existingBranch(repository, branch);
        const landed = await mergeOnto(view, { ...merge, branch }, base);
        if (landed !== undefined) return landed;
      }
      throw new KernelError('BASE_MOVED', { base: branch });
    });
  });
}

/** Undefined if the branch is no longer at `base`. */
async function mergeOnto(view: OwnView, merge: LocalMerge, base: Sha): Promise<Sha | undefined> {
  const { branch, head, landing } = merge;
  const { repository } = view;
  const announced = landing?.announced ?? null;
  if (announced !== null && (await view.isAncestor(announced, base))) return base;
  const isContained = await view.isAncestor(head, base);
  if (isContained && landing === undefined) return base;
  await view.adoptAttributes(base);
  const { tree, conflicts } = await view.mergedTree(base, head);
  const isSame = conflicts.length === 0 && landing !== undefined && tree === (await view.treeOf(base));
  if (isContained || isSame) throw new KernelError('BASE_HOLDS_WORK', { base: branch, commit: head });
  if (conflicts.length > 0)
    throw new KernelError('MERGE_CONFLICT', { branch: merge.name, base: branch, files: conflicts.join(', ') });
  // Before anything is recorded about an impossible merge.
  await movableTree(repository, branch);
  const identity = await identityFor(repository, merge);
  const parts = ['-p', base, '-p', head, '-m', merge.message];
  // Merges into a base are signed as the user signs; updates of a branch are not, since they run unattended.
  const signature = landing === undefined ? undefined : await signatureOf(repository);
  const make = (...flags: readonly string[]): Promise<string> =>
    view.run(['commit-tree', ...flags, ...parts, '--end-of-options', tree], {
      identity,
      ...(signature === undefined ? {} : { kind: 'sign', config: signature.config, env: signature.env }),
    });
  const commit = shaOf(await (signature === undefined ? make() : signing(signature, () => make('-S'))));
  if (commit === undefined) throw new KernelError('NOT_FOUND', { what: 'commit', id: head });
  await landing?.announce(commit);
  const files = { changed: await view.changedFiles(base, commit), added: await view.addedFiles(base, commit) };
  return (await moveBranch(repository, { branch, from: base, to: commit, ...files })) ? commit : undefined;
}

async function identityFor(repository: Repository, merge: LocalMerge): Promise<Identity> {
  const args = ['config', '--get-regexp', '-z', '^user\\.(name|email)$'];
  const listed = ((await repository.git.ask(repository.folder, args)) ?? '').split('\0');
  // The last value of a key counts.
  const valueOf = (key: string): string | undefined =>
    listed.findLast((entry) => entry.startsWith(`${key}\n`))?.slice(key.length + 1);
  const [name, email] = [valueOf('user.name'), valueOf('user.email')];
  return name !== undefined && email !== undefined ? { name, email } : merge.identity;
}
