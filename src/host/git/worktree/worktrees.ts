/**
 * Working trees for agents, outside the clone: created from a commit, and removed without losing a line (promise 1).
 */
import { lstat, mkdir, readdir, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import type { Sha } from '../../../kernel/text/gitNames';
import { agentIn } from '../../process/agentFolders';
import { ifThere } from '../../files/fileErrors';
import { isInside } from '../../files/paths';
import { isFileInside, fileKey } from '../../files/pathIdentity';
import { finishWorktree } from './finishedWorktree';
import { lockFlags } from '../makingLocks';
import { moveAside } from './movedAside';
import type { Repository, WorktreeInfo } from '../repository';
import type { Snapshot } from '../snapshot/snapshotWriter';
import type { StoredSnapshot } from '../snapshot/snapshots';
import {
  filesOfWorktree,
  leadsToFiles,
  markRoot,
  markWorktree,
  otherPathOf,
  treeMark,
  worktreeFilesFolder,
} from '../worktreeFiles';
import { presenceOf, refuseUnseen, unseen } from './worktreePresence';

/** Twice: an interrupted one is locked. */
const REMOVE = ['worktree', 'remove', '--force', '--force'] as const;

export interface NewWorktree {
  /** Absolute, and inside `root`; it must not exist. */
  readonly folder: string;
  readonly branch: string;
  /** The commit that a new branch starts at. An existing branch is used as it is. */
  readonly baseSha: string;
}

/** Receives the new path of a folder that was in the way. */
type OnMoved = (folder: string) => Promise<void>;

/** A working tree that git lists. */
interface Known extends WorktreeInfo {
  /** The repository's files of it. */
  readonly files: string | undefined;
  /** Its folder exists; otherwise it was deleted. */
  readonly isPresent: boolean;
  /** It was finished, and its folder leads to the repository. */
  readonly isWhole: boolean;
  /** We created it; otherwise the user did. */
  readonly isOurs: boolean;
}

/** Our working trees below one folder, for one repository. */
export class Worktrees {
  constructor(
    private readonly repository: Repository,
    private readonly root: string,
    /** The program that runs in a worktree; undefined if none does. Checked before each removal. */
    private readonly userOf: (worktree: string) => Promise<string | undefined> = agentIn,
  ) {}

  /**
   * @throws KernelError `PATH_OUTSIDE`; `WORKTREE_UNSEEN`; `GIT_FAILED`, also where the branch is checked out elsewhere.
   * Nothing is left behind then.
   */
  async add({ folder, branch, baseSha }: NewWorktree, fill?: () => Promise<void>): Promise<void> {
    await this.check(folder);
    await this.repository.exclusively(async () => {
      const existed = await this.repository.hasBranch(branch);
      const branchArgs = existed ? ['--', folder, branch] : ['--no-track', '-b', branch, '--', folder, baseSha];
      await this.make(folder, branchArgs, fill);
    });
  }

  /**
   * The same, but an existing one is kept. Remains of an interrupted creation are removed; a folder that git does not
   * know becomes a worktree with another name, which is passed to `onMoved`. Returns whether it was created. `fill` is
   * part of the creation: if it fails or is interrupted, the next call creates the worktree again.
   * @throws as `add`
   */
  async ensure(worktree: NewWorktree, onMoved?: OnMoved, fill?: () => Promise<void>): Promise<boolean> {
    const { folder, branch, baseSha } = worktree;
    const commit = async () => (await this.repository.commitOf(`refs/heads/${branch}`)) ?? baseSha;
    if (await this.clearWay(folder, commit, branch, onMoved)) return false;
    await this.add(worktree, fill);
    return true;
  }

  /** A tree without a branch, for reading, unless it exists. @throws as `addDetached` */
  async ensureDetached(folder: string, sha: string): Promise<boolean> {
    return (await this.clearWay(folder, () => Promise.resolve(sha), undefined))
      ? false
      : this.addDetached(folder, sha).then(() => true);
  }

  /** Whether there is a complete working tree. If not, its path is free afterwards. */
  private async clearWay(
    folder: string,
    commit: () => Promise<string>,
    branch: string | undefined,
    onMoved?: OnMoved,
  ): Promise<boolean> {
    await this.check(folder);
    return this.repository.exclusively(async () => {
      const known = await this.find(folder);
      if (known?.isPresent === true && known.isWhole) {
        await markRoot(this.root);
        // The user's own worktree may be there, on their branch. Ours may have been created just before a crash.
        const isOurs = known.isOurs || known.branch === branch;
        if (known.files === undefined || !isOurs) return true;
        if (known.step === undefined) await markWorktree(known.files, this.root, folder);
        else await finishWorktree(known.files, this.root, folder);
        return true;
      }
      if (known?.isPresent === true) await this.refuseUsed(known);
      // No agent has worked in an incomplete tree. Any other tree may contain work.
      const holdsWork = known?.isPresent === true ? !known.isUnfinished : known === undefined;
      const isTaken = holdsWork && (await ifThere(lstat(folder))) !== undefined;
      const moved = isTaken ? await moveAside(this.repository, folder, this.root, await commit()) : undefined;
      if (known !== undefined) await this.forget(known, path.basename(folder));
      if (moved !== undefined) await onMoved?.(moved);
      return false;
    });
  }

  /** A tree without a branch, for reading. @throws as `add` */
  async addDetached(folder: string, sha: string): Promise<void> {
    await this.check(folder);
    await this.repository.exclusively(() => this.make(folder, ['--detach', '--', folder, sha]));
  }

  private async make(folder: string, args: readonly string[], fill?: () => Promise<void>): Promise<void> {
    await mkdir(path.dirname(folder), { recursive: true, mode: 0o700 });
    await this.repository.git.places.noteStorages();
    await markRoot(this.root);
    await this.git(['worktree', 'add', ...lockFlags('making'), ...args]);
    const files = await filesOfWorktree(this.repository, folder);
    await fill?.();
    if (files !== undefined) await finishWorktree(files, this.root, folder);
  }

  /**
   * Git's entry of one of ours, regardless of links. Undefined if there is none, and for a link to one.
   * @throws KernelError `WORKTREE_UNSEEN`
   */
  private async find(folder: string): Promise<Known | undefined> {
    if ((await ifThere(lstat(folder)))?.isSymbolicLink() === true) return undefined;
    const wanted = await fileKey(folder);
    for (const worktree of await this.repository.worktrees()) {
      if (worktree.path !== folder && (await fileKey(worktree.path)) !== wanted) continue;
      const files = await filesOfWorktree(this.repository, worktree.path);
      const presence = files === undefined ? undefined : await presenceOf(folder, files, this.root);
      if (presence?.kind === 'unseen') throw unseen(folder, this.repository.folder, presence.problem);
      const isPresent = presence?.kind !== 'deleted';
      const isMarked = files !== undefined && (await treeMark(files)) !== undefined;
      // It gets our mark once it is created, and then loses the lock.
      const isUnfinished = worktree.isUnfinished && !(isMarked && worktree.step === 'making');
      const isFinished = !isUnfinished && !worktree.isGone;
      const isWhole = isFinished && (files === undefined || !isPresent || (await leadsToFiles(folder, files)));
      const isOurs = isUnfinished || worktree.step !== undefined || isMarked;
      return { ...worktree, files, isUnfinished, isPresent, isWhole, isOurs };
    }
    const other = await otherPathOf(await worktreeFilesFolder(this.repository), this.root, folder);
    if (other === undefined) return undefined;
    throw unseen(folder, this.repository.folder, because('git knows it as {other}, which is not there', { other }));
  }

  /** Removes one worktree from git, with its folder if it exists. Returns the ref of its saved content. */
  private async forget(known: Known, snapshotId: string, keeps?: ReadonlySet<Sha>): Promise<string | undefined> {
    const { path: place, files, isPresent, isUnfinished } = known;
    // Git does not remove a folder without a link: its creation was interrupted before it had one.
    if (isUnfinished && isPresent) await removeEmpty(place);
    const isThere = isPresent && (await ifThere(lstat(place))) !== undefined;
    const isDeleted = !isThere && files !== undefined;
    const { keepDeleted } = await import('./deletedWorktree.js');
    const kept = isDeleted ? await keepDeleted(this.repository, files, snapshotId, keeps) : undefined;
    await this.git([...REMOVE, '--', place]);
    return kept;
  }

  /**
   * Saves everything in a working tree, committed or not, tracked or not, under a ref. The tree itself is not changed.
   * Undefined if nothing would be lost with it: no changes, and its commits are on a branch.
   * @throws KernelError `GIT_FAILED`
   */
  async snapshot(place: string, id: string, keeps?: ReadonlySet<Sha>): Promise<Snapshot | undefined> {
    const { takeSnapshot } = await import('../snapshot/snapshotWriter.js');
    return takeSnapshot(this.repository, place, id, keeps);
  }

  /**
   * Removes a working tree after a snapshot of what would be lost. One whose folder was deleted is only removed from
   * git, and the user's own is kept. `isUnused` is checked under the lock: a tree that is needed again by then is kept.
   * `keeps`: commits of submodules that are saved although a remote had them.
   * @throws KernelError `WORKTREE_IN_USE` while an agent runs in it; `WORKTREE_LOCKED`, `PATH_OUTSIDE`,
   * `WORKTREE_UNSEEN`, `GIT_FAILED`; then the tree is unchanged.
   */
  async remove(
    folder: string,
    snapshotId: string,
    isUnused: () => boolean | Promise<boolean> = () => true,
    keeps?: ReadonlySet<Sha>,
  ): Promise<Snapshot | undefined> {
    await this.check(folder);
    return this.repository.exclusively(async () => {
      if (!(await isUnused())) return undefined;
      const known = await this.find(folder);
      if (known?.isOurs !== true) return undefined;
      await this.refuseUsed(known);
      refuseLocked(known);
      const snapshot = known.isPresent && known.isWhole ? await this.snapshot(folder, snapshotId, keeps) : undefined;
      await this.forget(known, snapshotId, keeps);
      return snapshot;
    });
  }

  /**
   * Restores a snapshot in a working tree of a branch, with uncommitted content as changes. An existing tree is kept.
   * Returns whether it was created.
   * @throws as `add`
   */
  async restore({ sha, head }: StoredSnapshot, folder: string, branch: string): Promise<boolean> {
    return this.ensure({ folder, branch, baseSha: head }, undefined, () => this.bringBack(folder, sha));
  }

  /**
   * Replaces the files of a working tree with those of a snapshot, as changes, with its nested repositories and ignored
   * files.
   * @throws KernelError `GIT_FAILED`
   */
  async bringBack(place: string, sha: string): Promise<void> {
    const { restoreSnapshot } = await import('../snapshot/contentsReader.js');
    await restoreSnapshot(this.repository, place, sha);
  }

  private git(args: readonly string[]): Promise<string> {
    return this.repository.git.run(this.repository.folder, args);
  }

  /** @throws KernelError `WORKTREE_IN_USE` */
  private async refuseUsed({ path: place }: Known): Promise<void> {
    const by = await this.userOf(place);
    if (by !== undefined) throw new KernelError('WORKTREE_IN_USE', { path: place, by });
  }

  /** @throws KernelError `PATH_OUTSIDE`, `WORKTREE_UNSEEN`, `RECORDED_ELSEWHERE` */
  private async check(folder: string): Promise<void> {
    await refuseUnseen(folder, this.repository.folder);
    if (!isInside(this.root, folder) && !(await isFileInside(this.root, folder))) {
      throw new KernelError('PATH_OUTSIDE', { path: folder, folder: this.root });
    }
    await this.repository.git.places.worktree(folder);
  }
}

/** A folder with content is kept. */
async function removeEmpty(folder: string): Promise<void> {
  if ((await ifThere(readdir(folder)))?.length === 0) await rmdir(folder);
}

/** The user has locked it with `git worktree lock`. @throws KernelError `WORKTREE_LOCKED` */
function refuseLocked({ path: place, lock, isPresent }: Known): void {
  if (lock !== undefined && isPresent) throw new KernelError('WORKTREE_LOCKED', { path: place, reason: lock });
}
