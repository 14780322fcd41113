/** Each cause for which git fails has a sentence and a remedy of its own, and the line that says why is never lost. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git as plainGit, PARCEL_API } from '../../../scripts/demo/repositories';
import { existingBranch } from '../../../src/host/git/branches';
import { gitProblem, problemOf } from '../../../src/host/git/gitProblem';
import { Repository } from '../../../src/host/git/repository';
import { KernelError, type ErrorCode } from '../../../src/kernel/errors';
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
    const error = await refused('GIT_MISSING', git.run(await gitFolder(clone), 'list branches', ['status']));
    assert.match(error.hint, /git-scm\.com/);
  });

  it('names the folder where it was deleted', async () => {
    const folder = await gitFolder(clone);
    await rm(clone, { recursive: true });
    const error = await refused('FOLDER_MISSING', testGit().run(folder, 'list branches', ['status']));
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
    const step = git.run(await gitFolder(clone), 'check files out', ['checkout', '--quiet', '--', '.']);
    const error = await refused('GIT_LFS_MISSING', step);
    assert.match(error.hint, /git lfs install/);
  });

  it('names the owner of a repository that git does not use', async () => {
    const cause = new Error(
      `fatal: detected dubious ownership in repository at '${clone}'\nTo add an exception, call:`,
    );
    const error = await gitProblem({ operation: 'list branches', folder: clone, cause, limitMs: 0 });
    assert.equal(error.code, 'GIT_OWNERSHIP');
    assert.ok(error.hint.includes(`safe.directory ${clone}`));
  });

  it('names a repository that is gone, which is an answer where any folder may be asked', async () => {
    await rm(path.join(clone, '.git'), { recursive: true });
    const folder = await gitFolder(clone);
    await refused('GIT_REPOSITORY_MISSING', testGit().run(folder, 'list branches', ['status']));
    assert.equal(await Repository.topOf(testGit(), folder), undefined);
  });

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
    'the only line that there is': ['something else went wrong', /^something else went wrong$/],
  };
  for (const [what, [printed, expected]] of Object.entries(REASONS)) {
    it(`says why with ${what}`, () => assert.match(problemOf(new Error(printed)), expected));
  }
});
