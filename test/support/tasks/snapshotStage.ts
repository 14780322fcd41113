/** A clone with a worktree of ours, which is removed and restored from its snapshot. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git, PARCEL_API } from '../../../scripts/demo/repositories';
import { Repository } from '../../../src/host/git/repository';
import type { Snapshot } from '../../../src/host/git/snapshot/snapshotWriter';
import { listSnapshots } from '../../../src/host/git/snapshot/snapshots';
import { Worktrees } from '../../../src/host/git/worktree/worktrees';
import { gitFolder, testGit } from '../git';
import { commitIn } from './nested';
import { stateOf } from '../treeState';

export class SnapshotStage {
  readonly worktrees: Worktrees;
  readonly tree: string;

  private constructor(
    readonly parent: string,
    readonly clone: string,
    readonly repository: Repository,
  ) {
    const root = path.join(parent, 'worktrees', 'parcels');
    this.worktrees = new Worktrees(repository, root);
    this.tree = path.join(root, 'work');
  }

  static async open(): Promise<SnapshotStage> {
    const parent = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-contents-')));
    const clone = path.join(parent, 'clone');
    await createRepository(clone, PARCEL_API);
    await commitIn(clone, '.gitignore', 'build/\n.env*\nnode_modules/\n');
    return new SnapshotStage(parent, clone, new Repository(testGit(), await gitFolder(clone)));
  }

  close(): Promise<void> {
    return rm(this.parent, { recursive: true, force: true });
  }

  async makeTree(): Promise<void> {
    const baseSha = (await this.repository.commitOf('main')) ?? assert.fail();
    await this.worktrees.add({ folder: this.tree, branch: 'work', baseSha });
  }

  /** Removes the tree, lets git forget what nothing keeps, and restores it in another place. */
  async restored(): Promise<string> {
    await this.removed();
    await git(this.clone, ['gc', '--quiet', '--prune=now']);
    const [kept] = await listSnapshots(this.repository);
    const folder = path.join(path.dirname(this.tree), 'restored');
    assert.ok(kept !== undefined && (await this.worktrees.restore(kept, folder, 'restored/snap')));
    return folder;
  }

  async removed(): Promise<Snapshot> {
    const snapshot = await this.worktrees.remove(this.tree, 'snap');
    assert.equal(existsSync(this.tree), false);
    return snapshot ?? assert.fail('no snapshot');
  }

  /** Makes the tree, lets `change` work in it, and compares it with what comes back. The folder of that. */
  async isTheSame(change: () => Promise<void>): Promise<string> {
    await this.makeTree();
    await change();
    const before = await stateOf(this.tree);
    const folder = await this.restored();
    assert.deepEqual(await stateOf(folder), before);
    return folder;
  }
}
