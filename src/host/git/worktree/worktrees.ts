/** Working trees for agents, outside the clone: made from a commit, and removed without losing a line (promise 1). */
import { lstat, mkdir, readdir, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../../kernel/errors/errors';
import type { Sha } from '../../../kernel/text/gitNames';
import { agentIn } from '../../process/agentFolders';
import { ifThere } from '../../files/fileErrors';
import { isInside } from '../../database/paths';
import { isFileInside, fileKey } from '../../files/pathIdentity';
import { finishWorktree } from './finishedWorktree';
import { lockFlags } from './makingLocks';
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
} from './worktreeFiles';
import { presenceOf, refuseUnseen, unseen } from './worktreePresence';

/** Twice: one whose making was cut short is locked. */
const REMOVE = ['worktree', 'remove', '--force', '--force'] as const;

export interface NewWorktree {
  /** Absolute, and inside `root`; it must not exist. */
  readonly folder: string;
  readonly branch: string;
  /** The commit that a new branch starts at. A branch that exists is adopted where it stands. */
  readonly baseSha: string;
}

/** Gets the new place of a folder that was in the way. */
type OnMoved = (folder: string) => Promise<void>;

/** A working tree that git knows. */
interface Known extends WorktreeInfo {
  /** What the repository keeps of it. */
  readonly files: string | undefined;
  /** Its folder is there; otherwise it was deleted. */
  readonly isPresent: boolean;
  /** It was finished, and its folder leads to the repository. */
  readonly isWhole: boolean;
  /** We made it; otherwise a person did. */
  readonly isOurs: boolean;
}

