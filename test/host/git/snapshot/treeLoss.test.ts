/** What of a working tree exists nowhere else, on real repositories in the states that agents leave them in. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git as plainGit, PARCEL_API } from '../../../../scripts/demo/repositories';
import type { Loss } from '../../../../src/contract/treeLoss';
import { searchTree } from '../../../../src/host/git/nested/nestedRepositories';
import { Repository } from '../../../../src/host/git/repository';
import { lossOf, type LossQuestion } from '../../../../src/host/git/snapshot/treeLoss';
import { Worktrees } from '../../../../src/host/git/worktree/worktrees';
import { gitFolder, testGit } from '../../../support/git';
import {
  addSubmodule,
  commitIn,
  fillSubmodules,
  makeRemote,
  makeRepository,
  stash,
} from '../../../support/tasks/nested';

const ENV = { patterns: ['.env*'], maxBytes: 1000 };

describe('what would be lost with a working tree', function () {
  this.timeout(60_000);
  let parent: string;
  let clone: string;
  let repository: Repository;
  let tree: string;

  beforeEach(async () => {
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-loss-')));
    clone = path.join(parent, 'clone');
    await createRepository(clone, PARCEL_API);
    repository = new Repository(testGit(), await gitFolder(clone));
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  const inWorktree = async (): Promise<void> => {
    const root = path.join(parent, 'worktrees', 'parcels');
    tree = path.join(root, 'work');
    const baseSha = (await repository.commitOf('main')) ?? assert.fail('no main');
    await new Worktrees(repository, root).add({ folder: tree, branch: 'work', baseSha });
  };
  const losses = async (question: LossQuestion = {}, place = tree): Promise<readonly Loss[]> =>
    (await lossOf(repository, await gitFolder(place), question)).losses;
  const ofClone = (): Promise<readonly Loss[]> => losses({ isClone: true }, clone);

  it('is nothing in a clean worktree on a branch', async () => {
    await inWorktree();
    await commitIn(tree, 'new.txt');
    assert.deepEqual(await losses(), []);
  });

  it('is what is not committed, and a commit that no branch has', async () => {
    await inWorktree();
    await plainGit(tree, ['checkout', '--quiet', '--detach']);
    const commit = await commitIn(tree, 'new.txt');
    await writeFile(path.join(tree, 'loose.txt'), 'loose');
    assert.deepEqual(await losses(), [
      { kind: 'changes', path: '', files: ['loose.txt'] },
      { kind: 'detached', path: '', commit },
    ]);
  });

  it('is a repository among the files, with and without commits', async () => {
    await inWorktree();
    await makeRepository(path.join(tree, 'app'));
    await mkdir(path.join(tree, 'empty'));
    await plainGit(path.join(tree, 'empty'), ['init', '--quiet']);
    assert.deepEqual(
      (await losses()).filter(({ path: place }) => place !== ''),
      [
        { kind: 'repository', path: 'app', hasCommits: true },
        { kind: 'commits', path: 'app', branches: ['main'] },
        { kind: 'repository', path: 'empty', hasCommits: false },
      ],
    );
  });

  it('is a repository in an ignored folder, with its changes, its stash and its detached commit', async () => {
    await commitIn(clone, '.gitignore', 'build/\n');
    await inWorktree();
    const nested = path.join(tree, 'build', 'deep', 'app');
    await makeRepository(nested);
    await stash(nested, 'stashed.txt');
    await plainGit(nested, ['checkout', '--quiet', '--detach']);
    const commit = await commitIn(nested, 'detached.txt');
    await writeFile(path.join(nested, 'loose.txt'), 'loose');
    const at = { path: 'build/deep/app' };
    assert.deepEqual(await losses(), [
      { kind: 'repository', ...at, hasCommits: true },
      { kind: 'commits', ...at, branches: ['main'] },
      { kind: 'detached', ...at, commit },
      { kind: 'stashes', ...at, count: 1 },
      { kind: 'changes', ...at, files: ['loose.txt'] },
    ]);
  });

  it('is nothing of a clone in an ignored folder whose remote has all of it', async () => {
    await commitIn(clone, '.gitignore', 'vendor/\n');
    await inWorktree();
    const remote = await makeRemote(path.join(parent, 'lib'));
    await plainGit(tree, ['clone', '--quiet', remote, 'vendor/lib']);
    assert.deepEqual(await losses(), []);
    await commitIn(path.join(tree, 'vendor/lib'), 'own.txt');
    assert.deepEqual(await losses(), [{ kind: 'commits', path: 'vendor/lib', branches: ['main'] }]);
  });

  it('is what a submodule has and its remote has not, at any depth', async () => {
    const inner = await makeRemote(path.join(parent, 'inner'));
    const lib = await makeRemote(path.join(parent, 'lib'));
    await addSubmodule(`${lib}-content`, inner, 'sub');
    await plainGit(`${lib}-content`, ['push', '--quiet', lib, 'main']);
    await addSubmodule(clone, lib, 'lib');
    await inWorktree();
    await fillSubmodules(tree);
    assert.deepEqual(await losses(), []);
    const commit = await commitIn(path.join(tree, 'lib/sub'), 'deep.txt');
    await writeFile(path.join(tree, 'lib', 'first.txt'), 'changed');
    const below = (await losses()).filter(({ path: place }) => place !== '');
    assert.deepEqual(below, [
      { kind: 'changes', path: 'lib', files: ['first.txt', 'sub'] },
      { kind: 'detached', path: 'lib/sub', commit },
    ]);
  });

  it('is a commit of a submodule that is no longer in the tree', async () => {
    await addSubmodule(clone, await makeRemote(path.join(parent, 'lib')), 'lib');
    await inWorktree();
    await fillSubmodules(tree);
    await plainGit(path.join(tree, 'lib'), ['checkout', '--quiet', '-b', 'idea']);
    await commitIn(path.join(tree, 'lib'), 'idea.txt');
    await plainGit(tree, ['submodule', '--quiet', 'deinit', '--force', 'lib']);
    assert.deepEqual(await losses(), [{ kind: 'commits', path: 'lib', branches: ['idea'] }]);
  });

  it('is ignored files of the choice, but none in ignored folders and none beyond the limit', async () => {
    await commitIn(clone, '.gitignore', '.env*\nnode_modules/\n');
    await inWorktree();
    await mkdir(path.join(tree, 'conf'));
    await mkdir(path.join(tree, 'node_modules'));
    for (const name of ['.env', 'conf/.env.local', 'node_modules/.env']) await writeFile(path.join(tree, name), 'A=1');
    await writeFile(path.join(tree, '.env.large'), 'x'.repeat(1000));
    assert.deepEqual(await losses(), []);
    assert.deepEqual(await losses({ ignored: { ...ENV, maxBytes: 0 } }), []);
    const files = ['.env', 'conf/.env.local'];
    assert.deepEqual(await losses({ ignored: ENV }), [{ kind: 'ignored', path: '', files }]);
  });

  it('is an unfinished operation', async () => {
    await inWorktree();
    const first = await commitIn(tree, 'README.md', 'one');
    await plainGit(tree, ['checkout', '--quiet', '-b', 'other', 'HEAD~1']);
    await commitIn(tree, 'README.md', 'two');
    await plainGit(tree, ['-c', 'user.name=A', '-c', 'user.email=a@b', 'cherry-pick', first]).catch(() => undefined);
    assert.deepEqual((await losses()).at(-1), { kind: 'operation', path: '', operation: 'cherry-pick' });
  });

  it('is in a whole clone also its branches and stashes', async () => {
    tree = clone;
    await stash(clone, 'stashed.txt');
    await stash(clone, 'second.txt');
    assert.deepEqual(await losses(), []);
    assert.deepEqual(await ofClone(), [
      { kind: 'commits', path: '', branches: ['main'] },
      { kind: 'stashes', path: '', count: 2 },
    ]);
  });

  it('is found in a tree of bounded size only, the outermost first', async () => {
    await inWorktree();
    for (const name of ['a', 'b/c', 'b/c/d/e']) await makeRepository(path.join(tree, name));
    const limits = { maxFolders: 1_000, maxDepth: 2, maxMs: 10_000, maxFound: 10 };
    const found = await searchTree(tree, tree, () => false, limits);
    assert.deepEqual(
      { repositories: found.repositories.map((one) => one.path), isComplete: found.isComplete },
      { repositories: ['a', 'b/c'], isComplete: false },
    );
  });

  it('does not follow links, neither of folders nor of .git', async () => {
    await inWorktree();
    const outside = path.join(parent, 'outside');
    await makeRepository(outside);
    await symlink(outside, path.join(tree, 'linked'));
    await mkdir(path.join(tree, 'led'));
    await writeFile(path.join(tree, 'led', '.git'), `gitdir: ${outside}/.git\n`);
    const below = (await losses()).filter(({ path: place }) => place !== '');
    assert.deepEqual(
      below.map(({ kind, path: place }) => [kind, place]),
      [['unreadable', 'led']],
    );
  });

  it('runs no program that a nested repository or a submodule names', async () => {
    await addSubmodule(clone, await makeRemote(path.join(parent, 'lib')), 'lib');
    await inWorktree();
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
      for (const key of EVIL) await plainGit(folder, ['config', key, program]);
      const gitDir = (await plainGit(folder, ['rev-parse', '--absolute-git-dir'])).trim();
      await appendFile(
        path.join(gitDir, 'config'),
        '[extensions]\n\tpartialClone = evil\n[remote "evil"]\n\tpromisor = true\n',
      );
      await mkdir(path.join(gitDir, 'hooks'), { recursive: true });
      for (const hook of ['post-index-change', 'reference-transaction', 'post-checkout']) {
        await writeFile(path.join(gitDir, 'hooks', hook), `#!/bin/sh\n${program} ${hook}\n`);
        await chmod(path.join(gitDir, 'hooks', hook), 0o755);
      }
    }
    assert.ok((await losses()).length > 0);
    assert.equal(existsSync(canary), false);
  });
});

const EVIL = [
  ...['core.fsmonitor', 'core.sshCommand', 'core.alternateRefsCommand', 'filter.evil.clean', 'filter.evil.smudge'],
  ...['filter.evil.process', 'diff.external', 'diff.evil.textconv', 'remote.evil.uploadpack', 'core.pager'],
];
