/** Projects that are partial clones: git fetches files when it needs them, and the remote may be away then. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { git } from '../../../../scripts/demo/repositories';
import { Repository } from '../../../../src/host/git/repository';
import { listSnapshots } from '../../../../src/host/git/snapshot/snapshots';
import { Worktrees } from '../../../../src/host/git/worktree/worktrees';
import { mergeInto } from '../../../../src/host/git/merge/landedMerge';
import type { Sha } from '../../../../src/kernel/text/gitNames';
import { gitFolder, testGit } from '../../../support/git';
import { commitIn, makeRepository } from '../../../support/tasks/nested';
import { isCode } from '../../../support/projects';

describe('a project that is a partial clone', function () {
  this.timeout(60_000);
  let parent: string;
  let remote: string;
  let clone: string;
  let repository: Repository;
  let worktrees: Worktrees;
  let tree: string;

  beforeEach(async () => {
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-partial-')));
    remote = path.join(parent, 'remote');
    await makeRepository(remote);
    await commitIn(remote, 'old.txt', 'one\ntwo\nthree\nfour\nfive\n');
    await git(remote, ['checkout', '--quiet', '-b', 'side']);
    await commitIn(remote, 'side.txt', 'side');
    await commitIn(remote, 'old.txt', 'one\ntwo\nthree\nfour\nfive, at the side\n');
    await git(remote, ['checkout', '--quiet', 'main']);
    await git(remote, ['config', 'uploadpack.allowFilter', 'true']);
    await git(remote, ['config', 'uploadpack.allowAnySHA1InWant', 'true']);
    clone = path.join(parent, 'clone');
    await git(parent, ['clone', '--quiet', '--filter=blob:none', `file://${remote}`, clone]);
    repository = new Repository(testGit(), await gitFolder(clone));
    const root = path.join(parent, 'worktrees', 'p');
    worktrees = new Worktrees(repository, root);
    tree = path.join(root, 'work');
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  const commitOf = async (name: string): Promise<Sha> => (await repository.commitOf(name)) ?? assert.fail(name);
  const addTree = async (): Promise<void> =>
    worktrees.add({ folder: tree, branch: 'work', baseSha: await commitOf('origin/side') });
  const merge = async (): Promise<Sha> =>
    mergeInto(repository, {
      branch: 'main',
      head: await commitOf('origin/side'),
      name: 'side',
      message: 'Merge side',
      identity: { name: 'Ada', email: 'ada@example.com' },
    });

  it('gets a worktree, a snapshot and a restored worktree of a commit whose files are not there yet', async () => {
    await addTree();
    await writeFile(path.join(tree, 'old.txt'), 'changed');
    await worktrees.remove(tree, 'snap');
    const [kept] = await listSnapshots(repository);
    const folder = path.join(path.dirname(tree), 'restored');
    assert.ok(kept !== undefined && (await worktrees.restore(kept, folder, 'restored')));
    assert.equal(await readFile(path.join(folder, 'old.txt'), 'utf8'), 'changed');
  });

  it('merges a commit whose files are not there yet', async () => {
    await commitIn(clone, 'old.txt', 'one, here\ntwo\nthree\nfour\nfive\n');
    await merge();
    assert.equal(
      await readFile(path.join(clone, 'old.txt'), 'utf8'),
      'one, here\ntwo\nthree\nfour\nfive, at the side\n',
    );
    assert.equal(await git(clone, ['status', '--porcelain']), '');
  });

  it('says that files are missing while its remote is away, and changes nothing', async () => {
    const commit = await commitIn(clone, 'old.txt', 'one, here\ntwo\nthree\nfour\nfive\n');
    await rename(remote, `${remote}-gone`);
    await assert.rejects(addTree(), isCode('GIT_FILES_MISSING'));
    await assert.rejects(merge(), isCode('GIT_FILES_MISSING'));
    assert.equal(await commitOf('main'), commit);
    assert.equal(await git(clone, ['status', '--porcelain']), '');
    await rename(`${remote}-gone`, remote);
    await merge();
    await addTree();
  });
});