/** The working trees that we make below one folder, for one repository. */
export class Worktrees {
  constructor(
    private readonly repository: Repository,
    private readonly root: string,
    /** What runs in a worktree; undefined where nothing does. Asked before each removal. */
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
      await this.make(`make a worktree for ${branch}`, folder, branchArgs, fill);
    });
  }

  /**
   * The same for one that may be there: it is left as it is. What the making of one that was cut short has left is
   * removed; a folder that git does not know becomes a worktree of another name, which `onMoved` gets. Says whether it was
   * made. `fill` is part of making: where it fails or is cut short, the worktree is made again by the next call.
   * @throws as `add`
   */
  async ensure(worktree: NewWorktree, onMoved?: OnMoved, fill?: () => Promise<void>): Promise<boolean> {
    const { folder, branch, baseSha } = worktree;
    const commit = (await this.repository.commitOf(`refs/heads/${branch}`)) ?? baseSha;
    if (await this.clearWay(folder, commit, branch, onMoved)) return false;
    await this.add(worktree, fill);
    return true;
  }

  /** A tree without a branch, to look at, unless it is there. @throws as `addDetached` */
  async ensureDetached(folder: string, sha: string): Promise<boolean> {
    return (await this.clearWay(folder, sha, undefined)) ? false : this.addDetached(folder, sha).then(() => true);
  }

  /** Whether there is a whole working tree. If not, nothing is in its place afterwards. */
  private async clearWay(
    folder: string,
    commit: string,
    branch: string | undefined,
    onMoved?: OnMoved,
  ): Promise<boolean> {
    await this.check(folder);
    return this.repository.exclusively(async () => {
      const known = await this.find(folder);
      if (known?.isPresent === true && known.isWhole) {
        await markRoot(this.root);
        // One of a person may be in the place, on a branch of theirs. Ours may have been made a moment before a crash.
        const isOurs = known.isOurs || known.branch === branch;
        if (known.files === undefined || !isOurs) return true;
        if (known.step === undefined) await markWorktree(known.files, this.root, folder);
        else await finishWorktree(known.files, this.root, folder);
        return true;
      }
      if (known?.isPresent === true) await this.refuseUsed(known);
      // Nobody has worked in a tree that was never finished. Any other that is there may hold work.
      const holdsWork = known?.isPresent === true ? !known.isUnfinished : known === undefined;
      const isTaken = holdsWork && (await ifThere(lstat(folder))) !== undefined;
      const moved = isTaken ? await moveAside(this.repository, folder, this.root, commit) : undefined;
      if (known !== undefined) await this.forget(known, path.basename(folder));
      if (moved !== undefined) await onMoved?.(moved);
      return false;
    });
  }

  /** A tree without a branch, to look at. @throws as `add` */
  async addDetached(folder: string, sha: string): Promise<void> {
    await this.check(folder);
    await this.repository.exclusively(() => this.make('make a worktree', folder, ['--detach', '--', folder, sha]));
  }

  private async make(
    operation: string,
    folder: string,
    args: readonly string[],
    fill?: () => Promise<void>,
  ): Promise<void> {
    await mkdir(path.dirname(folder), { recursive: true, mode: 0o700 });
    await this.repository.git.places.noteStorages();
    await markRoot(this.root);
    await this.git(operation, ['worktree', 'add', ...lockFlags('making'), ...args]);
    const files = await filesOfWorktree(this.repository, folder);
    await fill?.();
    if (files !== undefined) await finishWorktree(files, this.root, folder);
  }

  /**
   * What git knows of one of ours, wherever links lead. Undefined where it knows none there, and for a link to one.
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
      // It gets our mark once it is made, and loses the lock then.
      const isUnfinished = worktree.isUnfinished && !(isMarked && worktree.step === 'making');
      const isFinished = !isUnfinished && !worktree.isGone;
      const isWhole = isFinished && (files === undefined || !isPresent || (await leadsToFiles(folder, files)));
      const isOurs = isUnfinished || worktree.step !== undefined || isMarked;
      return { ...worktree, files, isUnfinished, isPresent, isWhole, isOurs };
    }
    const other = await otherPathOf(await worktreeFilesFolder(this.repository), this.root, folder);
    if (other === undefined) return undefined;
    throw unseen(folder, this.repository.folder, `git knows it as ${other}, which is not there`);
  }

  /** Makes git forget one worktree, and no other. Its folder goes where it is there. The ref of what was kept of it. */
  private async forget(known: Known, snapshotId: string, keeps?: ReadonlySet<Sha>): Promise<string | undefined> {
    const { path: place, files, isPresent, isUnfinished } = known;
    // Git removes no folder without a link: its making was cut short before it had one.
    if (isUnfinished && isPresent) await removeEmpty(place);
    const isThere = isPresent && (await ifThere(lstat(place))) !== undefined;
    const isDeleted = !isThere && files !== undefined;
    const { keepDeleted } = await import('./deletedWorktree.js');
    const kept = isDeleted ? await keepDeleted(this.repository, files, snapshotId, keeps) : undefined;
    await this.git('remove a worktree', [...REMOVE, '--', place]);
    return kept;
  }

  /**
   * Keeps all there is in a working tree, committed or not, tracked or not, under a ref. The tree itself is not touched.
   * Undefined where nothing would be lost with it: no change, and its commits are on a branch.
   * @throws KernelError `GIT_FAILED`
   */
  async snapshot(place: string, id: string, keeps?: ReadonlySet<Sha>): Promise<Snapshot | undefined> {
    const { takeSnapshot } = await import('../snapshot/snapshotWriter.js');
    return takeSnapshot(this.repository, place, id, keeps);
  }

  /**
   * Removes a working tree after a snapshot of what would be lost. One whose folder was deleted is only forgotten, and
   * one that a person made stays.
   * `isUnused` is asked once nobody else can make or remove one: a tree that is wanted again by then stays. `keeps`:
   * commits of submodules that are kept although a remote had them once.
   * @throws KernelError `WORKTREE_IN_USE` while an agent runs in it; `WORKTREE_LOCKED`, `PATH_OUTSIDE`, `WORKTREE_UNSEEN`,
   * `GIT_FAILED`; the tree stands as before then.
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
   * Brings a snapshot back in a working tree of a branch, with what was not committed as changes again. One that is
   * there is left as it is. Says whether it was made.
   * @throws as `add`
   */
  async restore({ sha, head }: StoredSnapshot, folder: string, branch: string): Promise<boolean> {
    return this.ensure({ folder, branch, baseSha: head }, undefined, () => this.bringBack(folder, sha));
  }

  /**
   * Makes the files of a working tree those of a snapshot, as changes, with the repositories below it and the ignored
   * files that it holds.
   * @throws KernelError `GIT_FAILED`
   */
  async bringBack(place: string, sha: string): Promise<void> {
    const { restoreSnapshot } = await import('../snapshot/contentsReader.js');
    await restoreSnapshot(this.repository, place, sha);
  }

  private git(operation: string, args: readonly string[]): Promise<string> {
    return this.repository.git.run(this.repository.folder, operation, args);
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

/** A folder with anything in it stays. */
async function removeEmpty(folder: string): Promise<void> {
  if ((await ifThere(readdir(folder)))?.length === 0) await rmdir(folder);
}

/** A person has said by `git worktree lock` that it stays. @throws KernelError `WORKTREE_LOCKED` */
function refuseLocked({ path: place, lock, isPresent }: Known): void {
  if (lock !== undefined && isPresent) throw new KernelError('WORKTREE_LOCKED', { path: place, reason: lock });
}
