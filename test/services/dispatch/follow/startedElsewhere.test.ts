/** Dispatches that `ic` starts beside a program that has the record open, such as a window. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { proven, readExit } from '../../../../src/host/launcher/launchRecord';
import { writeAgentKinds } from '../../../../src/host/state/agentKindsFile';
import { storageFolder } from '../../../../src/host/state/stateFolder';
import { createDispatch, dispatchEvents, listDispatches } from '../../../../src/kernel/dispatch/service';
import { dispatchId } from '../../../../src/kernel/ids';
import { createRun } from '../../../../src/kernel/run/record/runs';
import type { Unit } from '../../../../src/kernel/unit';
import type { Dispatcher } from '../../../../src/services/dispatch/dispatcher';
import type { ProjectKernel } from '../../../../src/services/record/projectKernel';
import { ended, PATIENCE_MS, rowOf, Stage } from '../../../support/dispatch/dispatchFixture';
import { filesOfDispatch } from '../../../support/dispatch/ownFiles';
import { ic, IC_SCRIPT } from '../../../support/ic/ic';
import { scriptedKind } from '../../../support/sessions/scriptedKind';
import { until } from '../../../support/until';

describe('a dispatch that ic starts beside an open record', function () {
  this.timeout(PATIENCE_MS);
  let stage: Stage;
  /** Holds agents back until something is written to it. */
  let fifo: string;
  let env: Readonly<Record<string, string>>;
  let kernel: ProjectKernel;
  let dispatcher: Dispatcher;

  beforeEach(async () => {
    stage = await Stage.open();
    fifo = path.join(stage.root, 'fifo');
    await promisify(execFile)('mkfifo', [fifo]);
    env = { XDG_STATE_HOME: path.join(stage.root, 'state'), TMPDIR: stage.root };
  });
  afterEach(() => stage.close());

  /** Opens the record as a window does, before anything was started in it. */
  async function open(watch = true): Promise<void> {
    kernel = await stage.kernel({ watch });
    dispatcher = stage.dispatcher({ otherStorage: [storageFolder(env)] });
    assert.deepEqual(await dispatcher.adopt(kernel), { adopted: [], settled: [], left: [] });
  }

  async function run(...line: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await ic(line, { cwd: stage.project, env });
    assert.equal(code, 0, stderr);
    return stdout.trim();
  }

  async function spawnAgent(prompt: string, ...flags: readonly string[]): Promise<string> {
    const file = path.join(stage.root, `${randomUUID()}.md`);
    await writeFile(file, prompt);
    return await run('dispatch', 'spawn', '--type=shell', `--prompt-file=${file}`, ...flags);
  }

  const exited = async (id: string): Promise<unknown> =>
    await until(
      async () => proven(await readExit(await filesOfDispatch(storageFolder(env), id))),
      (exit) => exit !== undefined,
    );
  const followed = async (id: string): Promise<unknown> =>
    await until(
      () => Promise.resolve(dispatcher.isFollowed(id)),
      (isFollowed) => isFollowed,
    );

  it('is followed to its end', async () => {
    await open();
    const id = await spawnAgent(`read -r _ < ${fifo}; exit 5`);
    await followed(id);
    await writeFile(fifo, 'go\n');
    const { status, exitCode } = await ended(dispatcher, kernel, id);
    assert.deepEqual({ status, exitCode }, { status: 'failed', exitCode: 5 });
  });

  it('has its ending recorded where it ended before its row was seen', async () => {
    await open(false);
    const id = await spawnAgent('exit 6');
    await exited(id);
    await kernel.refresh();
    const { status, exitCode } = await ended(dispatcher, kernel, id);
    assert.deepEqual({ status, exitCode }, { status: 'failed', exitCode: 6 });
  });

  it('is found where a write of this program meets its row', async () => {
    await open(false);
    const id = await spawnAgent('true');
    await exited(id);
    await kernel.write((u) => createRun(u, { projectDir: stage.project, goal: 'g' }).id);
    assert.equal((await ended(dispatcher, kernel, id)).status, 'completed');
  });

  it('is followed beside others that start at the same time', async () => {
    await open();
    const ids = await Promise.all(['true', 'exit 1', 'sleep 0.2', 'exit 2'].map((prompt) => spawnAgent(prompt)));
    await kernel.refresh();
    const rows = await Promise.all(ids.map((id) => ended(dispatcher, kernel, id)));
    assert.deepEqual(
      rows.map(({ exitCode }) => exitCode),
      [0, 1, 0, 2],
    );
  });

  it('is followed where the process that started it waits for it, too', async () => {
    await open();
    const id = await spawnAgent(`read -r _ < ${fifo}; exit 7`);
    const waiting = ic(['dispatch', 'wait', id, '--poll=50ms'], { cwd: stage.project, env });
    await followed(id);
    await writeFile(fifo, 'go\n');
    await waiting;
    assert.equal((await ended(dispatcher, kernel, id)).exitCode, 7);
    await kernel.refresh();
    const endings = kernel.read((r) => dispatchEvents(r, id)).filter(({ fromStatus }) => fromStatus === 'running');
    assert.equal(endings.length, 1);
  });

  it('has its ending recorded where its starter was killed', async () => {
    await open();
    const prompt = path.join(stage.root, 'prompt.md');
    await writeFile(prompt, `echo started > ${fifo}; exit 8`);
    const starter = spawn(
      process.execPath,
      [IC_SCRIPT, 'dispatch', 'spawn', '--type=shell', `--prompt-file=${prompt}`],
      { cwd: stage.project, env: { PATH: process.env['PATH'], ...env }, stdio: 'ignore' },
    );
    const gone = once(starter, 'exit');
    await promisify(execFile)('cat', [fifo]);
    starter.kill('SIGKILL');
    await gone;
    await kernel.refresh();
    const [dispatch] = kernel.read((r) => listDispatches(r)).dispatches;
    assert.ok(dispatch);
    assert.equal((await ended(dispatcher, kernel, dispatch.id)).exitCode, 8);
  });

  it('is judged once where it cannot be followed, until its row changes', async () => {
    let rounds = 0;
    const findStorages = () => {
      rounds += 1;
      return Promise.resolve();
    };
    kernel = await stage.kernel({ watch: false });
    dispatcher = stage.dispatcher({ findStorages });
    const other = await stage.kernel();
    await dispatcher.adopt(kernel);
    const roundsOf = async (change: (u: Unit) => void): Promise<number> => {
      const before = rounds;
      await other.write(change);
      await kernel.refresh();
      // Each comes after the rounds that are due.
      await dispatcher.adopt(kernel);
      await dispatcher.adopt(kernel);
      return rounds - before - 2;
    };
    const id = dispatchId.parse('aaaaaaaa');
    const set = (pid: number) => (u: Unit) => {
      u.db.run("UPDATE dispatches SET status = 'running', pid = ? WHERE id = ?", [pid, id]);
    };
    const made = await roundsOf((u) => {
      createDispatch({ ...u, newId: () => id }, { agentType: 'codex', projectDir: stage.project });
      set(1)(u);
    });
    const unchanged = await roundsOf((u) => {
      createRun(u, { projectDir: stage.project, goal: 'g' });
    });
    assert.deepEqual({ made, unchanged, changed: await roundsOf(set(2)) }, { made: 1, unchanged: 0, changed: 1 });
  });

  it('is followed in a session', async () => {
    await open();
    const kinds = path.join(stage.root, 'kinds.json');
    await writeAgentKinds(kinds, [await scriptedKind(stage.root, { turns: [[{ say: 'Done.' }]] })]);
    env = { ...env, INTERCORE_AGENT_KINDS: kinds };
    const id = await spawnAgent('Do it', '--type=scripted');
    await kernel.refresh();
    assert.equal((await ended(dispatcher, kernel, id)).status, 'completed');
    assert.equal(rowOf(kernel, id).agentType, 'scripted');
  });
});
