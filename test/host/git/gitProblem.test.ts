/** Each cause for which git fails has a sentence and a remedy of its own, and the line that says why is never lost. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git as plainGit, PARCEL_API } from '../../../scripts/demo/repositories';
import { existingBranch } from '../../../src/host/git/branch/branches';
import { gitProblem, problemOf } from '../../../src/host/git/gitProblem';
import { Repository } from '../../../src/host/git/repository';
import { KernelError, type ErrorCode } from '../../../src/kernel/errors/errors';
import { gitFolder, testGit } from '../../support/git';

describe('a failure of git', function () {
  this.timeout(60_000);
  let parent: string;
  let clone: string;

  beforeEach(async () => {
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-problem-')));
    clone = path.join(parent, 'clone');
    await createRepository(clone, PARCEL_API);
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  async function refused(code: ErrorCode, step: Promise<unknown>): Promise<KernelError> {
    const error: unknown = await step.then(
      () => assert.fail('it went well'),
      (caught: unknown) => caught,
    );
    assert.ok(error instanceof KernelError && error.code === code, String(error));
    return error;
  }

  it('names Git where it is not installed', async () => {
    const git = testGit({ environment: { ...process.env, PATH: parent } });
    const error = await refused('GIT_MISSING', git.run(await gitFolder(clone), ['status']));
    assert.match(error.hint, /git-scm\.com/);
  });

  it('names the folder where it was deleted', async () => {
    const folder = await gitFolder(clone);
    await rm(clone, { recursive: true });
    const error = await refused('FOLDER_MISSING', testGit().run(folder, ['status']));
    assert.ok(error.message.includes(clone));
  });

  it('names Git LFS where a filter needs it', async () => {
    const home = path.join(parent, 'home');
    await mkdir(home);
    const config = ['config', '--file', path.join(home, '.gitconfig')];
    await plainGit(home, [...config, 'filter.lfs.smudge', 'git-lfs-that-is-away smudge -- %f']);
    // The system's configuration may name this one.
    await plainGit(home, [...config, 'filter.lfs.process', 'git-lfs-that-is-away filter-process']);
    await plainGit(home, [...config, 'filter.lfs.required', 'true']);
    await writeFile(path.join(clone, '.gitattributes'), '*.big filter=lfs\n');
    await writeFile(path.join(clone, 'a.big'), 'pointer');
    await plainGit(clone, ['add', '--all']);
    await plainGit(clone, ['commit', '--quiet', '--message', 'Big']);
    await rm(path.join(clone, 'a.big'));
    const git = testGit({ environment: { ...process.env, HOME: home } });
    const step = git.run(await gitFolder(clone), ['checkout', '--quiet', '--', '.']);
    const error = await refused('GIT_LFS_MISSING', step);
    assert.match(error.hint, /git lfs install/);
  });

  it('names the owner of a repository that git does not use', async () => {
    const cause = new Error(
      `fatal: detected dubious ownership in repository at '${clone}'\nTo add an exception, call:`,
    );
    const error = await gitProblem({ command: 'git for-each-ref', folder: clone, cause, limitMs: 0 });
    assert.equal(error.code, 'GIT_OWNERSHIP');
    assert.ok(error.hint.includes(`safe.directory ${clone}`));
  });

  it('names a repository that is gone, which is an answer where any folder may be asked', async () => {
    await rm(path.join(clone, '.git'), { recursive: true });
    const folder = await gitFolder(clone);
    await refused('GIT_REPOSITORY_MISSING', testGit().run(folder, ['status']));
    assert.equal(await Repository.topOf(testGit(), folder), undefined);
  });

  for (const [what, code, damage] of [
    ['whose HEAD is empty', 'HEAD_DAMAGED', (own: string) => writeFile(path.join(own, 'HEAD'), '')],
    ['without a HEAD', 'HEAD_DAMAGED', (own: string) => rm(path.join(own, 'HEAD'))],
    ['without objects', 'OBJECTS_MISSING', (own: string) => rm(path.join(own, 'objects'), { recursive: true })],
    ['without branches', 'REPOSITORY_DAMAGED', (own: string) => rm(path.join(own, 'refs'), { recursive: true })],
    ['whose files are away', 'GIT_LINK_BROKEN', (own: string) => replacedByLink(own)],
  ] as const) {
    it(`refuses a repository ${what}, where git would use the one above it`, async () => {
      await plainGit(parent, ['init', '--quiet']);
      await damage(path.join(clone, '.git'));
      const folder = await gitFolder(clone);
      const error = await refused(code, testGit().run(folder, ['status']));
      assert.equal(/git init/.test(`${error.message} ${error.hint}`), false, error.hint);
      await refused(code, Repository.topOf(testGit(), folder));
    });
  }

  async function replacedByLink(own: string): Promise<void> {
    await rm(own, { recursive: true });
    await symlink(path.join(parent, 'nowhere'), own);
  }

  it('takes the repository above an empty .git folder, as git does', async () => {
    await plainGit(parent, ['init', '--quiet']);
    await rm(path.join(clone, '.git'), { recursive: true });
    await mkdir(path.join(clone, '.git'));
    assert.equal(await Repository.topOf(testGit(), await gitFolder(clone)), parent);
  });

  it('names an index that is damaged', async () => {
    await writeFile(path.join(clone, '.git', 'index'), 'garbage');
    const folder = await gitFolder(clone);
    const error = await refused('REPOSITORY_DAMAGED', testGit().run(folder, ['status']));
    assert.match(error.message, /index file smaller than expected/);
  });

  const PRINTED: Readonly<Record<string, readonly [string, string]>> = {
    'a folder that may not be written': [
      "fatal: could not create directory of '.git/worktrees/one': Permission denied",
      'GIT_ACCESS_REFUSED',
    ],
    'a disk that is read-only': [
      "fatal: Unable to create '/clone/.git/index.lock': Read-only file system",
      'GIT_ACCESS_REFUSED',
    ],
    'a server that knows no key': ['git@example.org: Permission denied (publickey).\nfatal: no access', 'GIT_FAILED'],
    'a file that a server may not write': ['remote: error: unable to write: Permission denied', 'GIT_FAILED'],
    'a commit that is not there': [`fatal: bad object ${'a'.repeat(40)}`, 'GIT_FAILED'],
    'a commit of a branch that is not there': ['fatal: bad object refs/heads/main', 'OBJECTS_MISSING'],
    'an object that is empty': ['error: object file .git/objects/07/c2 is empty\nfatal: no', 'OBJECTS_MISSING'],
    'a pack that is cut off': ['error: file a.pack is far too short to be a packfile', 'OBJECTS_MISSING'],
    'a configuration that is damaged': ['fatal: bad config line 1 in file .git/config', 'REPOSITORY_DAMAGED'],
  };
  for (const [what, [printed, code]] of Object.entries(PRINTED)) {
    it(`has ${code} for ${what}`, async () => {
      const cause = new Error(printed);
      assert.equal((await gitProblem({ command: 'git fetch', folder: clone, cause, limitMs: 0 })).code, code);
    });
  }

  it('names a branch that is missing, and a repository without commits', async () => {
    const repository = new Repository(testGit(), await gitFolder(clone));
    const missing = await refused('BRANCH_MISSING', existingBranch(repository, 'trunk'));
    assert.ok(missing.message.includes('trunk') && missing.message.includes(clone));
    const empty = path.join(parent, 'empty');
    await mkdir(empty);
    await plainGit(empty, ['init', '--quiet']);
    const other = new Repository(testGit(), await gitFolder(empty));
    await refused('REPOSITORY_EMPTY', existingBranch(other, 'main'));
  });

  it('names a detached head where no branch can be the base', async () => {
    const repository = new Repository(testGit(), await gitFolder(clone));
    await plainGit(clone, ['tag', 'main']);
    assert.equal(await repository.defaultBranch(), 'main');
    await plainGit(clone, ['checkout', '--quiet', '--detach']);
    assert.equal(await repository.defaultBranch(), 'main');
    await plainGit(clone, ['branch', '--move', 'main', 'trunk']);
    await refused('HEAD_DETACHED', repository.defaultBranch());
  });

  const REASONS: Readonly<Record<string, readonly [string, RegExp]>> = {
    'the line of a filter in front of git’s own': [
      'disk: quota exceeded\nerror: external filter slow failed 1\nfatal: a.big: smudge filter slow failed',
      /^disk: quota exceeded; external filter slow failed 1; a\.big/,
    ],
    'the first of many lines': [
      `error: unable to write: No space left on device\n${'error: unable to create file\n'.repeat(20)}fatal: no`,
      /^unable to write: No space left on device; .*; no$/,
    ],
    'no progress': [
      'Receiving objects:  10% (1/10)\rReceiving objects: 100% (10/10), done.\nfatal: early EOF',
      /^early EOF$/,
    ],
    'the lines of gpg after git’s own': [
      'error: gpg failed to sign the data:\ngpg: signing failed: Inappropriate ioctl for device\n\nfatal: failed to write commit object',
      /^gpg failed to sign the data:; gpg: signing failed: Inappropriate ioctl for device; failed/,
    ],
    'the only line that there is': ['something else went wrong', /^something else went wrong$/],
  };
  for (const [what, [printed, expected]] of Object.entries(REASONS)) {
    it(`says why with ${what}`, () => assert.match(problemOf(new Error(printed)), expected));
  }
});
