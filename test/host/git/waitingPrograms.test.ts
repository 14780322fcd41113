/** Programs of the person that wait: each is ended within its limit, named with a remedy, and a retry works. */
import assert from 'node:assert/strict';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { git as plainGit } from '../../../scripts/demo/repositories';
import { timeLimits, type TimeLimits } from '../../../src/host/git/config/timeLimits';
import type { Git } from '../../../src/host/git/git';
import { mergeInto } from '../../../src/host/git/merge/landedMerge';
import { Repository } from '../../../src/host/git/repository';
import { identify, isRunning } from '../../../src/host/process/processIdentity';
import type { Sha } from '../../../src/kernel/text/gitNames';
import { gitFolder, testGit } from '../../support/git';
import { workToMerge } from '../../support/tasks/workToMerge';
import { until } from '../../support/until';

const IDENTITY = { name: 'Intercore', email: 'intercore@localhost' };
const LIMITS = timeLimits(600);
/** What git takes for a signature. */
const SIGNS = `cat > /dev/null; echo '-----BEGIN PGP SIGNATURE-----'; echo '[GNUPG:] SIG_CREATED ' >&2`;
/** Only Linux shows what a call of git has started. */
const itShows = process.platform === 'linux' ? it : it.skip;

describe('a program of the person that waits', function () {
  this.timeout(60_000);
  let parent: string;
  let clone: string;
  let home: string;
  let head: Sha;

  beforeEach(async () => {
    ({ parent, clone, home, head } = await workToMerge('ic-waits-'));
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  const configure = (key: string, value: string): Promise<string> =>
    plainGit(home, ['config', '--file', path.join(home, '.gitconfig'), key, value]);

  /** A program that notes its process id first. */
  async function program(name: string, lines: string): Promise<string> {
    const file = path.join(home, name);
    await writeFile(file, `#!/bin/sh\necho $$ >> ${parent}/pids\n${lines}\n`);
    await chmod(file, 0o755);
    return file;
  }

  async function signsBy(lines: string): Promise<void> {
    await configure('commit.gpgSign', 'true');
    await configure('gpg.program', await program('sign.sh', lines));
  }

  async function merge(limits: TimeLimits): Promise<string> {
    const repository = new Repository(git(limits), await gitFolder(clone));
    const landing = { announced: null, announce: (): Promise<void> => Promise.resolve() };
    const more = { branch: 'main', head, name: 'work', message: 'Merge work', identity: IDENTITY, landing };
    return plainGit(clone, ['cat-file', 'commit', await mergeInto(repository, more)]);
  }

  const state = async (): Promise<string[]> =>
    Promise.all(
      [['for-each-ref'], ['status', '--porcelain'], ['ls-files', '--stage']].map((args) => plainGit(clone, args)),
    );

  /** Runs a step that must fail as the error says, change nothing, and leave no program of the person running. */
  async function refused(step: () => Promise<unknown>, error: { code: string; message: RegExp; hint?: RegExp }) {
    const before = await state();
    await assert.rejects(step(), error);
    assert.deepEqual(await state(), before);
    for (const pid of (await readFile(path.join(parent, 'pids'), 'utf8')).trim().split('\n').map(Number))
      assert.equal(await isRunning(await identify(pid)), false);
  }

  const git = (limits: TimeLimits): Git =>
    testGit({ environment: { ...process.env, HOME: home, XDG_CONFIG_HOME: home }, limits: () => limits });

  /** A server that asks for a password. */
  async function asksForPassword(use: (url: string) => Promise<void>): Promise<void> {
    const server = createServer((_, response) => {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="test"' }).end();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    try {
      await use(`http://127.0.0.1:${address.port}/work.git`);
    } finally {
      server.close();
    }
  }

  it('has longer for a signature than a read of the repository', async () => {
    await signsBy(`sleep 2; ${SIGNS}`);
    assert.match(await merge({ ...LIMITS, quick: 1500 }), /^gpgsig /m);
  });

  it('has a minute for a signature where the setting is short', () => {
    assert.deepEqual([timeLimits(5).sign, timeLimits(600).sign, timeLimits(0).sign], [60_000, 600_000, 0]);
  });

  itShows('is named and ended where it signs, and the merge works afterwards', async () => {
    await signsBy('sleep 30');
    const waited = { code: 'SIGNING_WAITED', message: /: sign\.sh did not finish within 1 second\b/ };
    await refused(() => merge({ ...LIMITS, sign: 1000 }), { ...waited, hint: /security key.*timeLimitSeconds/ });
    await signsBy(SIGNS);
    assert.match(await merge(LIMITS), /^gpgsig /m);
  });

  it('is named where it needs a terminal to sign', async () => {
    await signsBy('echo "gpg: signing failed: Inappropriate ioctl for device" >&2; exit 2');
    const failed = { code: 'SIGNING_FAILED', message: /signed by sign\.sh/, hint: /in a terminal/ };
    await refused(() => merge(LIMITS), failed);
  });

  it('may sign at the second try', async () => {
    await signsBy(`test "$(wc -l < ${parent}/pids)" -gt 1 || exit 2; ${SIGNS}`);
    await refused(() => merge(LIMITS), { code: 'SIGNING_FAILED', message: /sign\.sh/ });
    assert.match(await merge(LIMITS), /^gpgsig /m);
  });

  itShows('is named and ended where it is ssh, and the fetch works afterwards', async () => {
    const ssh = await program('ask.sh', `test -e ${parent}/unlocked || sleep 30; shift; exec sh -c "$1"`);
    await configure('core.sshCommand', ssh);
    await configure('ssh.variant', 'simple');
    const fetch = async (limits: TimeLimits): Promise<string> => {
      const args = ['fetch', '--end-of-options', `ssh://there${clone}`, 'work:refs/heads/fetched'];
      return git(limits).run(await gitFolder(clone), args);
    };
    const waited = {
      code: 'GIT_PROGRAM_WAITED',
      message: /: ask\.sh did not respond for 1 second\b/,
      hint: /password/,
    };
    await refused(() => fetch({ ...LIMITS, network: 1000 }), waited);
    await writeFile(path.join(parent, 'unlocked'), '');
    await fetch(LIMITS);
    assert.equal((await plainGit(clone, ['rev-parse', 'fetched'])).trim(), head);
  });

  itShows('is named and ended where it is a credential helper', async () => {
    await configure('credential.helper', await program('keychain.sh', 'sleep 30'));
    await asksForPassword(async (url) => {
      const list = async (): Promise<string> =>
        git({ ...LIMITS, network: 1000 }).run(await gitFolder(clone), ['ls-remote', url]);
      await refused(list, { code: 'GIT_PROGRAM_WAITED', message: /: keychain\.sh did not respond/ });
    });
  });

  itShows('is ended where the step is canceled', async () => {
    await configure('credential.helper', await program('keychain.sh', 'sleep 30'));
    await asksForPassword(async (url) => {
      const stop = new AbortController();
      const folder = await gitFolder(clone);
      await refused(
        async () => {
          const step = git(LIMITS).run(folder, ['ls-remote', url], { signal: stop.signal });
          const started = until(
            () => readFile(path.join(parent, 'pids'), 'utf8').catch(() => ''),
            (text) => text !== '',
          );
          await Promise.race([step, started]);
          stop.abort();
          await step;
        },
        { code: 'GIT_FAILED', message: /git ls-remote/ },
      );
    });
  });

  it('is not started where it asks for passwords in a window', async () => {
    await configure('core.askPass', await program('askpass.sh', 'sleep 30'));
    await asksForPassword(async (url) => {
      const environment = { ...process.env, HOME: home, GIT_ASKPASS: path.join(home, 'askpass.sh') };
      const asking = testGit({ environment, limits: () => LIMITS });
      const list = asking.run(await gitFolder(clone), ['ls-remote', url]);
      await assert.rejects(list, { code: 'GIT_FAILED', message: /could not read Username/ });
      await assert.rejects(readFile(path.join(parent, 'pids')), { code: 'ENOENT' });
    });
  });
});
