/** Remains of a worktree whose folder was deleted, in its repository: commits without a ref, and staged files. */
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { shaOf, type Sha } from '../../../kernel/text/gitNames';
import { ifThere } from '../../files/fileErrors';
import { readSmallFile } from '../../files/smallFile';
import { contentsCommit } from '../snapshot/contentsWriter';
import { freeRef } from '../branch/freeNames';
import type { Identity } from '../callOptions';
import { isGitFailure } from '../git';
import { askedHead, askedPrivateCommits, hasReferenceFiles } from '../branch/referenceFiles';
import type { Repository } from '../repository';
import { SNAPSHOT_REFS } from '../snapshot/snapshots';
import { handToSubmodules } from '../snapshot/submoduleStores';
import { lossOfDeleted, type TreeLoss } from '../snapshot/treeLoss';

const OURS: Identity = { name: 'Intercore', email: 'intercore@localhost' };
const MESSAGE = 'Snapshot of a worktree whose folder was deleted';
const HOLDING_REFS = ['refs/heads', 'refs/remotes', 'refs/tags', 'refs/stash', SNAPSHOT_REFS];

/** A commit with the files that were staged on it. */
interface Remains {
  readonly head: Sha;
  readonly tree: string;
  /** The commit with content of the worktree's submodules that their remotes do not have. */
  readonly contents?: Sha | undefined;
}

/**
 * Saves under a ref the content that only git's files of a deleted worktree have. Returns the ref; undefined if nothing
 * would be lost.
 * @param keeps as in `LossQuestion`
 * @throws KernelError `GIT_FAILED`
 */
export async function keepDeleted(
  repository: Repository,
  files: string,
  id: string,
  keeps?: ReadonlySet<Sha>,
): Promise<string | undefined> {
  let first: string | undefined;
  for (const remains of await remainsIn(repository, files, id, keeps)) {
    const ref = await keep(repository, remains, id);
    first ??= ref;
  }
  return first;
}

async function remainsIn(
  repository: Repository,
  files: string,
  id: string,
  keeps: ReadonlySet<Sha> | undefined,
): Promise<Remains[]> {
  const found: Remains[] = [];
  const head = await headIn(repository, files);
  if (head !== undefined) {
    const tree = await treeOf(repository, head);
    const staged = (await stagedIn(repository, files)) ?? tree;
    const lost = await lossOfDeleted(repository, files, head, keeps);
    const contents = await submodulesOf(repository, files, lost, id);
    if (staged !== tree || contents !== undefined || !(await isHeld(repository, head)))
      found.push({ head, tree: staged, contents });
  }
  for (const commit of await ownRefs(repository, files)) {
    if (found.some((remains) => remains.head === commit) || (await isHeld(repository, commit))) continue;
    found.push({ head: commit, tree: await treeOf(repository, commit) });
  }
  return found;
}

async function submodulesOf(
  repository: Repository,
  files: string,
  lost: TreeLoss,
  id: string,
): Promise<Sha | undefined> {
  if (lost.stores.length === 0) return undefined;
  const losses = await handToSubmodules(repository, lost, id);
  return contentsCommit(repository, files, { ...lost, losses }, { message: MESSAGE, identity: OURS });
}

/** The commit that it was on, with a branch or without. */
async function headIn(repository: Repository, files: string): Promise<Sha | undefined> {
  if (!(await hasReferenceFiles(files))) return askedHead(repository, files);
  const text = ((await readSmallFile(path.join(files, 'HEAD'))) ?? '').trim();
  const ref = /^ref: (refs\/.+)$/.exec(text)?.[1];
  return repository.commitOf(ref ?? shaOf(text) ?? '');
}

/** The staged files; undefined if there are none, or a merge was unfinished. */
async function stagedIn({ git, folder }: Repository, files: string): Promise<string | undefined> {
  const index = path.join(files, 'index');
  if ((await ifThere(lstat(index)))?.isFile() !== true) return undefined;
  try {
    return await git.run(folder, ['write-tree'], { env: { GIT_INDEX_FILE: index } });
  } catch (error) {
    if (isGitFailure(error)) return undefined;
    throw error;
  }
}

/** Commits of the refs that only this worktree had, such as those of a bisection. */
async function ownRefs(repository: Repository, files: string): Promise<Sha[]> {
  if (!(await hasReferenceFiles(files))) return askedPrivateCommits(repository, files);
  const entries = (await ifThere(readdir(path.join(files, 'refs'), { recursive: true, withFileTypes: true }))) ?? [];
  const commits: Sha[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const named = shaOf(((await readSmallFile(path.join(entry.parentPath, entry.name))) ?? '').trim());
    const commit = named === undefined ? undefined : await repository.commitOf(named);
    if (commit !== undefined) commits.push(commit);
  }
  return commits;
}

function treeOf({ git, folder }: Repository, commit: Sha): Promise<string> {
  return git.run(folder, ['rev-parse', '--verify', '--end-of-options', `${commit}^{tree}`]);
}

async function isHeld({ git, folder }: Repository, commit: Sha): Promise<boolean> {
  const args = ['for-each-ref', '--count=1', '--contains', commit, '--end-of-options', ...HOLDING_REFS];
  return (await git.run(folder, args)) !== '';
}

async function keep(repository: Repository, { head, tree, contents }: Remains, id: string): Promise<string> {
  const { git, folder } = repository;
  const parents = ['-p', head, ...(contents === undefined ? [] : ['-p', contents])];
  const commit = ['commit-tree', '-m', MESSAGE, ...parents, '--end-of-options', tree];
  const sha = await git.run(folder, commit, { identity: OURS });
  const ref = await freeRef(repository, SNAPSHOT_REFS, id);
  await git.run(folder, ['update-ref', '--end-of-options', ref, sha, '']);
  return ref;
}
