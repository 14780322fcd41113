/** Git in a repository of ours: who gets the secret, what of the person's configuration holds, and what is believed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, mkdtemp, readdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Duplex } from 'node:stream';
import { refNameOf, shaOf } from '../../../src/kernel/text/gitNames';
import { credentialHelper } from '../../../src/host/git/transport/credentialHelper';
import { configurationFile, networkSettings } from '../../../src/host/git/transport/networkSettings';
import { PushedCommits } from '../../../src/host/git/transport/gitHubTransfers';
import { TransportGit } from '../../../src/host/git/transport/transportGit';
import { withTransportRepository } from '../../../src/host/git/transport/transportRepository';
import { timeLimits } from '../../../src/host/git/config/timeLimits';
import { findProgram } from '../../../src/host/process/programs';
import { Stranger } from '../../support/github/stranger';
import { isCode } from '../../support/projects';

const CREDENTIAL = { username: 'x-access-token', password: 's3cret' };
const ORIGIN = 'https://github.example.com';

describe('git in a repository of ours', function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-transport-')));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  for (const hasInheritance of [true, false]) {
    /** What git learns from the helper, asking for each of these in turn. */
    async function answers(...asked: readonly string[]): Promise<string[]> {
      const helper = await credentialHelper(ORIGIN, CREDENTIAL, hasInheritance);
      try {
        const script = asked
          .map((url) => `printf 'url=%s\\n\\n' '${url}' | git credential fill 2>/dev/null | grep password; echo .`)
          .join('\n');
        const config = { GIT_CONFIG_KEY_0: 'credential.helper', GIT_CONFIG_VALUE_0: helper.command };
        const only = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_NOSYSTEM: '1', HOME: folder, GIT_TERMINAL_PROMPT: '0' };
        const env = { PATH: process.env['PATH'], GIT_ASKPASS: '', ...helper.environment, ...only, ...config };
        assert.equal(JSON.stringify(env).includes(CREDENTIAL.password), false);
        const child = spawn('sh', ['-c', script], { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
        helper.listen(child.stdio[3] as Duplex);
        return (await text(child.stdout ?? assert.fail('no output'))).split('.\n').slice(0, -1);
      } finally {
        helper.close();
      }
    }

    describe(hasInheritance ? 'with a socket that git inherits' : 'with a named pipe', () => {
      it('gives the secret for the exact server', async () => {
        assert.deepEqual(await answers(`${ORIGIN}/octo/parcels.git`), ['password=s3cret\n']);
      });

      it('gives the secret once', async () => {
        const url = `${ORIGIN}/octo/parcels.git`;
        assert.deepEqual(await answers(url, url, url), ['password=s3cret\n', '', '']);
      });

      for (const other of [
        'http://github.example.com',
        'https://github.example.com:8443',
        'https://github.example.com.evil.example',
        'https://evil.example',
        'https://api.github.example.com',
      ]) {
        it(`gives nothing to ${other}`, async () => {
          assert.deepEqual(await answers(`${other}/octo/parcels.git`), ['']);
        });
      }
    });
  }

  it('takes over proxies and certificates of the person, and nothing else', () => {
    const printed = [
      ...['http.proxy\nhttp://proxy.example:3128', 'http.https://ghe.example/.sslcainfo\n/etc/"ca" \\ x.pem'],
      ...['http.extraheader\nAuthorization: Basic eA==', 'http.cookiefile\n/tmp/jar', 'http.sslverify'],
      ...['http.https://a.b/.extraheader\nX: y', 'https.proxy\nhttp://other:1', 'http.curloptresolve\na:1:b'],
    ].join('\0');
    const settings = networkSettings(`${printed}\0`);
    assert.deepEqual(
      settings.map(({ key }) => key),
      ['http.proxy', 'http.https://ghe.example/.sslcainfo', 'https.proxy'],
    );
    assert.equal(
      configurationFile(settings),
      '[http]\n\tproxy = "http://proxy.example:3128"\n' +
        '[http "https://ghe.example/"]\n\tsslcainfo = "/etc/\\"ca\\" \\\\ x.pem"\n' +
        '[https]\n\tproxy = "http://other:1"\n',
    );
  });

  it('goes by the proxy of the person, without their helpers, headers and other addresses', async () => {
    const proxy = await Stranger.start();
    try {
      const config = `[http]\n\tproxy = ${proxy.url}\n\textraHeader = X-Other: yes\n[url "http://elsewhere.invalid/"]\n\tinsteadOf = http://github.invalid/\n`;
      await writeFile(path.join(folder, '.gitconfig'), config);
      const asked: unknown[] = [];
      const transport = new TransportGit({
        trusted: () => true,
        environment: { PATH: process.env['PATH'], HOME: folder },
        credential: (refused) => {
          asked.push(refused);
          return Promise.resolve(CREDENTIAL);
        },
      });
      const url = 'http://github.invalid/octo/parcels.git';
      const talking = withTransportRepository(path.join(folder, 'transport'), (place) => {
        return transport.talk(place, ['ls-remote', url], { url });
      });
      await assert.rejects(talking, isCode('GIT_FAILED'));
      assert.match(proxy.received[0] ?? '', /^GET http:\/\/github\.invalid\/octo\/parcels\.git\/info\/refs/);
      assert.doesNotMatch(proxy.received.join('\n'), /x-other|elsewhere/i);
      assert.deepEqual(asked, [undefined, CREDENTIAL]);
    } finally {
      await proxy.close();
    }
  });

  it('ends where the server is silent for the time of the setting, and never where it continues', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/octo/parcels.git`;
    const talk = (program: string, seconds: number): Promise<string> => {
      const transport = new TransportGit({
        trusted: () => true,
        limits: () => timeLimits(seconds),
        credential: () => Promise.resolve(undefined),
        environment: { PATH: `${program}:${process.env['PATH'] ?? ''}`, HOME: folder },
      });
      return withTransportRepository(path.join(folder, 'transport'), (place) => {
        return transport.talk(place, ['ls-remote', url], { url });
      });
    };
    try {
      await assert.rejects(talk(folder, 5), { code: 'GIT_TIMEOUT', message: /no progress for 1 second\b/ });
      const slow = path.join(folder, 'slow');
      await mkdir(slow);
      const found = (await findProgram('git', process.env)) ?? assert.fail('no git');
      const lines = 'for n in 1 2 3 4 5 6 7 8; do sleep 0.5; printf "Receiving objects: $n%%\\r" >&2; done; echo done';
      const script = `#!/bin/sh\n[ "$1" = ls-remote ] || exec '${found}' "$@"\n${lines}\n`;
      await writeFile(path.join(slow, 'git'), script, { mode: 0o755 });
      assert.equal(await talk(slow, 15), 'done\n');
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });

  it('starts nothing without trust, and leaves no repository behind', async () => {
    const transport = new TransportGit({ trusted: () => false, credential: () => assert.fail('asked for a secret') });
    const root = path.join(folder, 'transport');
    const talking = withTransportRepository(root, (place) => {
      return transport.talk(place, ['ls-remote', ORIGIN], { url: ORIGIN });
    });
    await assert.rejects(talking, isCode('UNTRUSTED'));
    assert.deepEqual(await readdir(root), []);
    assert.equal((await stat(root)).mode & 0o077, 0);
  });

  it('keeps where branches were pushed by repository, and replaces nothing where the file is damaged', async () => {
    const pushed = new PushedCommits(folder);
    const branch = refNameOf('a/b') ?? assert.fail();
    const commit = shaOf('a'.repeat(40)) ?? assert.fail();
    const url = `${ORIGIN}/octo/parcels.git`;
    await pushed.set(url, branch, commit);
    assert.equal(await pushed.get(url, branch), commit);
    assert.equal(await pushed.get(`${ORIGIN}/octo/others.git`, branch), undefined);
    const [file = ''] = (await readdir(folder)).filter((name) => name.endsWith('.json'));
    for (const damaged of ['{', '[]', '{"a/b":"--force"}']) {
      await writeFile(path.join(folder, file), damaged);
      assert.equal(await pushed.get(url, branch), undefined, damaged);
    }
  });

  it('makes its place in a folder of ours, never behind a link of others', async () => {
    const elsewhere = path.join(folder, 'elsewhere');
    await mkdir(elsewhere);
    await symlink(elsewhere, path.join(folder, 'transport'));
    const placing = withTransportRepository(path.join(folder, 'transport'), () => Promise.resolve());
    await assert.rejects(placing, isCode('RECORDED_ELSEWHERE'));
    assert.deepEqual(await readdir(elsewhere), []);
  });
});
