/** Slow steps of git continue as long as they show progress; silent ones are ended, and say so. */
import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git as plainGit, PARCEL_API } from '../../../../scripts/demo/repositories';
import { progressFlags, timeLimits, type TimeLimits } from '../../../../src/host/git/config/timeLimits';
import { gitFolder, testGit } from '../../../support/git';
import { until } from '../../../support/until';

const LIMITS = timeLimits(600);
/** Linux shows which program waited. */
const WAITED = process.platform === 'linux' ? 'GIT_PROGRAM_WAITED' : 'GIT_TIMEOUT';

describe('the time that a step of git may take', function () {
  this.timeout(60_000);
  let parent: string;
  let clone: string;

  beforeEach(async () => {
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-time-')));
    clone = path.join(parent, 'clone');
    await createRepository(clone, PARCEL_API);
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  /** Files that a filter of the person writes slowly, on a branch that is not checked out. */
  async function slowFiles(count: number, seconds: number): Promise<NodeJS.ProcessEnv> {
    const filter = path.join(parent, 'filter.sh');
    await writeFile(filter, `#!/bin/sh\necho $$ >> ${parent}/started\nsleep ${seconds}\ncat\n`);
    await chmod(filter, 0o755);
    const home = path.join(parent, 'home');
    await mkdir(home);
    await plainGit(home, ['config', '--file', path.join(home, '.gitconfig'), 'filter.slow.smudge', filter]);
    await writeFile(path.join(clone, '.gitattributes'), '*.big filter=slow\n');
    await plainGit(clone, ['checkout', '--quiet', '-b', 'big']);
    const names = Array.from({ length: count }, (_, index) => `${index}.big`);
    for (const name of names) await writeFile(path.join(clone, name), name);
    await plainGit(clone, ['add', '--all']);
    await plainGit(clone, ['commit', '--quiet', '--message', 'Big files']);
    await plainGit(clone, ['checkout', '--quiet', 'main']);
    return { ...process.env, HOME: home };
  }

  const checkOut = async (environment: NodeJS.ProcessEnv, limits: TimeLimits, signal?: AbortSignal): Promise<void> => {
    const git = testGit({ environment, limits: () => limits });
    const args = ['checkout', '--quiet', '--detach', 'big', '--'];
    await git.run(await gitFolder(clone), args, signal === undefined ? {} : { signal });
  };

  it('has no end as long as a checkout shows progress', async () => {
    const environment = await slowFiles(12, 0.4);
    await checkOut(environment, { ...LIMITS, checkout: 4000 });
    assert.equal(await readFile(path.join(clone, '11.big'), 'utf8'), '11.big');
  });

  it('ends a checkout without a sign of life, with a sentence that names the setting', async () => {
    const environment = await slowFiles(1, 30);
    await assert.rejects(checkOut(environment, { ...LIMITS, checkout: 1000 }), (error) => {
      const { code, hint } = error as { code?: string; hint?: string };
      return code === WAITED && /intercore\.git\.timeLimitSeconds/.test(hint ?? '');
    });
  });

  it('has no end where the setting is 0', async () => {
    const environment = await slowFiles(1, 1);
    await checkOut(environment, timeLimits(0));
    assert.equal(await readFile(path.join(clone, '0.big'), 'utf8'), '0.big');
  });

  it('ends when its caller cancels', async () => {
    const environment = await slowFiles(1, 30);
    const stop = new AbortController();
    const step = checkOut(environment, LIMITS, stop.signal);
    await until(
      () => readFile(path.join(parent, 'started'), 'utf8').catch(() => ''),
      (text) => text !== '',
    );
    stop.abort();
    await assert.rejects(step);
  });

  it('is longer for commands with files and filters than for reading the repository', () => {
    assert.ok(LIMITS.quick < LIMITS.walk && LIMITS.walk < LIMITS.checkout);
    assert.deepEqual(timeLimits(0), { quick: 0, walk: 0, checkout: 0, network: 0, sign: 0 });
    for (const command of ['checkout', 'clone', 'fetch', 'push'])
      assert.deepEqual(progressFlags([command]), ['--progress']);
    assert.deepEqual(progressFlags(['read-tree', '-m', '-u']), ['-v']);
  });
});
