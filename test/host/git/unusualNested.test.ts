/** Repositories and submodules of unusual names and forms below a working tree: all of them come back. */
import assert from 'node:assert/strict';
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../../../scripts/demo/repositories';
import { addSubmodule, commitIn, fillSubmodules, makeRemote, makeRepository, stash } from '../../support/tasks/nested';
import { inLong, itLong } from '../../support/long';
import { SnapshotStage } from '../../support/tasks/snapshotStage';
import { stateOf } from '../../support/treeState';

/** The first ones in every run, all in the long one. */
const NAMES = [
  '-dash',
  'größe-日本',
  'quote\'"$(x)',
  'deep/ tab\there',
  ':(top)colon',
  'with space',
  'back\\slash',
  '#hash',
  '!bang',
  'a*b[c]?',
];
const SUBMODULES = ['größe-日本', "quote'", 'deep/inner', 'with space', '#hash', 'a*b[c]?'];
const ADA = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
const FILE = ['-c', 'protocol.file.allow=always'];

describe('a snapshot of repositories of unusual names and forms', function () {
  this.timeout(120_000);
  let stage: SnapshotStage;
  let tree: string;
  let lib: string;

  beforeEach(async () => {
    stage = await SnapshotStage.open();
    ({ tree } = stage);
    lib = await makeRemote(path.join(stage.parent, 'lib'));
  });
  afterEach(() => stage.close());

  const head = async (folder: string): Promise<string> => (await git(folder, ['rev-parse', 'HEAD'])).trim();

  it('brings nested repositories back, whatever their names', async () => {
    await stage.isTheSame(async () => {
      for (const name of NAMES.slice(0, inLong(5, NAMES.length))) {
        const folder = path.join(tree, name);
        await makeRepository(folder);
        await stash(folder, 'stashed.txt');
        await commitIn(folder, name);
        await writeFile(path.join(folder, 'first.txt'), 'changed');
        await writeFile(path.join(folder, '-loose'), 'loose');
      }
    });
  });

  it('brings submodules back, whatever their names', async () => {
    const submodules = SUBMODULES.slice(0, inLong(3, SUBMODULES.length));
    for (const name of submodules) await addSubmodule(stage.clone, lib, name);
    await stage.isTheSame(async () => {
      await fillSubmodules(tree);
      for (const name of submodules) {
        const folder = path.join(tree, name);
        await git(folder, ['checkout', '--quiet', '-b', 'idea']);
        await commitIn(folder, 'idea.txt');
        await stash(folder, 'stashed.txt');
        await writeFile(path.join(folder, 'first.txt'), 'changed');
      }
    });
  });

  it('brings back a repository whose .git names its files by a relative path', async () => {
    await stage.makeTree();
    const app = path.join(tree, 'app');
    await makeRepository(app);
    await commitIn(app, 'second.txt');
    await stash(app, 'stashed.txt');
    await mkdir(path.join(tree, 'build'));
    await rename(path.join(app, '.git'), path.join(tree, 'build', 'app.git'));
    await writeFile(path.join(app, '.git'), 'gitdir: ../build/app.git\n');
    const before = await stateOf(app);
    const folder = await stage.restored();
    assert.deepEqual(await stateOf(path.join(folder, 'app')), before);
  });

  itLong('brings back a repository with a stash and nothing else', async () => {
    await stage.isTheSame(async () => {
      const app = path.join(tree, 'build', 'app');
      await mkdir(path.dirname(app));
      await git(path.dirname(app), [...FILE, 'clone', '--quiet', lib, 'app']);
      await stash(app, 'stashed.txt');
    });
  });

  it('brings back the commits of a linked worktree of a nested repository, wherever its folder is', async () => {
    await stage.makeTree();
    const app = path.join(tree, 'build', 'app');
    await mkdir(path.dirname(app));
    await git(path.dirname(app), [...FILE, 'clone', '--quiet', lib, 'app']);
    const commits: string[] = [];
    for (const place of [path.join(stage.parent, 'outside'), path.join(tree, 'build', 'inside')]) {
      await git(app, ['worktree', 'add', '--quiet', '--detach', place]);
      commits.push(await commitIn(place, 'detached.txt', place));
    }
    await rm(path.join(stage.parent, 'outside'), { recursive: true });
    const folder = await stage.restored();
    for (const commit of commits)
      assert.equal((await git(path.join(folder, 'build', 'app'), ['cat-file', '-t', commit])).trim(), 'commit');
  });

  itLong('brings back a linked worktree of a nested repository with its changes', async () => {
    await stage.isTheSame(async () => {
      const app = path.join(tree, 'app');
      await makeRepository(app);
      await git(app, ['worktree', 'add', '--quiet', '--detach', path.join(tree, 'linked tree')]);
      await commitIn(path.join(tree, 'linked tree'), 'detached.txt');
      await writeFile(path.join(tree, 'linked tree', 'first.txt'), 'changed');
      await writeFile(path.join(tree, 'linked tree', 'loose.txt'), 'loose');
    });
  });

  it('brings back what a submodule has that was renamed or removed, with its commits', async () => {
    await addSubmodule(stage.clone, lib, 'lib');
    await addSubmodule(stage.clone, lib, 'other');
    await stage.makeTree();
    await fillSubmodules(tree);
    for (const name of ['lib', 'other']) {
      await git(path.join(tree, name), ['checkout', '--quiet', '-b', `${name}-idea`]);
      await commitIn(path.join(tree, name), 'idea.txt', name);
    }
    const renamed = await head(path.join(tree, 'lib'));
    const removed = await head(path.join(tree, 'other'));
    await git(tree, ['add', '--all']);
    await git(tree, [...ADA, 'commit', '--quiet', '--message', 'Link']);
    await git(tree, ['mv', 'lib', 'renamed lib']);
    await git(tree, ['rm', '--quiet', '--force', 'other']);
    await git(tree, [...ADA, 'commit', '--quiet', '--message', 'Move']);
    const folder = await stage.restored();
    await fillSubmodules(folder);
    assert.equal(await head(path.join(folder, 'renamed lib')), renamed);
    const own = (await git(folder, ['rev-parse', '--absolute-git-dir'])).trim();
    assert.equal((await git(path.join(own, 'modules', 'other'), ['rev-parse', 'other-idea'])).trim(), removed);
  });

  itLong('brings back a link without an entry in .gitmodules, and one whose address is relative', async () => {
    await addSubmodule(stage.clone, '../lib', 'lib');
    await stage.isTheSame(async () => {
      await fillSubmodules(tree);
      await commitIn(path.join(tree, 'lib'), 'idea.txt');
      await makeRepository(path.join(tree, 'app'));
      await git(tree, ['add', '--all']);
      await git(tree, [...ADA, 'commit', '--quiet', '--message', 'Link']);
      await commitIn(path.join(tree, 'app'), 'later.txt');
    });
  });

  it('brings back a bare repository among the files, also where it is ignored', async () => {
    await stage.makeTree();
    for (const name of ['store.git', 'build/store.git']) {
      await mkdir(path.dirname(path.join(tree, name)), { recursive: true });
      await git(tree, [...FILE, 'clone', '--quiet', '--bare', lib, name]);
      const work = path.join(stage.parent, 'pushing');
      await git(stage.parent, [...FILE, 'clone', '--quiet', path.join(tree, name), work]);
      await commitIn(work, 'pushed.txt', name);
      await git(work, [...FILE, 'push', '--quiet', 'origin', 'HEAD:refs/heads/pushed']);
      await rm(work, { recursive: true });
      await git(path.join(tree, name), ['pack-refs', '--all']);
    }
    const before = await git(path.join(tree, 'store.git'), ['for-each-ref']);
    const ignored = await git(path.join(tree, 'build/store.git'), ['for-each-ref']);
    const folder = await stage.restored();
    assert.equal(await git(path.join(folder, 'store.git'), ['for-each-ref']), before);
    assert.equal(await git(path.join(folder, 'build/store.git'), ['for-each-ref']), ignored);
  });

  itLong('takes the files of a bare repository that is committed for files', async () => {
    await git(stage.clone, [...FILE, 'clone', '--quiet', '--bare', lib, 'fixture.git']);
    await git(stage.clone, ['add', '--force', 'fixture.git']);
    await git(stage.clone, [...ADA, 'commit', '--quiet', '--message', 'Add a repository for tests']);
    await stage.makeTree();
    assert.equal(await stage.worktrees.snapshot(tree, 'none'), undefined);
    await writeFile(path.join(tree, 'fixture.git', 'description'), 'changed');
    const folder = await stage.restored();
    assert.equal(await readFile(path.join(folder, 'fixture.git', 'description'), 'utf8'), 'changed');
  });

  itLong('brings back what a submodule of a submodule has that was removed with it', async () => {
    const inner = await makeRemote(path.join(stage.parent, 'inner'));
    await addSubmodule(`${lib}-content`, inner, 'sub dir');
    await git(`${lib}-content`, ['push', '--quiet', lib, 'main']);
    await addSubmodule(stage.clone, lib, 'lib');
    await stage.makeTree();
    await fillSubmodules(tree);
    const commit = await commitIn(path.join(tree, 'lib', 'sub dir'), 'deep.txt');
    await git(tree, ['rm', '--quiet', '--force', 'lib']);
    await appendFile(path.join(tree, 'README.md'), 'more');
    const folder = await stage.restored();
    const own = (await git(folder, ['rev-parse', '--absolute-git-dir'])).trim();
    const store = path.join(own, 'modules', 'lib', 'modules', 'sub dir');
    assert.equal((await git(store, ['cat-file', '-t', commit])).trim(), 'commit');
  });
});
