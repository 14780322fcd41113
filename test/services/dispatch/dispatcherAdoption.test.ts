import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { proven, readStarted, type StartedRecord } from '../../../src/host/launcher/launchRecord';
import { makeDispatchFiles } from '../../../src/host/launcher/dispatchFiles';
import { launch, whenGone } from '../../../src/host/launcher/agentProcess';
import { groupRuns, identify, isRunning, machineName } from '../../../src/host/process/processIdentity';
import { createDispatch, dispatchEvents, dispatchProcess, markRunning } from '../../../src/kernel/dispatch/service';
import { dispatchId } from '../../../src/kernel/ids';
import { createRun } from '../../../src/kernel/run/record/runs';
import { listAgents } from '../../../src/kernel/tracking/service';
import type { DispatchRequest } from '../../../src/services/dispatch/dispatcher';
import { recordRunning } from '../../../src/services/dispatch/start/dispatchStart';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import { filesOfDispatch } from '../../support/dispatch/ownFiles';
import { ended, LAUNCHER, logOf, PATIENCE_MS, rowOf, Stage, whenLogged } from '../../support/dispatch/dispatchFixture';

describe('adopting agents', function () {
  this.timeout(PATIENCE_MS);
  let stage: Stage;
  let kernel: ProjectKernel;
  /** Holds an agent back until something is written to it. */
  let fifo: string;

  beforeEach(async () => {
    stage = await Stage.open();
    fifo = path.join(stage.root, 'fifo');
    await promisify(execFile)('mkfifo', [fifo]);
    kernel = await stage.kernel();
  });
  afterEach(() => stage.close());

  /** Starts a dispatch in another process and kills that process without warning. */
  async function startAndDie(request: DispatchRequest): Promise<string> {
    const program = path.resolve(__dirname, '../../support/dispatch/dispatchAndDie.js');
    const window = spawn(process.execPath, [program, stage.project, stage.storage, JSON.stringify(request)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [id] = (await once(createInterface(window.stdout), 'line')) as [string];
    const gone = once(window, 'exit');
    window.kill('SIGKILL');
    await gone;
    await kernel.refresh();
    return id;
  }

  const startedOf = async (id: string): Promise<StartedRecord | undefined> =>
    proven(await readStarted(await filesOfDispatch(stage.storage, id)));
  const launcherFor = (id: string) => {
    const process = kernel.read((r) => dispatchProcess(r, id));
    return { pid: rowOf(kernel, id).pid ?? 0, startToken: process?.startToken ?? null };
  };
  const goneBy = (id: string) => whenGone(launcherFor(id), 20, AbortSignal.timeout(PATIENCE_MS));

  it('follows one that lives on after its window was killed, from its first line to its last', async () => {
    const prompt = `echo before; read -r word < ${fifo}; echo $word; exit 5`;
    const id = await startAndDie({ kind: 'shell', prompt });
    const dispatcher = stage.dispatcher();
    assert.deepEqual(await dispatcher.adopt(kernel), { adopted: [id], settled: [], left: [] });
    await whenLogged(dispatcher, rowOf(kernel, id), 'before');
    await writeFile(fifo, 'after\n');
    const dispatch = await ended(dispatcher, kernel, id);
    assert.deepEqual(
      { status: dispatch.status, exitCode: dispatch.exitCode, logOf: await logOf(dispatch) },
      { status: 'failed', exitCode: 5, logOf: 'before\nafter\n' },
    );
  });

  it('can kill one that it adopted', async () => {
    const id = await startAndDie({ kind: 'shell', prompt: 'sleep 300' });
    const dispatcher = stage.dispatcher();
    await dispatcher.adopt(kernel);
    assert.equal((await dispatcher.kill(kernel, id)).status, 'cancelled');
    assert.equal(await groupRuns(rowOf(kernel, id).pid ?? 0), false);
  });

  it('settles one that ended unobserved, with its exit code, verdict and run', async () => {
    const runId = await kernel.write((u) => createRun(u, { projectDir: stage.project, goal: 'g' }).id);
    const prompt = `read -r _ < ${fifo}; printf "STATUS: warn\\nSUMMARY: late\\n" > "$INTERCORE_VERDICT_FILE"`;
    const id = await startAndDie({ kind: 'shell', prompt, runId });
    await writeFile(fifo, 'go\n');
    await goneBy(id);
    const report = await stage.dispatcher().adopt(kernel);
    assert.deepEqual(report, { adopted: [], settled: [id], left: [] });
    const { status, exitCode, verdictStatus, verdictSummary } = rowOf(kernel, id);
    assert.deepEqual(
      { status, exitCode, verdictStatus, verdictSummary },
      { status: 'completed', exitCode: 0, verdictStatus: 'warn', verdictSummary: 'late' },
    );
    assert.deepEqual(
      kernel.read((r) => listAgents(r, runId)).map((agent) => agent.status),
      ['completed'],
    );
  });

  it('keeps the time limit while no window is open', async () => {
    const id = await startAndDie({ kind: 'shell', prompt: 'sleep 300', timeLimitSec: 1 });
    await goneBy(id);
    await stage.dispatcher().adopt(kernel);
    assert.deepEqual(
      { status: rowOf(kernel, id).status, groupRuns: await groupRuns(rowOf(kernel, id).pid ?? 0) },
      { status: 'timeout', groupRuns: false },
    );
  });

  it('says of one that was killed with its launcher that it went without a trace', async () => {
    const id = await startAndDie({ kind: 'shell', prompt: 'sleep 300' });
    process.kill(-launcherFor(id).pid, 'SIGKILL');
    await goneBy(id);
    await stage.dispatcher().adopt(kernel);
    const { status, exitCode, errorMessage } = rowOf(kernel, id);
    assert.deepEqual({ status, exitCode }, { status: 'failed', exitCode: null });
    assert.match(errorMessage ?? '', /without a trace.*unknown/);
  });

  it('ends an agent whose launcher was killed, because its ending could not be recorded', async () => {
    const id = await startAndDie({ kind: 'shell', prompt: 'sleep 300' });
    const started = await startedOf(id);
    assert.ok(started?.agent && (await isRunning(started.agent)));
    process.kill(started.launcher.pid, 'SIGKILL');
    await goneBy(id);
    await stage.dispatcher().adopt(kernel);
    assert.deepEqual(
      { status: rowOf(kernel, id).status, isRunning: await isRunning(started.agent) },
      { status: 'failed', isRunning: false },
    );
  });

  it('is not fooled by another process that got the same pid', async () => {
    const id = await startAndDie({ kind: 'shell', prompt: 'sleep 300' });
    process.kill(-launcherFor(id).pid, 'SIGKILL');
    await goneBy(id);
    const facts = kernel.read((r) => dispatchProcess(r, id));
    assert.ok(facts);
    const { pid, startToken } = await identify(process.pid);
    assert.notEqual(facts.startToken, startToken);
    await kernel.write((u) => {
      u.db.run('UPDATE dispatches SET pid = ? WHERE id = ?', [pid, id]);
    });
    const dispatcher = stage.dispatcher();
    assert.deepEqual((await dispatcher.adopt(kernel)).settled, [id]);
    assert.equal(rowOf(kernel, id).status, 'failed');
    await dispatcher.kill(kernel, id);
    assert.ok(await isRunning({ pid, startToken }), 'this very process was not signalled');
  });

  it('adopts one whose window died before it could record the process', async () => {
    const dispatcher = stage.dispatcher();
    const { id } = await dispatcher.start(kernel, { kind: 'shell', prompt: 'echo ready; sleep 300' });
    await whenLogged(dispatcher, rowOf(kernel, id), 'ready');
    await dispatcher.dispose();
    await kernel.write((u) => {
      u.db.run("UPDATE dispatches SET status = 'spawned', pid = NULL, started_at = NULL WHERE id = ?", [id]);
      u.db.run('DELETE FROM dispatch_processes WHERE dispatch_id = ?', [id]);
    });
    const next = stage.dispatcher();
    assert.deepEqual((await next.adopt(kernel)).adopted, [id]);
    const process = kernel.read((r) => dispatchProcess(r, id));
    assert.deepEqual(
      { status: rowOf(kernel, id).status, firstArgv: process?.argv[0] },
      { status: 'running', firstArgv: 'sh' },
    );
    assert.equal((await next.kill(kernel, id)).status, 'cancelled');
  });

  describe('of a dispatch that was never started', () => {
    const spawned = async (id: string) => {
      const { prompt: promptFile, log: outputFile } = await makeDispatchFiles(stage.storage, id);
      const row = { agentType: 'shell', projectDir: stage.project, promptFile, outputFile };
      await kernel.write((u) => {
        createDispatch({ ...u, newId: () => id }, row);
      });
    };

    it('waits while another window may still be at it', async () => {
      await spawned('aaaaaaaa');
      const { left } = await stage.dispatcher().adopt(kernel);
      assert.deepEqual(left, [{ dispatchId: 'aaaaaaaa', why: 'starting' }]);
    });

    it('is followed when the other window has recorded its process', async () => {
      const id = dispatchId.parse('dddddddd');
      await spawned(id);
      const dispatcher = stage.dispatcher();
      await dispatcher.adopt(kernel);
      const files = await filesOfDispatch(stage.storage, id);
      const [argv, cwd] = [['sh', '-c', 'echo ready'], stage.project];
      const order = { argv, cwd, env: {}, stdinFile: null, timeLimitMs: null, graceMs: 500, logLimitBytes: 0 };
      const { launcher } = await launch(() => true, LAUNCHER, order, files);
      await recordRunning({ graceMs: () => 500 }, kernel, id, files, { launcher, argv, cwd });
      assert.equal((await ended(dispatcher, kernel, id)).status, 'completed');
    });

    it('says so when its time is over', async () => {
      await spawned('bbbbbbbb');
      await kernel.write((u) => {
        u.db.run('UPDATE dispatches SET created_at = created_at - 60', []);
      });
      assert.deepEqual((await stage.dispatcher().adopt(kernel)).settled, ['bbbbbbbb']);
      assert.match(rowOf(kernel, 'bbbbbbbb').errorMessage ?? '', /never started/);
    });
  });

  describe('leaves alone', () => {
    it('what runs on another machine', async () => {
      const id = 'cccccccc';
      await kernel.write((u) => {
        createDispatch({ ...u, newId: () => id }, { agentType: 'shell', projectDir: stage.project });
        const files = { cwd: stage.project, logFile: '/elsewhere/output.log', exitFile: '/elsewhere/exit.json' };
        markRunning(u, id, {
          pid: process.pid,
          argv: ['sh'],
          ...files,
          startToken: null,
          host: `not-${machineName()}`,
        });
      });
      const dispatcher = stage.dispatcher();
      assert.deepEqual((await dispatcher.adopt(kernel)).left, [{ dispatchId: id, why: 'otherMachine' }]);
      await assert.rejects(dispatcher.kill(kernel, id), { code: 'PROCESS_UNKNOWN', message: /runs on not-/ });
      assert.equal(rowOf(kernel, id).status, 'running');
    });

    it('what another program made, until the user asks', async () => {
      const child = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
      const verdictFile = path.join(stage.root, 'out.md.verdict');
      const id = 'dddddddd';
      await kernel.write((u) => {
        createDispatch({ ...u, newId: () => id }, { agentType: 'codex', projectDir: stage.project, verdictFile });
        u.db.run("UPDATE dispatches SET status = 'running', pid = ?, started_at = ? WHERE id = ?", [
          child.pid ?? null,
          u.now,
          id,
        ]);
      });
      const dispatcher = stage.dispatcher();
      assert.deepEqual((await dispatcher.adopt(kernel)).left, [{ dispatchId: id, why: 'otherProgram' }]);
      assert.equal((await dispatcher.poll(kernel, id)).status, 'running');
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      await writeFile(verdictFile, '--- VERDICT ---\nSTATUS: warn\nSUMMARY: fine\n---\n');
      const { status, exitCode, verdictStatus } = await dispatcher.poll(kernel, id);
      assert.deepEqual(
        { status, exitCode, verdictStatus },
        { status: 'completed', exitCode: null, verdictStatus: 'warn' },
      );
    });

    it('a stranger’s process, when asked to kill what another program made', async () => {
      const id = 'eeeeeeee';
      await kernel.write((u) => {
        createDispatch({ ...u, newId: () => id }, { agentType: 'codex', projectDir: stage.project });
        u.db.run("UPDATE dispatches SET status = 'running', pid = ?, started_at = 1000 WHERE id = ?", [
          process.pid,
          id,
        ]);
      });
      await assert.rejects(stage.dispatcher().kill(kernel, id), { code: 'PROCESS_UNKNOWN' });
      assert.equal(rowOf(kernel, id).status, 'running');
    });
  });

  it('doubles nothing when two windows follow one agent', async () => {
    const first = stage.dispatcher();
    const { id } = await first.start(kernel, { kind: 'shell', prompt: `read -r _ < ${fifo}; exit 4` });
    assert.equal(rowOf(kernel, id).status, 'running');
    const otherKernel = await stage.kernel();
    const second = stage.dispatcher();
    assert.deepEqual(await second.adopt(otherKernel), { adopted: [id], settled: [], left: [] });
    assert.deepEqual(await second.adopt(otherKernel), { adopted: [], settled: [], left: [] });
    await writeFile(fifo, 'go\n');
    const [here, there] = await Promise.all([ended(first, kernel, id), ended(second, otherKernel, id)]);
    assert.deepEqual(
      { hereExitCode: here.exitCode, thereExitCode: there.exitCode },
      { hereExitCode: 4, thereExitCode: 4 },
    );
    await Promise.all([first.dispose(), second.dispose()]);
    await kernel.refresh();
    const endings = kernel.read((r) => dispatchEvents(r, id)).filter((event) => event.fromStatus === 'running');
    assert.equal(endings.length, 1);
  });

  it('lets one window kill what another started, and both agree that it was cancelled', async () => {
    const first = stage.dispatcher();
    const { id } = await first.start(kernel, { kind: 'shell', prompt: 'sleep 300' });
    const otherKernel = await stage.kernel();
    const second = stage.dispatcher();
    await second.kill(otherKernel, id, 'from the other window');
    const dispatch = await ended(first, kernel, id);
    assert.deepEqual(
      { status: dispatch.status, errorMessage: dispatch.errorMessage },
      { status: 'cancelled', errorMessage: 'from the other window' },
    );
  });

  it('lets go of the agents of a folder that leaves, and takes them up when it comes back', async () => {
    const dispatcher = stage.dispatcher({ maxConcurrent: () => 1 });
    const { id } = await dispatcher.start(kernel, { kind: 'shell', prompt: `read -r _ < ${fifo}` });
    await dispatcher.release(kernel);
    assert.ok(await isRunning(launcherFor(id)));
    const other = await dispatcher.start(kernel, { kind: 'shell', prompt: 'true' });
    await ended(dispatcher, kernel, other.id);
    assert.deepEqual((await dispatcher.adopt(kernel)).adopted, [id]);
    await writeFile(fifo, 'go\n');
    assert.equal((await ended(dispatcher, kernel, id)).status, 'completed');
  });

  it('leaves running agents when its window closes', async () => {
    const dispatcher = stage.dispatcher();
    const { id } = await dispatcher.start(kernel, { kind: 'shell', prompt: 'sleep 300' });
    await dispatcher.dispose();
    assert.ok(await isRunning(launcherFor(id)));
    assert.deepEqual((await startedOf(id))?.launcher, launcherFor(id));
    await stage.dispatcher().kill(kernel, id);
  });
});
