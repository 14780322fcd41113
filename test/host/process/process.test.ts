import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  proven,
  readCancel,
  readExit,
  readStarted,
  writeCancel,
  type LaunchRequest,
} from '../../../src/host/launcher/launchRecord';
import { LogTail } from '../../../src/host/launcher/log/logTail';
import { endAgentProcesses, launch, whenGone } from '../../../src/host/launcher/agentProcess';
import { groupRuns, identify, isRunning, startedAround } from '../../../src/host/process/processIdentity';
import { signalReaches } from '../../../src/host/locks/signalReach';
import { makeDispatchFiles, type DispatchFiles } from '../../../src/host/launcher/dispatchFiles';
import { LAUNCHER } from '../../support/dispatch/dispatchFixture';
import { ownFile } from '../../support/dispatch/ownFiles';

describe('agents’ processes', function () {
  this.timeout(60_000);
  let folder: string;
  let files: DispatchFiles;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'process-')));
    files = await makeDispatchFiles(folder, 'aaaaaaaa');
  });
  afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

  const exitOf = async () => proven(await readExit(files));

  function orderOf(script: string, more: Partial<LaunchRequest> = {}): LaunchRequest {
    return {
      argv: ['sh', '-c', script],
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '' },
      stdinFile: null,
      timeLimitMs: null,
      graceMs: 200,
      logLimitBytes: 0,
      ...more,
    };
  }

  it('leave who they are and how they ended, and nothing half-written', async () => {
    const before = Date.now();
    const launched = await launch(
      () => true,
      LAUNCHER,
      orderOf('while [ ! -e go ]; do sleep 0.05; done; exit 9'),
      files,
    );
    const started = proven(await readStarted(files));
    assert.deepEqual(
      { launcher: started?.launcher, firstArgv: started?.argv[0] },
      { launcher: launched.launcher, firstArgv: 'sh' },
    );
    assert.ok(await isRunning(launched.launcher));
    await writeFile(path.join(folder, 'go'), '');
    await launched.gone;
    const exit = await exitOf();
    assert.deepEqual(
      { exitCode: exit?.exitCode, signal: exit?.signal, timedOut: exit?.timedOut },
      { exitCode: 9, signal: null, timedOut: false },
    );
    assert.ok(exit && exit.startedAtMs !== null && exit.startedAtMs >= before && exit.endedAtMs >= exit.startedAtMs);
    assert.equal(await isRunning(launched.launcher), false);
    assert.deepEqual((await readdir(files.records)).sort(), ['.intercore', 'exit.json', 'output.log', 'started.json']);
  });

  it('lead a group of their own, apart from ours', async () => {
    const launched = await launch(() => true, LAUNCHER, orderOf('sleep 300'), files);
    const { pid } = launched.launcher;
    assert.ok(signalReaches(-pid));
    await endAgentProcesses(files, 2000);
    await launched.gone;
    assert.equal(await groupRuns(pid), false);
    const exit = await exitOf();
    assert.deepEqual(
      { exitCode: exit?.exitCode, signal: exit?.signal },
      { exitCode: null, signal: 'SIGTERM' },
      'the launcher outlived the signal and reported',
    );
  });

  it('are ended by force where they ignore the polite signal, children included', async () => {
    const launched = await launch(
      () => true,
      LAUNCHER,
      orderOf('trap "" TERM; sleep 300 & while :; do sleep 1; done'),
      files,
    );
    await endAgentProcesses(files, 100);
    await launched.gone;
    await whenGone(launched.launcher, 10, AbortSignal.timeout(10_000));
    assert.equal(await isRunning(launched.launcher), false);
  });

  it('are ended at once if that was requested before they had started', async () => {
    await writeFile(files.cancel, '{}');
    const launched = await launch(() => true, LAUNCHER, orderOf('sleep 300'), files);
    await launched.gone;
    assert.deepEqual(
      { groupRuns: await groupRuns(launched.launcher.pid), signal: (await exitOf())?.signal },
      { groupRuns: false, signal: 'SIGTERM' },
    );
  });

  it('do not hold up their end by a child that keeps the log open, and take it with them', async () => {
    const launched = await launch(() => true, LAUNCHER, orderOf('sleep 300 &'), files);
    await launched.gone;
    assert.equal((await exitOf())?.exitCode, 0);
    assert.equal(await groupRuns(launched.launcher.pid), false);
  });

  it('that cannot be started say so', async () => {
    const missing = orderOf('', { argv: [path.join(folder, 'none')] });
    await assert.rejects(
      launch(() => true, LAUNCHER, missing, files),
      { code: 'AGENT_NOT_STARTED', message: /no such program/ },
    );
    assert.match((await exitOf())?.problem ?? '', /no such program/);
  });

  it('whose launcher does not work say so', async () => {
    const launcher = path.join(folder, 'broken.js');
    await writeFile(launcher, 'process.exit(1)');
    await assert.rejects(
      launch(() => true, launcher, orderOf('true'), files),
      {
        code: 'AGENT_NOT_STARTED',
        message: /ended without a record/,
      },
    );
  });

  it('are distinguished from later ones by their start', async () => {
    const self = await identify(process.pid);
    assert.ok(await isRunning(self));
    assert.equal(await isRunning({ ...self, startToken: 'another' }), false);
    const startedMs = Date.now() - process.uptime() * 1000;
    assert.ok(await startedAround(process.pid, startedMs));
    assert.equal(await startedAround(process.pid, startedMs - 60_000), false);
    const child = spawn('true');
    await once(child, 'exit');
    assert.equal(await isRunning({ pid: child.pid ?? 0, startToken: null }), false);
  });

  it('are not believed a record that is damaged', async () => {
    assert.equal(await exitOf(), undefined);
    await writeFile(files.exit, '{"exitCode":"0"}');
    assert.equal(await readExit(files), 'unproven');
    await writeCancel(files, { reason: 'why', requestedAtMs: 1 });
    assert.deepEqual(await readCancel(files), { reason: 'why', requestedAtMs: 1 });
  });

  describe('a log', () => {
    it('is followed as it grows, each byte once, and no more after the end', async () => {
      const file = path.join(folder, 'grows.log');
      await writeFile(file, 'a');
      let text = '';
      let onGrown: () => void = () => undefined;
      const problems: unknown[] = [];
      const tail = new LogTail(await ownFile(file), {
        onBytes: (bytes) => (text += bytes.toString()),
        onGrown: () => onGrown(),
        onProblem: (error) => problems.push(error),
      });
      const grown = () => new Promise<void>((resolve) => (onGrown = resolve));
      const first = grown();
      tail.start();
      await first;
      const second = grown();
      await appendFile(file, 'b'.repeat(200_000));
      await second;
      await tail.drain();
      assert.equal(text, `a${'b'.repeat(200_000)}`);
      await tail.dispose();
      await appendFile(file, 'c');
      await tail.drain();
      assert.deepEqual({ textCount: text.length, problems }, { textCount: 200_001, problems: [] });
    });

    it('that cannot be read is reported', async () => {
      const problems: string[] = [];
      const tail = new LogTail(await ownFile(path.join(folder, 'none.log')), {
        onBytes: () => assert.fail('there are no bytes'),
        onGrown: () => assert.fail('nothing grows'),
        onProblem: (error) => problems.push(error.code),
      });
      tail.start();
      await tail.drain();
      await tail.dispose();
      assert.ok(problems.length > 0 && problems.every((code) => code === 'FILE_UNREADABLE'));
    });
  });
});
