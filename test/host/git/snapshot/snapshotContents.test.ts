/** Snapshots hold what is below a working tree, and Restore brings it back: repositories, submodules, ignored files. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git as plainGit } from '../../../../scripts/demo/repositories';
import type { Repository } from '../../../../src/host/git/repository';
import { lossesIn } from '../../../../src/host/git/snapshot/snapshotContents';
import { listSnapshots } from '../../../../src/host/git/snapshot/snapshots';
import type { Worktrees } from '../../../../src/host/git/worktree/worktrees';
import { shaOf } from '../../../../src/kernel/text/gitNames';
import { inLong, itLong } from '../../../support/long';
import {
  addSubmodule,
  commitIn,
  fillSubmodules,
  makeRemote,
  makeRepository,
  stash,
} from '../../../support/tasks/nested';
import { randomOf } from '../../../support/hostile/random';
import { isCode } from '../../../support/projects';
import { SnapshotStage } from '../../../support/tasks/snapshotStage';
import { stateOf } from '../../../support/treeState';

describe('a snapshot of what is below a working tree', function () {
  this.timeout(120_000);
  let stage: SnapshotStage;
  let parent: string;
  let clone: string;
  let repository: Repository;
  let worktrees: Worktrees;
  let tree: string;

  beforeEach(async () => {
    stage = await SnapshotStage.open();
    ({ parent, clone, repository, worktrees, tree } = stage);
  });
  afterEach(() => stage.close());

  const makeTree = (): Promise<void> => stage.makeTree();
  const restored = (): Promise<string> => stage.restored();
  const isTheSame = (change: () => Promise<void>): Promise<string> => stage.isTheSame(change);

  it('brings a nested repository back with its branches, its stashes, its index and its changes', async () => {
    const folder = await isTheSame(async () => {
      const app = path.join(tree, 'app');
      await makeRepository(app);
      await plainGit(app, ['checkout', '--quiet', '-b', 'idea']);
      await commitIn(app, 'src/idea.txt');
      await plainGit(app, ['-c', 'user.name=A', '-c', 'user.email=a@b', 'tag', '-a', '-m', 'Tag', 'v1']);
      await stash(app, 'one.txt');
      await stash(app, 'two.txt');
      await writeFile(path.join(app, 'first.txt'), 'changed');
      await writeFile(path.join(app, 'staged.txt'), 'staged');
      await plainGit(app, ['add', 'staged.txt']);
      await writeFile(path.join(app, 'staged.txt'), 'staged, then changed');
    });
    assert.equal((await plainGit(path.join(folder, 'app'), ['fsck', '--strict'])).trim(), '');
  });

  itLong('brings back a repository without commits, and one in an ignored folder on no branch', async () => {
    await isTheSame(async () => {
      const empty = path.join(tree, 'empty');
      await mkdir(empty);
      await plainGit(empty, ['init', '--quiet', '--initial-branch=main']);
      await writeFile(path.join(empty, 'new.txt'), 'new');
      const hidden = path.join(tree, 'build', 'app');
      await makeRepository(hidden);
      await plainGit(hidden, ['checkout', '--quiet', '--detach']);
      await commitIn(hidden, 'detached.txt');
    });
  });

  itLong('brings back a repository that was committed as a link', async () => {
    await isTheSame(async () => {
      await makeRepository(path.join(tree, 'app'));
      await plainGit(tree, ['add', '--all']);
      await plainGit(tree, ['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '--quiet', '--message=Add app']);
      await commitIn(path.join(tree, 'app'), 'later.txt');
    });
  });

  it('brings submodules back, at any depth, with commits that were not pushed and with changes', async () => {
    const inner = await makeRemote(path.join(parent, 'inner'));
    const lib = await makeRemote(path.join(parent, 'lib'));
    await addSubmodule(`${lib}-content`, inner, 'sub');
    await plainGit(`${lib}-content`, ['push', '--quiet', lib, 'main']);
    await addSubmodule(clone, lib, 'lib');
    const folder = await isTheSame(async () => {
      await fillSubmodules(tree);
      await commitIn(path.join(tree, 'lib/sub'), 'deep.txt');
      await plainGit(path.join(tree, 'lib'), ['checkout', '--quiet', '-b', 'idea']);
      await commitIn(path.join(tree, 'lib'), 'idea.txt');
      await writeFile(path.join(tree, 'lib', 'first.txt'), 'changed');
    });
    assert.match(await plainGit(folder, ['submodule', 'status', '--recursive']), /lib.*\n.*lib\/sub/);
    await plainGit(path.join(folder, 'lib'), ['push', '--quiet', 'origin', 'idea']);
  });

  itLong('keeps the branches of a submodule that was taken out of the tree', async () => {
    await addSubmodule(clone, await makeRemote(path.join(parent, 'lib')), 'lib');
    await makeTree();
    await fillSubmodules(tree);
    await plainGit(path.join(tree, 'lib'), ['checkout', '--quiet', '-b', 'idea']);
    const commit = await commitIn(path.join(tree, 'lib'), 'idea.txt');
    await plainGit(tree, ['submodule', '--quiet', 'deinit', '--force', 'lib']);
    const folder = await restored();
    await fillSubmodules(folder);
    assert.equal((await plainGit(path.join(folder, 'lib'), ['rev-parse', 'idea'])).trim(), commit);
  });

  itLong('keeps the commits of submodules of a worktree whose folder was deleted', async () => {
    await addSubmodule(clone, await makeRemote(path.join(parent, 'lib')), 'lib');
    await makeTree();
    await fillSubmodules(tree);
    await plainGit(path.join(tree, 'lib'), ['checkout', '--quiet', '-b', 'idea']);
    const commit = await commitIn(path.join(tree, 'lib'), 'idea.txt');
    await rm(tree, { recursive: true });
    await worktrees.remove(tree, 'deleted');
    const [kept] = await listSnapshots(repository);
    const folder = path.join(path.dirname(tree), 'restored');
    assert.ok(kept !== undefined && (await worktrees.restore(kept, folder, 'restored/deleted')));
    await fillSubmodules(folder);
    assert.equal((await plainGit(path.join(folder, 'lib'), ['rev-parse', 'idea'])).trim(), commit);
  });

  it('brings ignored files back that are worth it, and none that the clone has as well', async () => {
    await writeFile(path.join(clone, '.env.shared'), 'A=1');
    await makeTree();
    await writeFile(path.join(tree, '.env.shared'), 'A=1');
    assert.equal(await worktrees.snapshot(tree, 'none'), undefined);
    await writeFile(path.join(tree, '.env'), 'B=2');
    await mkdir(path.join(tree, 'node_modules', 'x'), { recursive: true });
    await writeFile(path.join(tree, 'node_modules', 'x', '.env'), 'C=3');
    await writeFile(path.join(tree, 'conf.txt'), 'also changed');
    const folder = await restored();
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('.env')),
      ['.env'],
    );
    assert.equal(await readFile(path.join(folder, '.env'), 'utf8'), 'B=2');
  });

  it('keeps the commits of an operation that has stopped halfway', async () => {
    await makeTree();
    await plainGit(tree, ['checkout', '--quiet', '--detach']);
    const commit = await commitIn(tree, 'README.md', 'one');
    await plainGit(tree, ['checkout', '--quiet', 'work']);
    await commitIn(tree, 'README.md', 'two');
    await plainGit(tree, ['-c', 'user.name=A', '-c', 'user.email=a@b', 'cherry-pick', commit]).catch(() => undefined);
    await worktrees.remove(tree, 'snap');
    await plainGit(clone, ['reflog', 'expire', '--expire=now', '--all']);
    await plainGit(clone, ['gc', '--quiet', '--prune=now']);
    assert.notEqual(await repository.commitOf(commit), undefined);
  });

  it('says what it holds', async () => {
    await makeTree();
    await makeRepository(path.join(tree, 'app'));
    await writeFile(path.join(tree, '.env'), 'B=2');
    await worktrees.remove(tree, 'snap');
    const [kept] = await listSnapshots(repository);
    const commit = shaOf(kept?.contents ?? '') ?? assert.fail('no contents');
    assert.deepEqual((await lossesIn(repository, [commit])).get(commit)?.slice(-3), [
      { kind: 'ignored', path: '', files: ['.env'] },
      { kind: 'repository', path: 'app', hasCommits: true },
      { kind: 'commits', path: 'app', branches: ['main'] },
    ]);
  });

  it('brings back any mixture of these', async () => {
    const lib = await makeRemote(path.join(parent, 'lib'));
    await addSubmodule(clone, lib, 'lib');
    await makeTree();
    for (let seed = 1; seed <= inLong(1, 3); seed += 1) {
      if (!existsSync(tree)) await makeTree();
      await mix(tree, randomOf(seed));
      const before = await stateOf(tree);
      await worktrees.remove(tree, `mix-${seed}`);
      const kept = (await listSnapshots(repository)).find(({ id }) => id === `mix-${seed}`);
      const folder = path.join(path.dirname(tree), `restored-${seed}`);
      assert.ok(kept !== undefined && (await worktrees.restore(kept, folder, `restored/${seed}`)), `seed ${seed}`);
      assert.deepEqual(await stateOf(folder), before, `seed ${seed}`);
    }
  });

  it('runs no program that a repository below names, when it is made and brought back', async () => {
    await addSubmodule(clone, await makeRemote(path.join(parent, 'lib')), 'lib');
    await makeTree();
    await fillSubmodules(tree);
    await makeRepository(path.join(tree, 'app'));
    const canary = path.join(parent, 'was-run');
    const program = path.join(parent, 'evil.sh');
    await writeFile(program, `#!/bin/sh\necho "$0 $*" >> ${canary}\ncat\n`);
    await chmod(program, 0o755);
    for (const place of ['lib', 'app']) {
      const folder = path.join(tree, place);
      await writeFile(path.join(folder, '.gitattributes'), '* filter=evil diff=evil\n');
      await writeFile(path.join(folder, 'first.txt'), 'changed');
      for (const key of ['core.fsmonitor', 'filter.evil.clean', 'filter.evil.smudge', 'filter.evil.process'])
        await plainGit(folder, ['config', key, program]);
    }
    const folder = await restored();
    assert.equal(existsSync(canary) ? await readFile(canary, 'utf8') : '', '');
    assert.equal(await readFile(path.join(folder, 'app', 'first.txt'), 'utf8'), 'changed');
  });

  it('writes nothing outside the tree, whatever a snapshot says', async () => {
    await makeTree();
    const outside = path.join(parent, 'outside');
    await mkdir(outside);
    await makeRepository(path.join(tree, 'app', 'deep'));
    await writeFile(path.join(tree, 'loose.txt'), 'loose');
    const snapshot = (await worktrees.snapshot(tree, 'snap')) ?? assert.fail();
    await rm(path.join(tree, 'app'), { recursive: true });
    // As a snapshot would have it that has a link where a repository has to be.
    await symlink(outside, path.join(tree, 'app'));
    const linked = (await worktrees.snapshot(tree, 'linked')) ?? assert.fail();
    const contents = (await plainGit(clone, ['rev-parse', `${snapshot.sha}^2`])).trim();
    const forged = (
      await plainGit(clone, ['commit-tree', '-p', 'work', '-p', contents, '-m', 'x', `${linked.sha}^{tree}`])
    ).trim();
    await worktrees.remove(tree, 'gone');
    await makeTree();
    await assert.rejects(worktrees.bringBack(tree, forged), isCode('PATH_OUTSIDE'));
    assert.deepEqual(await readdir(outside), []);
  });
});

/** Some of the states that agents leave below a tree, by chance. */
async function mix(tree: string, random: () => number): Promise<void> {
  const chance = (share = 0.5): boolean => random() < share;
  if (chance()) await writeFile(path.join(tree, 'loose.txt'), `loose ${random()}`);
  if (chance()) await writeFile(path.join(tree, '.env'), `A=${random()}`);
  if (chance()) await fillSubmodules(tree);
  const filled = existsSync(path.join(tree, 'lib', '.git'));
  const places = ['app', 'build/hidden', 'app/vendor/inner', 'src/deep/tool'].filter(() => chance());
  for (const place of places) await makeRepository(path.join(tree, place));
  for (const place of [...places, ...(filled ? ['lib'] : [])]) {
    const folder = path.join(tree, place);
    if (chance(0.3)) await stash(folder, 'stashed.txt');
    if (chance(0.4)) await plainGit(folder, ['checkout', '--quiet', '--detach']);
    else if (chance()) await plainGit(folder, ['checkout', '--quiet', '-b', 'idea']);
    if (chance()) await commitIn(folder, 'more.txt', `more ${random()}`);
    if (chance()) await writeFile(path.join(folder, 'first.txt'), `changed ${random()}`);
    if (chance(0.3)) await writeFile(path.join(folder, 'loose.txt'), 'loose');
  }
}
