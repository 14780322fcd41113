/** A person who signs commits gets signed merges, by their own program alone; a key that cannot sign is named. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git as plainGit } from '../../../../scripts/demo/repositories';
import { mergeInto } from '../../../../src/host/git/merge/landedMerge';
import { Repository } from '../../../../src/host/git/repository';
import type { Sha } from '../../../../src/kernel/text/gitNames';
import { gitFolder, testGit } from '../../../support/git';
import { workToMerge } from '../../../support/tasks/workToMerge';

const IDENTITY = { name: 'Intercore', email: 'intercore@localhost' };

describe('the signature of a merge', function () {
  this.timeout(60_000);
  let parent: string;
  let clone: string;
  let home: string;
  let head: Sha;

  beforeEach(async () => {
    ({ parent, clone, home, head } = await workToMerge('ic-sign-'));
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  const configure = (key: string, value: string): Promise<string> =>
    plainGit(home, ['config', '--file', path.join(home, '.gitconfig'), key, value]);

  async function merge(): Promise<string> {
    const repository = new Repository(testGit({ environment: { ...process.env, HOME: home } }), await gitFolder(clone));
    const landing = { announced: null, announce: (): Promise<void> => Promise.resolve() };
    const more = { branch: 'main', head, name: 'work', message: 'Merge work', identity: IDENTITY, landing };
    return plainGit(clone, ['cat-file', 'commit', await mergeInto(repository, more)]);
  }

  async function keyOfTheirs(): Promise<string> {
    const key = path.join(home, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    await configure('commit.gpgSign', 'true');
    await configure('gpg.format', 'ssh');
    await configure('user.signingKey', key);
    return key;
  }

  it('is made with the key of the person', async () => {
    await keyOfTheirs();
    assert.match(await merge(), /^gpgsig -----BEGIN SSH SIGNATURE-----/m);
  });

  it('is none where the person does not sign', async () => {
    assert.doesNotMatch(await merge(), /^gpgsig/m);
  });

  it('is refused with its reason where the key is missing, and nothing is merged', async () => {
    await rm(await keyOfTheirs());
    const before = await plainGit(clone, ['rev-parse', 'main']);
    await assert.rejects(merge(), { code: 'SIGNING_FAILED' });
    assert.equal(await plainGit(clone, ['rev-parse', 'main']), before);
  });

  it('is refused where the key cannot sign, and nothing is merged', async () => {
    const program = path.join(home, 'gpg.sh');
    await writeFile(program, '#!/bin/sh\necho "gpg: signing failed: No secret key" >&2\nexit 2\n');
    await chmod(program, 0o755);
    await configure('commit.gpgSign', 'true');
    await configure('gpg.program', program);
    const before = await plainGit(clone, ['rev-parse', 'main']);
    // Git up to 2.39 does not hand on what the program says.
    await assert.rejects(merge(), { code: 'SIGNING_FAILED', message: /failed to sign|No secret key/ });
    assert.equal(await plainGit(clone, ['rev-parse', 'main']), before);
    assert.equal(await plainGit(clone, ['status', '--porcelain']), '');
  });

  it('is made by no program that the repository names', async () => {
    await keyOfTheirs();
    const program = path.join(parent, 'evil.sh');
    await writeFile(program, `#!/bin/sh\ntouch ${parent}/ran\nexit 1\n`);
    await chmod(program, 0o755);
    for (const key of ['gpg.program', 'gpg.ssh.program', 'gpg.ssh.defaultKeyCommand'])
      await plainGit(clone, ['config', key, program]);
    assert.match(await merge(), /^gpgsig/m);
    await assert.rejects(readFile(path.join(parent, 'ran')), { code: 'ENOENT' });
  });
});
