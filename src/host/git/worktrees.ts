/** Working trees for agents, outside the clone: made from a commit, and removed without losing a line (promise 1). */
import { lstat, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../kernel/errors';
import { ifThere } from '../fileErrors';
import { isInside } from '../paths';
import type { Identity } from './git';
import type { Repository } from './repository';

/** Snapshots stand in no branch; this keeps them from being collected. */
export const SNAPSHOT_REFS = 'refs/intercore/snapshots';

const OURS: Identity = { name: 'Intercore', email: 'intercore@localhost' };

export interface NewWorktree {
  /** Absolute, and inside `root`; it must not exist. */
  readonly folder: string;
  readonly branch: string;
  /** The commit that a new branch begins at. A branch that exists is taken up where it stands. */
  readonly baseSha: string;
}

export interface Snapshot {
  readonly ref: string;
  /** A commit whose tree is the working tree as it was, on top of its head. */
  readonly sha: string;
  readonly branch: string | undefined;
}

/** The working trees that we make below one folder, for one repository. */
export class Worktrees {
  constructor(
    private readonly repository: Repository,
    private readonly root: string,
  ) {}

  /**
   * @throws KernelError `PATH_OUTSIDE`; `GIT_FAILED`, also where the branch is checked out elsewhere. Nothing is left
   * behind then.
   */
  async add({ folder, branch, baseSha }: NewWorktree): Promise<void> {
    this.refuseOutside(folder);
    await this.repository.exclusively(async () => {
      const existed = await this.repository.hasBranch(branch);
      await mkdir(path.dirname(folder), { recursive: true, mode: 0o700 });
      await this.git('forget worktrees that are gone', ['worktree', 'prune']);
      const branchArgs = existed ? ['--', folder, branch] : ['--no-track', '-b', branch, '--', folder, baseSha];
      await this.git(`make a worktree for ${branch}`, ['worktree', 'add', '--quiet', ...branchArgs]);
    });
  }

  /** A tree without a branch, to look at. @throws KernelError `PATH_OUTSIDE`, `GIT_FAILED` */
  async addDetached(folder: string, sha: string): Promise<void> {
    this.refuseOutside(folder);
    await this.repository.exclusively(async () => {
      await mkdir(path.dirname(folder), { recursive: true, mode: 0o700 });
      await this.git('forget worktrees that are gone', ['worktree', 'prune']);
      await this.git('make a worktree', ['worktree', 'add', '--quiet', '--detach', '--', folder, sha]);
    });
  }

  /**
   * Keeps all there is in a working tree, committed or not, tracked or not, under a ref. The tree itself is not touched.
   * Undefined where nothing would be lost with it: no change, and its commits are on a branch.
   * @throws KernelError `GIT_FAILED`
   */
  async snapshot(folder: string, id: string): Promise<Snapshot | undefined> {
    const { git } = this.repository;
    const head = await git.run(folder, 'read its head', ['rev-parse', '--verify', 'HEAD']);
    const branch = await git.ask(folder, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
    if (branch !== undefined && (await this.repository.uncommitted(folder)).length === 0) return undefined;
    // An index of its own, so that what the agent or a person has staged stays as it is.
    const gitDir = await git.run(folder, 'find its own files', ['rev-parse', '--absolute-git-dir']);
    const index = { GIT_INDEX_FILE: path.join(gitDir, `intercore-snapshot-${id}`) };
    try {
      await git.run(folder, 'read its head', ['read-tree', 'HEAD'], { env: index });
      await git.run(folder, 'keep its changes', ['add', '--all', '--', '.'], { env: index });
      const tree = await git.run(folder, 'keep its changes', ['write-tree'], { env: index });
      const message = `Snapshot of ${path.basename(folder)} before it was removed`;
      const commit = ['commit-tree', tree, '-p', head, '-m', message];
      const sha = await git.run(folder, 'keep its changes', commit, { identity: OURS });
      const ref = `${SNAPSHOT_REFS}/${id}`;
      await git.run(folder, 'keep its changes', ['update-ref', ref, sha, '']);
      return { ref, sha, branch };
    } finally {
      await rm(index.GIT_INDEX_FILE, { force: true });
    }
  }

  /**
   * Removes a working tree after a snapshot of what would be lost. One that is gone already is only forgotten.
   * @throws KernelError `PATH_OUTSIDE`, `GIT_FAILED`; the tree stands as before then.
   */
  async remove(folder: string, snapshotId: string): Promise<Snapshot | undefined> {
    this.refuseOutside(folder);
    return this.repository.exclusively(async () => {
      const isThere = (await ifThere(lstat(folder))) !== undefined;
      const known = (await this.repository.worktrees()).some((worktree) => worktree.path === folder);
      const snapshot = isThere && known ? await this.snapshot(folder, snapshotId) : undefined;
      if (isThere && known) await this.git('remove a worktree', ['worktree', 'remove', '--force', '--', folder]);
      await this.git('forget worktrees that are gone', ['worktree', 'prune']);
      return snapshot;
    });
  }

  /**
   * Brings a removed working tree back, on its branch, with what was not committed as changes again.
   * @throws KernelError `NOT_FOUND` for the snapshot, `GIT_FAILED`
   */
  async restore(ref: string, folder: string, branch: string): Promise<void> {
    const sha = await this.repository.commitOf(ref);
    if (sha === undefined) throw new KernelError('NOT_FOUND', { what: 'snapshot', id: ref });
    await this.add({ folder, branch, baseSha: `${sha}^` });
    const { git } = this.repository;
    await git.run(folder, 'bring changes back', ['restore', '--source', sha, '--worktree', '--', '.']);
  }

  /** Working trees below our folder that no row knows. */
  async strays(known: ReadonlySet<string>): Promise<string[]> {
    const all = await this.repository.worktrees();
    return all.map((worktree) => worktree.path).filter((place) => isInside(this.root, place) && !known.has(place));
  }

  private git(operation: string, args: readonly string[]): Promise<string> {
    return this.repository.git.run(this.repository.folder, operation, args);
  }

  private refuseOutside(folder: string): void {
    if (!isInside(this.root, folder)) throw new KernelError('PATH_OUTSIDE', { path: folder, folder: this.root });
  }
}
