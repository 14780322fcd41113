/** Git as we run it, on real repositories. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git as plainGit, PARCEL_API } from '../../../scripts/demo/repositories';
import { gitFolder, testGit } from '../../support/git';
import { mergeInto } from '../../../src/host/git/merge/landedMerge';
import { redact } from '../../../src/host/git/redaction';
import { Repository } from '../../../src/host/git/repository';
import { listSnapshots } from '../../../src/host/git/snapshot/snapshots';
import { Worktrees } from '../../../src/host/git/worktree/worktrees';
import { sha, type Sha } from '../../../src/kernel/text/gitNames';
import { KernelError, type ErrorCode } from '../../../src/kernel/errors/errors';

const IDENTITY = { name: 'Intercore', email: 'intercore@localhost' };

describe('git', function () {
  this.timeout(60_000);
  let parent: string;
  let clone: string;
  let repository: Repository;
  let worktrees: Worktrees;
  let root: string;

  beforeEach(async () => {
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-git-')));
    clone = path.join(parent, 'clone');
    root = path.join(parent, 'worktrees', 'parcels');
    await createRepository(clone, PARCEL_API);
    repository = new Repository(testGit(), await gitFolder(clone));
    worktrees = new Worktrees(repository, root);
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  async function refused(code: ErrorCode, work: () => Promise<unknown>): Promise<KernelError> {
    try {
      await work();
    } catch (error) {
      assert.ok(error instanceof KernelError && error.code === code, String(error));
      return error;
    }
    assert.fail(`expected ${code}`);
  }

  async function commit(folder: string, name: string, text: string): Promise<Sha> {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
    await plainGit(folder, ['add', '--all']);
    await plainGit(folder, ['commit', '--quiet', '--message', `Change ${name}`]);
    return sha.parse((await plainGit(folder, ['rev-parse', 'HEAD'])).trim());
  }

  async function worktree(branch: string): Promise<string> {
    const folder = path.join(root, branch);
    const baseSha = (await repository.commitOf('main')) ?? assert.fail('no main');
    await worktrees.add({ folder, branch, baseSha });
    return folder;
  }

  it('knows branches, commits and whether one holds another', async () => {
    const folder = await worktree('work');
    const sha = await commit(folder, 'new.txt', 'new');
    assert.deepEqual([await repository.hasBranch('work'), await repository.hasBranch('other')], [true, false]);
    assert.equal(await repository.defaultBranch(), 'main');
    const between = await repository.commitsBetween('main', 'work');
    assert.deepEqual(between, [{ sha, subject: 'Change new.txt' }]);
    assert.equal(await repository.isAncestor('main', 'work'), true);
    assert.equal(await repository.isAncestor('work', 'main'), false);
    assert.equal(await repository.commitOf('unknown'), undefined);
  });

  it('takes no option for a name', async () => {
    assert.equal(await repository.commitOf('--all'), undefined);
    await refused('INVALID_ARGUMENT', () =>
      worktrees.add({ folder: path.join(root, 'x'), branch: '--detach', baseSha: 'HEAD' }),
    );
  });

  it('runs no hook of the repository', async () => {
    const hook = path.join(clone, '.git', 'hooks', 'post-checkout');
    await mkdir(path.dirname(hook), { recursive: true });
    await writeFile(hook, `#!/bin/sh\ntouch ${path.join(parent, 'hooked')}\n`);
    await chmod(hook, 0o755);
    await worktree('work');
    assert.equal(existsSync(path.join(parent, 'hooked')), false);
  });

  it('makes worktrees outside the clone and changes nothing in it (D12)', async () => {
    const before = await readFile(path.join(clone, 'README.md'), 'utf8');
    await worktree('work');
    assert.deepEqual(await repository.uncommitted(await gitFolder(clone)), []);
    assert.equal(await readFile(path.join(clone, 'README.md'), 'utf8'), before);
    await refused('PATH_OUTSIDE', () =>
      worktrees.add({ folder: path.join(clone, 'inside'), branch: 'x', baseSha: 'HEAD' }),
    );
  });

  it('makes one worktree of a branch, also when asked twice at once', async () => {
    const baseSha = (await repository.commitOf('main')) ?? '';
    const tries = await Promise.allSettled(
      ['one', 'two'].map((name) => worktrees.add({ folder: path.join(root, name), branch: 'work', baseSha })),
    );
    assert.deepEqual(tries.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal((await repository.worktrees()).length, 2);
  });

  it('takes a branch that is there up where it stands (D20)', async () => {
    const folder = await worktree('work');
    const sha = await commit(folder, 'new.txt', 'new');
    await worktrees.remove(folder, 'gone');
    await worktrees.add({ folder, branch: 'work', baseSha: (await repository.commitOf('main')) ?? '' });
    assert.equal(await repository.commitOf('work'), sha);
    assert.equal(await readFile(path.join(folder, 'new.txt'), 'utf8'), 'new');
  });

  it('loses no line with a worktree: what was not committed can be brought back (D34)', async () => {
    const folder = await worktree('work');
    await writeFile(path.join(folder, 'README.md'), 'changed');
    await writeFile(path.join(folder, 'staged.txt'), 'staged');
    await plainGit(folder, ['add', 'staged.txt']);
    await mkdir(path.join(folder, 'deep'));
    await writeFile(path.join(folder, 'deep', 'untracked.txt'), 'untracked');
    await rm(path.join(folder, 'src'), { recursive: true, force: true });
    const status = await repository.uncommitted(await gitFolder(folder));

    const snapshot = (await worktrees.remove(folder, 'snap0001')) ?? assert.fail('no snapshot');
    assert.equal(existsSync(folder), false);
    await plainGit(clone, ['gc', '--quiet', '--prune=now']);
    const [kept] = await listSnapshots(repository);
    assert.equal(kept?.ref, snapshot.ref);
    assert.equal(await worktrees.restore(kept, folder, 'work'), true);
    assert.equal(await readFile(path.join(folder, 'README.md'), 'utf8'), 'changed');
    assert.equal(await readFile(path.join(folder, 'staged.txt'), 'utf8'), 'staged');
    assert.equal(await readFile(path.join(folder, 'deep', 'untracked.txt'), 'utf8'), 'untracked');
    assert.equal(existsSync(path.join(folder, 'src')), false);
    assert.deepEqual((await repository.uncommitted(await gitFolder(folder))).sort(), status.sort());
  });

  it('leaves the index as it was when it takes a snapshot', async () => {
    const folder = await worktree('work');
    await writeFile(path.join(folder, 'staged.txt'), 'staged');
    await plainGit(folder, ['add', 'staged.txt']);
    await writeFile(path.join(folder, 'loose.txt'), 'loose');
    const before = await plainGit(folder, ['status', '--porcelain']);
    assert.ok(await worktrees.snapshot(folder, 'snap0002'));
    assert.equal(await plainGit(folder, ['status', '--porcelain']), before);
  });

  it('needs no snapshot of a clean worktree on a branch, and forgets one that is gone', async () => {
    const folder = await worktree('work');
    await commit(folder, 'new.txt', 'new');
    assert.equal(await worktrees.remove(folder, 'none'), undefined);
    const other = await worktree('other');
    await rm(other, { recursive: true });
    assert.equal(await worktrees.remove(other, 'none'), undefined);
    assert.equal((await repository.worktrees()).length, 1);
  });

  it('keeps commits that are on no branch', async () => {
    const folder = await worktree('work');
    await plainGit(folder, ['checkout', '--quiet', '--detach']);
    const sha = await commit(folder, 'lost.txt', 'lost');
    const snapshot = (await worktrees.remove(folder, 'snap0003')) ?? assert.fail('no snapshot');
    assert.equal(await repository.isAncestor(sha, snapshot.sha), true);
  });

  it('keeps every snapshot that is taken under one name', async () => {
    const folder = await worktree('work');
    for (const text of ['first', 'second']) {
      await writeFile(path.join(folder, 'loose.txt'), text);
      await worktrees.snapshot(folder, 'snap');
    }
    const kept = await listSnapshots(repository);
    assert.deepEqual(kept.map(({ id }) => id).sort(), ['snap', 'snap-2']);
    const texts = kept.map(({ sha }) => plainGit(clone, ['show', `${sha}:loose.txt`]));
    assert.deepEqual((await Promise.all(texts)).map((text) => text.trim()).sort(), ['first', 'second']);
  });

  it('needs no snapshot of a clean tree without a branch whose commit is on one', async () => {
    const folder = path.join(root, 'look');
    await worktrees.addDetached(folder, (await repository.commitOf('main')) ?? '');
    assert.equal(await worktrees.remove(folder, 'none'), undefined);
  });

  it('makes a worktree again whose making was cut short', async () => {
    const folder = await worktree('work');
    await rm(path.join(folder, 'README.md'));
    // As git marks one until it is whole.
    await plainGit(clone, ['worktree', 'lock', '--reason', 'initializing', folder]);
    assert.equal(await worktrees.ensure({ folder, branch: 'work', baseSha: 'main' }), true);
    assert.deepEqual(await repository.uncommitted(await gitFolder(folder)), []);
    assert.equal(await worktrees.ensure({ folder, branch: 'work', baseSha: 'main' }), false);
  });

  it('keeps a folder under another name that stands where a worktree has to be', async () => {
    const folder = path.join(root, 'work');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'mine.txt'), 'mine');
    assert.equal(await worktrees.ensure({ folder, branch: 'work', baseSha: 'main' }), true);
    assert.equal(await readFile(path.join(`${folder}.kept`, 'mine.txt'), 'utf8'), 'mine');
  });

  describe('landing on this machine', () => {
    const merge = async (name: string) => {
      const head = (await repository.commitOf(name)) ?? assert.fail(`there is no ${name}`);
      return mergeInto(repository, { branch: 'main', head, name, message: `Merge ${name}`, identity: IDENTITY });
    };

    it('moves the base forward where it is checked out, with the files', async () => {
      const sha = await commit(await worktree('work'), 'new.txt', 'new');
      const merged = await merge('work');
      assert.equal(await repository.commitOf('main'), merged);
      assert.equal(await repository.isAncestor(sha, 'main'), true);
      assert.equal(await readFile(path.join(clone, 'new.txt'), 'utf8'), 'new');
      assert.deepEqual(await repository.uncommitted(await gitFolder(clone)), []);
      assert.equal(await merge('work'), merged);
    });

    it('moves a base that is checked out nowhere', async () => {
      await commit(await worktree('work'), 'new.txt', 'new');
      await plainGit(clone, ['checkout', '--quiet', '-b', 'elsewhere']);
      const merged = await merge('work');
      assert.equal(await repository.commitOf('main'), merged);
      assert.equal(existsSync(path.join(clone, 'new.txt')), false);
    });

    it('leaves a change alone that a person has not committed', async () => {
      await commit(await worktree('work'), 'README.md', 'theirs');
      const before = await repository.commitOf('main');
      await writeFile(path.join(clone, 'README.md'), 'mine');
      await refused('GIT_FAILED', () => merge('work'));
      assert.equal(await readFile(path.join(clone, 'README.md'), 'utf8'), 'mine');
      assert.equal(await repository.commitOf('main'), before);
    });

    it('names the files that both changed, and changes nothing', async () => {
      await commit(await worktree('work'), 'README.md', 'theirs');
      await commit(clone, 'README.md', 'ours');
      const before = await repository.commitOf('main');
      const error = await refused('MERGE_CONFLICT', () => merge('work'));
      assert.match(error.message, /README\.md/);
      assert.equal(await repository.commitOf('main'), before);
      assert.deepEqual(await repository.uncommitted(await gitFolder(clone)), []);
    });
  });
});

describe('what git prints', () => {
  const SECRETS = [
    'ghp_abcdefghijklmnopqrstuvwxyz0123456789',
    'github_pat_11ABCDEFG0aaaaaaaaaaaa_bbbbbbbbbbbbbb',
    'sk-ant-api03-abcdefghijklmnop',
    'https://x-access-token:secretsecret@github.com/o/r.git',
    'AUTHORIZATION: basic c2VjcmV0c2VjcmV0',
  ];
  for (const secret of SECRETS) {
    it(`is shown without ${secret.slice(0, 12)}…`, () => {
      const shown = redact(`fatal: could not read ${secret} from here`);
      assert.doesNotMatch(shown, /secretsecret|c2VjcmV0|abcdefghijkl|ABCDEFG/);
      assert.match(shown, /^fatal: could not read .*\*\*\*.* from here$/);
    });
  }
});
