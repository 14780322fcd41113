/** One process of git: when it counts as ended, and what is kept of its output. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gitProcess, type GitEnd } from '../../../src/host/git/gitProcess';
import { processStarter } from '../../../src/host/process/startProcess';

describe('a process of git', function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-process-')));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Runs a script in the place of git. */
  async function runScript(script: string): Promise<GitEnd> {
    const program = path.join(folder, 'git');
    await writeFile(program, `#!/bin/sh\n${script}\n`);
    await chmod(program, 0o755);
    const starter = processStarter(() => true, 'run git');
    const env = { PATH: `${folder}${path.delimiter}${process.env['PATH'] ?? ''}` };
    return gitProcess({ starter, folder, args: ['status'], env, limitMs: 50_000, signal: undefined });
  }

  it('is kept with its exit code and both outputs', async () => {
    const end = await runScript('echo out; echo problem >&2; exit 3');
    assert.deepEqual(end, { exitCode: 3, stdout: 'out\n', stderr: 'problem\n', endedFor: undefined });
  });

  it('finds its input empty', async () => {
    assert.equal((await runScript('cat; echo read')).stdout, 'read\n');
  });

  it('has ended although a process that it left running keeps its output open', async () => {
    const end = await runScript('sleep 40 &\necho $!');
    process.kill(Number(end.stdout));
    assert.equal(end.exitCode, 0);
  });
});
