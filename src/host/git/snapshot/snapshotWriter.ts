/**
 * Saves the content of a working tree that exists nowhere else, under a reference of the repository. The tree is not
 * changed.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Loss } from '../../../contract/treeLoss';
import type { Sha } from '../../../kernel/text/gitNames';
import type { GitFolder } from '../../trusted/ownTrees';
import { referencesOf } from '../view/borrowedView';
import { contentsCommit, STORING } from './contentsWriter';
import type { Identity } from '../callOptions';
import { freeRef } from '../branch/freeNames';
import { DEFAULT_IGNORED, leavingOut } from '../view/ignoredFiles';
import type { NestedRepository } from '../nested/nestedRepositories';
import { splitNul } from '../view/ownView';
import type { Repository } from '../repository';
import { SNAPSHOT_REFS } from './snapshots';
import { handToSubmodules } from './submoduleStores';
import { lossOf } from './treeLoss';
import { repositoryFiles } from '../repositoryFiles';

/** The identity of snapshots. */
const OURS: Identity = { name: 'Intercore', email: 'intercore@localhost' };

export interface Snapshot {
  readonly ref: string;
  /** A commit whose tree is the working tree as it was, on top of its head. */
  readonly sha: string;
  readonly branch: string | undefined;
  /** What it saves. */
  readonly losses: readonly Loss[];
}

/**
 * Undefined if nothing would be lost with the tree.
 * @param keeps as in `LossQuestion`
 * @throws KernelError `GIT_FAILED`
 */
export async function takeSnapshot(
  repository: Repository,
  place: string,
  id: string,
  keeps?: ReadonlySet<Sha>,
): Promise<Snapshot | undefined> {
  const { git } = repository;
  const folder = await git.places.gitFolder(place);
  const ignored = (await git.ignored(repository.folder)) ?? DEFAULT_IGNORED;
  const lost = await lossOf(repository, folder, { ignored, keeps });
  if (lost.losses.length === 0) return undefined;
  const head = await git.run(folder, ['rev-parse', '--verify', 'HEAD']);
  const branch = await git.ask(folder, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  const losses = await handToSubmodules(repository, lost, id);
  const message = `Snapshot of ${path.basename(place)} before it was removed`;
  const contents = await contentsCommit(repository, folder, { ...lost, losses }, { message, identity: OURS });
  const tree = await treeOfFiles(repository, folder, id, lost.found);
  const parents = ['-p', head, ...(contents === undefined ? [] : ['-p', contents])];
  const commit = ['commit-tree', '-m', message, ...parents, '--end-of-options', tree];
  const sha = await git.run(folder, commit, { identity: OURS });
  const ref = await freeRef(repository, SNAPSHOT_REFS, id);
  await git.run(folder, ['update-ref', '--end-of-options', ref, sha, '']);
  return { ref, sha, branch, losses };
}

/** The files of the tree itself, and the commits of its submodules. Nested repositories are not read. */
async function treeOfFiles(
  { git }: Repository,
  folder: GitFolder,
  id: string,
  below: readonly NestedRepository[],
): Promise<string> {
  // A separate index, so that staged changes of the agent or the user are kept.
  const { own: gitDir } = await repositoryFiles(git, folder);
  const index = { GIT_INDEX_FILE: path.join(gitDir, `intercore-snapshot-${id}`) };
  const run = (args: readonly string[]): Promise<string> => git.run(folder, args, { env: index, ...STORING });
  try {
    await run(['read-tree', 'HEAD']);
    const submodules = await submodulesIn(run);
    const left = await leavingOut(
      (args) => run(args),
      below.map((one) => one.path),
    );
    await run(['add', '--all', '--', '.', ...left]);
    for (const { path: place, gitDir: own, common } of below) {
      const commit = submodules.has(place) && own !== undefined ? (await referencesOf(own, common)).head : undefined;
      if (commit !== undefined) await run(['update-index', '--cacheinfo', `160000,${commit},${place}`]);
    }
    return await run(['write-tree']);
  } finally {
    await rm(index.GIT_INDEX_FILE, { force: true });
  }
}

async function submodulesIn(run: (args: readonly string[]) => Promise<string>): Promise<ReadonlySet<string>> {
  const entries = splitNul(await run(['ls-tree', '-r', '-z', '--full-tree', 'HEAD']));
  return new Set(entries.filter((entry) => entry.startsWith('160000 ')).map((entry) => entry.split('\t', 2)[1] ?? ''));
}
