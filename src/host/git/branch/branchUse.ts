/**
 * Whether a branch may be moved or deleted, by git's own rule: not while it is being rebased or bisected in any
 * worktree of the repository, or is in the list of a rebase, which would reset it. Where it is checked out it moves
 * with its files, so no other operation may be in progress there. Git has no command for this, so its files are read.
 */
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KernelError } from '../../../kernel/errors/errors';
import { ifThere } from '../../files/fileErrors';
import { askedOperation } from './referenceFiles';
import type { Repository, WorktreeInfo } from '../repository';
import { mainTreeOf } from '../config/mainTree';
import { repositoryFiles } from '../repositoryFiles';

/** Git's facts about a worktree, with the folder of its files. */
export interface Administration {
  readonly directory: string;
  readonly folder: string;
}

/** A git command that holds a branch, and where. */
export interface BranchUse {
  readonly operation: string;
  readonly folder: string;
}

/** How long to wait for the lock of the index: the editor's `git status` holds it briefly. */
const LOCK_PATIENCE_MS = 3000;
const LOCK_PAUSE_MS = 50;

/** The operation that would move or reset a branch; undefined if there is none. */
export async function branchUse(repository: Repository, branch: string): Promise<BranchUse | undefined> {
  for (const { directory, folder } of await administrations(repository)) {
    const operation = await operationOn(directory, branch);
    if (operation !== undefined) return { operation, folder };
  }
  return undefined;
}

/**
 * The worktree where the branch is checked out; undefined if there is none.
 * @throws KernelError `BRANCH_IN_USE`, `BRANCH_CHECKED_OUT_TWICE`, `WORKTREE_ABSENT`, `INDEX_CONFLICTED`,
 * `INDEX_LOCKED`, `LOCATION_REFUSED`
 */
export async function movableTree(repository: Repository, branch: string): Promise<WorktreeInfo | undefined> {
  const use = await branchUse(repository, branch);
  if (use !== undefined) throw new KernelError('BRANCH_IN_USE', { branch, ...use });
  const [tree, other] = await treesOf(repository, branch);
  if (tree === undefined) return undefined;
  if (other !== undefined) {
    throw new KernelError('BRANCH_CHECKED_OUT_TWICE', { branch, folder: tree.path, other: other.path });
  }
  if (!(await isThere(tree.path))) throw new KernelError('WORKTREE_ABSENT', { branch, folder: tree.path });
  await refuseUnfinished(repository, branch, tree.path);
  return tree;
}

/**
 * Where the branch is checked out. A worktree whose folder was deleted does not count; one on a disconnected disk does.
 */
async function treesOf(repository: Repository, branch: string): Promise<WorktreeInfo[]> {
  const trees = (await repository.worktrees()).filter((worktree) => worktree.branch === branch);
  const isDeleted = await Promise.all(
    trees.map(async ({ path: place, isGone }) => isGone && !(await isThere(place)) && isThere(path.dirname(place))),
  );
  return trees.filter((_, index) => isDeleted[index] !== true);
}

async function refuseUnfinished(repository: Repository, branch: string, place: string): Promise<void> {
  const { git, folder: clone } = repository;
  const folder = await git.places.worktreeOf(place, clone);
  const { own: directory } = await repositoryFiles(git, folder);
  const operation = (await operationIn(directory)) ?? (await askedOperation(repository, directory));
  if (operation !== undefined) throw new KernelError('BRANCH_IN_USE', { branch, operation, folder: place });
  if ((await git.run(folder, ['ls-files', '-u', '-z'])) !== '') {
    throw new KernelError('INDEX_CONFLICTED', { branch, folder: place });
  }
  const lock = path.join(directory, 'index.lock');
  for (const end = Date.now() + LOCK_PATIENCE_MS; await isThere(lock);) {
    if (Date.now() > end) throw new KernelError('INDEX_LOCKED', { branch, folder: place, lock });
    await delay(LOCK_PAUSE_MS);
  }
}

/** Each worktree of a repository, including missing ones, the main one first. */
export async function administrations(repository: Repository): Promise<Administration[]> {
  const { git, folder } = repository;
  const { common } = await repositoryFiles(git, folder);
  const linked = path.join(common, 'worktrees');
  const names = (await ifThere(readdir(linked))) ?? [];
  const others = names.map(async (name) => {
    const directory = path.join(linked, name);
    return { directory, folder: path.dirname((await textOf(path.join(directory, 'gitdir'))) ?? directory) };
  });
  const main = await mainTreeOf(path.basename(common) === '.git' ? path.dirname(common) : common);
  return [{ directory: common, folder: main }, ...(await Promise.all(others))];
}

/** The operation that will set the branch when it ends or is aborted. */
async function operationOn(directory: string, branch: string): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`;
  const [merging, applying, updates, bisected, bisecting] = await Promise.all([
    textOf(path.join(directory, 'rebase-merge', 'head-name')),
    textOf(path.join(directory, 'rebase-apply', 'head-name')),
    textOf(path.join(directory, 'rebase-merge', 'update-refs')),
    textOf(path.join(directory, 'BISECT_START')),
    isThere(path.join(directory, 'BISECT_LOG')),
  ]);
  // Each entry of the list has three lines: the branch, and the commits before and after.
  const isListed = (updates ?? '').split('\n').some((line, index) => index % 3 === 0 && line === ref);
  if (merging === ref || applying === ref || isListed) return 'rebase';
  return bisecting && (bisected === branch || bisected === ref) ? 'bisect' : undefined;
}

/** The operation in progress where a branch is checked out. */
async function operationIn(directory: string): Promise<string | undefined> {
  const has = (...names: readonly string[]): Promise<boolean> => isThere(path.join(directory, ...names));
  if (await has('MERGE_HEAD')) return 'merge';
  if (await has('CHERRY_PICK_HEAD')) return 'cherry-pick';
  if (await has('REVERT_HEAD')) return 'revert';
  if (await has('rebase-apply', 'applying')) return 'am';
  const next = await textOf(path.join(directory, 'sequencer', 'todo'));
  if (next === undefined) return undefined;
  return next.startsWith('revert') ? 'revert' : 'cherry-pick';
}

async function isThere(file: string): Promise<boolean> {
  return (await ifThere(stat(file))) !== undefined;
}

async function textOf(file: string): Promise<string | undefined> {
  return (await ifThere(readFile(file, 'utf8')))?.trimEnd();
}
