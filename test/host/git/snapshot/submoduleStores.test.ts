/** Commits of submodules that only a worktree has: the submodule of the clone gets them before the worktree goes. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git as plainGit, PARCEL_API } from '../../../../scripts/demo/repositories';
import { lossName } from '../../../../src/contract/treeLoss';
import { Repository } from '../../../../src/host/git/repository';
import { lossOf } from '../../../../src/host/git/snapshot/treeLoss';
import { Worktrees } from '../../../../src/host/git/worktree/worktrees';
import { gitFolder, testGit } from '../../../support/git';
import { addSubmodule, commitIn, fillSubmodules, makeRemote, stash } from '../../../support/tasks/nested';

const FILE = ['-c', 'protocol.file.allow=always'];

describe('commits of a submodule of a worktree that goes', function () {
  this.timeout(60_000);
  let parent: string;
  let clone: string;
  let repository: Repository;
  let worktrees: Worktrees;
  let tree: string;

  beforeEach(async () => {
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-stores-')));
    clone = path.join(parent, 'clone');
    await createRepository(clone, PARCEL_API);
    const inner = await makeRemote(path.join(parent, 'inner'));
    const lib = await makeRemote(path.join(parent, 'lib'));
    await addSubmodule(`${lib}-content`, inner, 'sub');
    await plainGit(`${lib}-content`, ['push', '--quiet', lib, 'main']);
    await addSubmodule(clone, lib, 'lib');
    await fillSubmodules(clone);
    repository = new Repository(testGit(), await gitFolder(clone));
    worktrees = new Worktrees(repository, path.join(parent, 'worktrees', 'parcels'));
    tree = path.join(parent, 'worktrees', 'parcels', 'work');
    const baseSha = (await repository.commitOf('main')) ?? assert.fail();
    await worktrees.add({ folder: tree, branch: 'work', baseSha });
    await fillSubmodules(tree);
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  const store = (): string => path.join(clone, '.git', 'modules', 'lib');
  const refsOf = async (folder: string): Promise<string> =>
    plainGit(folder, ['for-each-ref', '--format=%(refname) %(objectname)', 'refs/intercore']);
  const commitAll = async (): Promise<void> => {
    await plainGit(tree, ['add', '--all']);
    await plainGit(tree, ['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '--quiet', '--message=Link']);
  };

  it('are found by git in the clone where it was cloned by hand, with its own files inside', async () => {
    const lib = path.join(tree, 'lib');
    await rm(lib, { recursive: true });
    await plainGit(tree, [...FILE, 'clone', '--quiet', path.join(parent, 'lib'), 'lib']);
    assert.equal(existsSync(path.join(lib, '.git', 'HEAD')), true);
    const linked = await commitIn(lib, 'linked.txt');
    await commitAll();
    const snapshot = (await worktrees.remove(tree, 'task-2')) ?? assert.fail('nothing was kept');
    assert.equal(existsSync(tree), false);
    await plainGit(store(), ['gc', '--quiet', '--prune=now']);
    assert.match(await refsOf(store()), new RegExp(`^refs/intercore/submodules/task-2/\\S+ ${linked}\n$`, 'm'));
    await plainGit(clone, ['merge', '--quiet', '--ff-only', 'work']);
    await plainGit(clone, [...FILE, 'submodule', '--quiet', 'update', '--no-fetch']);
    assert.equal((await plainGit(path.join(clone, 'lib'), ['rev-parse', 'HEAD'])).trim(), linked);
    const names = snapshot.losses.map(lossName);
    assert.ok(
      names.some((name) => name.startsWith('lib: ') && name.includes('refs/intercore/submodules/task-2')),
      names.join(),
    );
  });

  it('are found by git in the clone, at any depth, with branches and stashes', async () => {
    const lib = path.join(tree, 'lib');
    const inner = await commitIn(path.join(lib, 'sub'), 'inner.txt');
    const linked = await commitIn(lib, 'linked.txt');
    await commitAll();
    await plainGit(lib, ['checkout', '--quiet', '-b', 'idea', 'origin/main']);
    const idea = await commitIn(lib, 'idea.txt');
    await stash(lib, 'stashed.txt');
    const stashed = (await plainGit(lib, ['rev-parse', 'refs/stash'])).trim();
    const snapshot = (await worktrees.remove(tree, 'task-1')) ?? assert.fail('nothing was kept');
    assert.equal(existsSync(tree), false);
    await plainGit(store(), ['pack-refs', '--all']);
    await plainGit(store(), ['gc', '--quiet', '--prune=now']);
    const base = 'refs/intercore/submodules/task-1';
    assert.equal(
      await refsOf(store()),
      `${base}/heads/idea ${idea}\n${base}/linked/${linked} ${linked}\n${base}/stash/0 ${stashed}\n`,
    );
    assert.equal(await refsOf(path.join(store(), 'modules', 'sub')), `${base}/HEAD ${inner}\n`);
    assert.ok(
      snapshot.losses.map(lossName).some((name) => name.startsWith('lib: branch idea (also') && name.includes(base)),
    );
    // What links to it can be checked out without any remote.
    await plainGit(clone, ['merge', '--quiet', '--ff-only', 'work']);
    await plainGit(clone, [...FILE, 'submodule', '--quiet', 'update', '--no-fetch', '--recursive']);
    assert.equal((await plainGit(path.join(clone, 'lib', 'sub'), ['rev-parse', 'HEAD'])).trim(), inner);
    assert.equal((await plainGit(store(), ['fsck', '--strict'])).trim(), '');
    // They keep the clone from being freed.
    const { losses } = await lossOf(repository, repository.folder, { isClone: true });
    assert.ok(losses.some((loss) => loss.kind === 'commits' && loss.branches.includes(`${base}/heads/idea`)));
  });

  it('are kept apart from those of the worktree before, and also where its folder was deleted', async () => {
    const ids: string[] = [];
    for (const name of ['one', 'two']) {
      ids.push(await commitIn(path.join(tree, 'lib'), `${name}.txt`));
      await rm(tree, { recursive: true });
      await worktrees.ensure({ folder: tree, branch: 'work', baseSha: 'main' });
      await fillSubmodules(tree);
    }
    const base = 'refs/intercore/submodules/work';
    assert.equal(await refsOf(store()), `${base}-2/HEAD ${ids[1]}\n${base}/HEAD ${ids[0]}\n`);
  });

  it('are in the snapshot alone where the clone has not filled its submodule', async () => {
    await plainGit(clone, ['submodule', '--quiet', 'deinit', '--force', '--all']);
    await rm(path.join(clone, '.git', 'modules'), { recursive: true });
    await commitIn(path.join(tree, 'lib'), 'work.txt');
    const snapshot = (await worktrees.remove(tree, 'task-1')) ?? assert.fail('nothing was kept');
    assert.equal(
      snapshot.losses.some((loss) => 'ref' in loss),
      false,
    );
    assert.equal(existsSync(path.join(clone, '.git', 'modules')), false);
  });

  it('are written to no place outside the clone', async () => {
    const outside = path.join(parent, 'outside');
    await mkdir(outside);
    await symlink(outside, path.join(store(), 'refs', 'intercore'));
    await commitIn(path.join(tree, 'lib'), 'work.txt');
    const snapshot = (await worktrees.remove(tree, 'task-1')) ?? assert.fail('nothing was kept');
    assert.equal(
      snapshot.losses.some((loss) => 'ref' in loss),
      false,
    );
    assert.equal(existsSync(path.join(outside, 'submodules')), false);
  });
});
