/** A branch that git has hold of stays where it is, wherever in the repository that is; the rule is git's own. */
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git as plainGit, PARCEL_API } from '../../../../scripts/demo/repositories';
import { branchCommit, deleteBranch } from '../../../../src/host/git/branch/branches';
import { mergeInto } from '../../../../src/host/git/merge/landedMerge';
import { Repository } from '../../../../src/host/git/repository';
import type { ErrorCode } from '../../../../src/kernel/errors/errors';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { sha, type Sha } from '../../../../src/kernel/text/gitNames';
import { gitFolder, testGit } from '../../../support/git';

const IDENTITY = { name: 'Intercore', email: 'intercore@localhost' };

describe('a branch that git has hold of', function () {
  this.timeout(60_000);
  let parent: string;
  let clone: string;
  let linked: string;
  let repository: Repository;
  let head: Sha;

  beforeEach(async () => {
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-use-')));
    clone = path.join(parent, 'clone');
    linked = path.join(parent, 'linked');
    await createRepository(clone, PARCEL_API);
    repository = new Repository(testGit(), await gitFolder(clone));
    await run(clone, 'checkout', '--quiet', '-b', 'work');
    head = await commit(clone, 'new.txt', 'real');
    await run(clone, 'checkout', '--quiet', 'main');
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  async function run(folder: string, ...args: readonly string[]): Promise<string> {
    const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'core.editor=true'];
    return (await plainGit(folder, [...identity, ...args])).trim();
  }

  async function commit(folder: string, name: string, text: string): Promise<Sha> {
    await writeFile(path.join(folder, name), text);
    await run(folder, 'add', '--all');
    await run(folder, 'commit', '--quiet', '--message', `Change ${name}`);
    return sha.parse(await run(folder, 'rev-parse', 'HEAD'));
  }

  /** A branch that cannot be brought onto main, or merged with it, without a conflict. */
  async function conflicting(folder: string, branch: string): Promise<void> {
    await run(folder, 'checkout', '--quiet', '-b', branch, 'main');
    await commit(folder, 'README.md', 'theirs');
    await run(folder, 'checkout', '--quiet', 'main');
    await commit(folder, 'README.md', 'ours');
  }

  const merge = (): Promise<Sha> =>
    mergeInto(repository, { branch: 'main', head, name: 'work', message: 'Merge work', identity: IDENTITY });

  async function refused(code: ErrorCode, named: readonly string[]): Promise<void> {
    const before = await branchCommit(repository, 'main');
    const error = await merge().then(
      () => assert.fail('it was merged'),
      (caught: unknown) => caught,
    );
    assert.ok(error instanceof KernelError && error.code === code, String(error));
    for (const name of named) assert.ok(error.message.includes(name), error.message);
    assert.equal(await branchCommit(repository, 'main'), before);
  }

  it('is refused in git’s own words where main is rebased, and here too', async () => {
    await conflicting(clone, 'other');
    await assert.rejects(run(clone, 'rebase', 'other'));
    await assert.rejects(run(clone, 'branch', '--force', 'main', 'work'));
    await refused('BRANCH_IN_USE', ['rebase', clone]);
    await run(clone, 'rebase', '--abort');
    await merge();
  });

  it('is not moved while it is rebased in another worktree, by patches', async () => {
    await conflicting(clone, 'other');
    await run(clone, 'checkout', '--quiet', 'other');
    await run(clone, 'worktree', 'add', '--quiet', linked, 'main');
    await assert.rejects(run(linked, 'rebase', '--apply', 'other'));
    await refused('BRANCH_IN_USE', ['rebase', linked]);
    await run(linked, 'rebase', '--abort');
    await merge();
  });

  it('is not moved while it is bisected', async () => {
    await run(clone, 'bisect', 'start');
    await run(clone, 'bisect', 'bad', 'HEAD');
    await run(clone, 'bisect', 'good', 'HEAD~2');
    await refused('BRANCH_IN_USE', ['bisect', clone]);
    await run(clone, 'bisect', 'reset');
    await merge();
  });

  it('is not moved while a rebase of another branch will move it', async () => {
    await run(clone, 'checkout', '--quiet', '-b', 'stacked');
    await commit(clone, 'README.md', 'stacked');
    await run(clone, 'checkout', '--quiet', '-b', 'other', 'main~1');
    await commit(clone, 'README.md', 'theirs');
    await run(clone, 'checkout', '--quiet', 'stacked');
    await assert.rejects(run(clone, 'rebase', '--update-refs', 'other'));
    await assert.rejects(run(clone, 'branch', '--force', 'main', 'work'));
    await refused('BRANCH_IN_USE', ['rebase', clone]);
    await run(clone, 'rebase', '--abort');
    await merge();
  });

  for (const [operation, start] of Object.entries({
    merge: ['merge', 'other'],
    'cherry-pick': ['cherry-pick', 'other'],
    revert: ['revert', '--no-edit', 'HEAD~1'],
  })) {
    it(`is not moved during a ${operation} where it is checked out`, async () => {
      await conflicting(clone, 'other');
      await commit(clone, 'README.md', 'ours again');
      await assert.rejects(run(clone, ...start));
      await refused('BRANCH_IN_USE', [operation, clone]);
      await run(clone, operation, '--abort');
      await merge();
    });
  }

  it('is not moved while patches are applied where it is checked out', async () => {
    await conflicting(clone, 'other');
    const patch = path.join(parent, 'patch');
    await writeFile(patch, `${await run(clone, 'format-patch', '-1', '--stdout', 'other')}\n`);
    await assert.rejects(run(clone, 'am', patch));
    await refused('BRANCH_IN_USE', ['am', clone]);
    await run(clone, 'am', '--abort');
    await merge();
  });

  it('is not moved while its index has conflicts that belong to no operation', async () => {
    await conflicting(clone, 'other');
    await writeFile(path.join(clone, 'README.md'), 'mine');
    await run(clone, 'stash');
    await commit(clone, 'README.md', 'ours again');
    await assert.rejects(run(clone, 'stash', 'pop'));
    await refused('INDEX_CONFLICTED', [clone]);
  });

  it('is not moved while another git process holds its index', async () => {
    const lock = path.join(clone, '.git', 'index.lock');
    await writeFile(lock, '');
    await refused('INDEX_LOCKED', [clone]);
    await rm(lock);
    await merge();
  });

  it('is not moved where two worktrees have it checked out', async () => {
    await run(clone, 'worktree', 'add', '--quiet', '--force', linked, 'main');
    await refused('BRANCH_CHECKED_OUT_TWICE', [clone, linked]);
  });

  it('is not moved where its worktree is on a disk that is away', async () => {
    const disk = path.join(parent, 'disk');
    const tree = path.join(disk, 'tree');
    await run(clone, 'checkout', '--quiet', 'work');
    await run(clone, 'worktree', 'add', '--quiet', tree, 'main');
    await rename(disk, `${disk}-away`);
    await refused('WORKTREE_ABSENT', [tree]);
    await rename(`${disk}-away`, disk);
    await run(clone, 'worktree', 'lock', tree);
    await rename(tree, `${tree}-away`);
    await refused('WORKTREE_ABSENT', [tree]);
    await rename(`${tree}-away`, tree);
    await merge();
    assert.equal(await run(tree, 'status', '--porcelain'), '');
  });

  it('is not deleted while it is rebased, bisected or checked out, nor where it has moved', async () => {
    const gone = async (): Promise<boolean> => deleteBranch(repository, 'work', head);
    await run(clone, 'config', 'branch.work.vscode-merge-base', 'main');
    await run(clone, 'worktree', 'add', '--quiet', linked, 'work');
    assert.equal(await gone(), false);
    await run(linked, 'bisect', 'start');
    await run(linked, 'checkout', '--quiet', '--detach');
    assert.equal(await gone(), false);
    await run(linked, 'bisect', 'reset');
    await run(linked, 'checkout', '--quiet', '--detach');
    assert.equal(await deleteBranch(repository, 'work', sha.parse(await run(clone, 'rev-parse', 'main'))), false);
    assert.equal(await gone(), true);
    assert.equal(await branchCommit(repository, 'work'), undefined);
    await assert.rejects(run(clone, 'config', '--get-regexp', '^branch\\.work'));
  });

  it('is moved with the files of a sparse checkout that has a sparse index', async () => {
    await run(clone, 'sparse-checkout', 'set', '--cone', '--sparse-index', 'src');
    const merged = await merge();
    assert.equal(await branchCommit(repository, 'main'), merged);
    assert.equal(await run(clone, 'status', '--porcelain'), '');
  });
});
