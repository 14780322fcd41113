/** How work on a branch of ours is merged on this machine. The base branch moves by compare-and-swap only. */
import { KernelError } from '../../../kernel/errors/errors';
import { shaOf, type Sha } from '../../../kernel/text/gitNames';
import { branchBehind, existingBranch } from '../branch/branches';
import { movableTree } from '../branch/branchUse';
import type { Identity } from '../git';
import { signatureOf, signing } from './mergeSignature';
import { moveBranch, repairMerges } from './movingFiles';
import { withOwnView, type OwnView } from '../view/ownView';
import type { Repository } from '../repository';

export interface LocalMerge {
  /** The local branch that moves. */
  readonly branch: string;
  /** The commit that it takes in: exactly this one. */
  readonly head: Sha;
  /** What people call it. */
  readonly name: string;
  readonly message: string;
  /** For the merge commit, where the repository has no identity configured. */
  readonly identity: Identity;
  /** Of work that lands on its base: tells our own merge from one that somebody else made. */
  readonly landing?: Landing;
}

export interface Landing {
  /** The merge commit of an earlier call, which may have moved the branch before it was cut short. */
  readonly announced: Sha | null;
  /** Records the merge commit. The branch moves afterwards. */
  readonly announce: (commit: Sha) => Promise<void>;
}

/** How often a merge is made again whose base moved meanwhile. */
const MAX_TRIES = 5;

/**
 * Merges a commit into a branch on this machine. Where the branch is checked out the files move with it, and git refuses
 * rather than touch a change a person has not committed. The clone's configuration and replaced objects have no say.
 * @returns the commit that the branch was moved to, or stands at where it has the work already.
 * @throws KernelError `MERGE_CONFLICT`, `GIT_FAILED`, `NOT_FOUND`, `BASE_MOVED`; as `movableTree`; `BASE_HOLDS_WORK` where the work lands on
 * a base that has it by somebody else's hand. Nothing is changed then.
 */
export async function mergeInto(repository: Repository, merge: LocalMerge): Promise<Sha> {
  return repository.exclusively(async () => {
    await repairMerges(repository);
    // What git moves where a branch is another name of one.
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

/** Undefined where the branch is not at `base` any more. */
async function mergeOnto(view: OwnView, merge: LocalMerge, base: Sha): Promise<Sha | undefined> {
  const { branch, head, landing } = merge;
  const { repository } = view;
  const announced = landing?.announced ?? null;
  if (announced !== null && (await view.isAncestor(announced, base))) return base;
  const isContained = await view.isAncestor(head, base);
  if (isContained && landing === undefined) return base;
  await view.adoptAttributes(base);
  const { tree, conflicts } = await view.mergedTree(base, head, `merge into ${branch}`);
  const isSame = conflicts.length === 0 && landing !== undefined && tree === (await view.treeOf(base));
  if (isContained || isSame) throw new KernelError('BASE_HOLDS_WORK', { base: branch, commit: head });
  if (conflicts.length > 0)
    throw new KernelError('MERGE_CONFLICT', { branch: merge.name, base: branch, files: conflicts.join(', ') });
  // Before anything is recorded of a merge that cannot be made.
  await movableTree(repository, branch);
  const identity = await identityFor(repository, merge);
  const parts = ['-p', base, '-p', head, '-m', merge.message];
  // What lands is signed as the person signs; a branch that is brought up to date is not, since nobody is there.
  const signature = landing === undefined ? undefined : await signatureOf(repository);
  const make = (...flags: readonly string[]): Promise<string> =>
    view.run(`merge into ${branch}`, ['commit-tree', ...flags, ...parts, '--end-of-options', tree], {
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
  const [name, email] = await Promise.all(
    ['user.name', 'user.email'].map((key) => repository.git.ask(repository.folder, ['config', '--get', key])),
  );
  return name !== undefined && email !== undefined ? { name, email } : merge.identity;
}
