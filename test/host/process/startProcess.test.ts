/** Trust is checked wherever a process is started. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BeadsProgram } from '../../../src/host/beads/program';
import { makeDispatchFiles } from '../../../src/host/launcher/dispatchFiles';
import { launch } from '../../../src/host/launcher/agentProcess';
import { askProgram } from '../../../src/host/process/programs';
import { processStarter } from '../../../src/host/process/startProcess';
import { LAUNCHER } from '../../support/dispatch/dispatchFixture';

describe('a process', () => {
  let folder = '';
  let canary = '';
  let program = '';

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'intercore-'));
    canary = path.join(folder, 'canary');
    program = path.join(folder, 'program');
    await writeFile(program, `#!/bin/sh\necho ran > '${canary}'\n`);
    await chmod(program, 0o755);
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  const untrusted = (): boolean => false;
  const STARTS: Readonly<Record<string, () => Promise<unknown>>> = {
    'of a program that is asked': () =>
      askProgram({ trusted: untrusted, program, args: [], env: process.env, timeoutMs: 5000 }),
    'of Beads': () => {
      const place = { program, folder, environment: process.env, trusted: untrusted };
      return new BeadsProgram(place).run(folder, []);
    },
    'of an agent or a check': async () => {
      const files = await makeDispatchFiles(folder, 'aaaaaaaa');
      const request = { argv: [program], cwd: folder, env: {}, stdinFile: null, logLimitBytes: 0 };
      return launch(untrusted, LAUNCHER, { ...request, timeLimitMs: null, graceMs: 100 }, files);
    },
    'of any kind': () => Promise.resolve().then(() => processStarter(untrusted, 'test').spawn(program)),
  };

  for (const [what, start] of Object.entries(STARTS)) {
    it(`${what} is not started where the folder is not trusted`, async () => {
      await assert.rejects(start(), { code: 'UNTRUSTED' });
      assert.equal(existsSync(canary), false);
    });
  }
});
