import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isRunning, machineName } from '../../../src/host/process/processIdentity';
import { createDispatch, dispatchProcess, markRunning } from '../../../src/kernel/dispatch/service';
import { enqueue } from '../../../src/kernel/queue/service';
import { dispatchId } from '../../../src/kernel/ids';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import { ended, logOf, PATIENCE_MS, rowOf, shell, Stage, whenLogged } from '../../support/dispatch/dispatchFixture';

/** A stranger's process that a record must never lead to. */
class Canary {
  private constructor(private readonly child: ChildProcess) {}

  static async start(): Promise<Canary> {
    const child = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
    await once(child, 'spawn');
    return new Canary(child);
  }

  get pid(): number {
    return this.child.pid ?? assert.fail('no pid');
  }

  /** Signals arrive a moment later. */
  async isAlive(): Promise<boolean> {
    await delay(300);
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async stop(): Promise<void> {
    if (!(await this.isAlive())) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}

describe('a record that came with a repository', function () {
  this.timeout(PATIENCE_MS);
  let stage: Stage;
  let kernel: ProjectKernel;
  let canary: Canary;

  beforeEach(async () => {
    stage = await Stage.open();
    kernel = await stage.kernel();
    canary = await Canary.start();
  });
  afterEach(async () => {
    await canary.stop();
    await stage.close();
  });

  const seconds = () => Math.floor(Date.now() / 1000);

  /** A row of a running dispatch whose files are in the repository, with records that name the canary. */
  async function crafted(id: string, pid: number, token: string | null): Promise<string> {
    const folder = path.join(stage.project, 'files', id);
    await mkdir(folder, { recursive: true });
    const launcher = { pid, startToken: token };
    const started = { launcher, agent: launcher, argv: ['x'], cwd: '/', startedAtMs: Date.now() };
    await writeFile(path.join(folder, 'started.json'), JSON.stringify(started));
    await writeFile(path.join(folder, 'output.log'), 'secret\n');
    const [logFile, exitFile, promptFile] = ['output.log', 'exit.json', 'prompt.md'].map((name) =>
      path.join(folder, name),
    ) as [string, string, string];
    await kernel.write((u) => {
      const row = { agentType: 'shell', projectDir: stage.project, promptFile, outputFile: logFile };
      createDispatch({ ...u, newId: () => id }, row);
      const facts = { argv: ['x'], cwd: '/', logFile, exitFile, startToken: token, host: machineName() };
      markRunning(u, id, { ...facts, pid: Math.max(pid, 2) });
      u.db.run('UPDATE dispatches SET pid = ?, started_at = ?, timeout_sec = 1, created_at = ? WHERE id = ?', [
        pid,
        seconds(),
        seconds() - 100,
        id,
      ]);
    });
    return logFile;
  }

  for (const [what, tokenOf] of [
    ['without a start time', () => Promise.resolve(null)],
    ['with the right start time', async (pid: number) => (await identify(pid)).startToken],
    ['with another start time', () => Promise.resolve('boot:1')],
  ] as const) {
    it(`never has a stranger’s process signalled, named ${what}`, async () => {
      await crafted('aaaaaaaa', canary.pid, await tokenOf(canary.pid));
      const dispatcher = stage.dispatcher({ graceMs: () => 50 });
      await dispatcher.adopt(kernel);
      await dispatcher.poll(kernel, 'aaaaaaaa');
      await dispatcher.kill(kernel, 'aaaaaaaa').catch(() => undefined);
      assert.ok(await canary.isAlive());
    });
  }

  it('reports an unknown process if a person kills it', async () => {
    await crafted('aaaaaaaa', canary.pid, null);
    await assert.rejects(stage.dispatcher().kill(kernel, 'aaaaaaaa'), { code: 'PROCESS_UNKNOWN' });
    assert.equal(rowOf(kernel, 'aaaaaaaa').status, 'running');
  });

  it('never has every process of the user signalled, by a pid of 1, 0 or less', async () => {
    for (const [index, pid] of [1, 0, -1, -canary.pid].entries()) {
      const id = `aaaaaaa${index}`;
      await crafted(id, pid, null);
      const dispatcher = stage.dispatcher({ graceMs: () => 50 });
      await dispatcher.adopt(kernel);
      await dispatcher.kill(kernel, id).catch(() => undefined);
      assert.ok(await canary.isAlive());
    }
  });

  it('has no file written where it names one', async () => {
    const logFile = await crafted('aaaaaaaa', canary.pid, null);
    const dispatcher = stage.dispatcher({ graceMs: () => 50 });
    await dispatcher.adopt(kernel);
    await dispatcher.kill(kernel, 'aaaaaaaa').catch(() => undefined);
    await assert.rejects(stat(path.join(path.dirname(logFile), 'cancel.json')), { code: 'ENOENT' });
  });

  it('has no log opened where it names one', async () => {
    const logFile = await crafted('aaaaaaaa', canary.pid, null);
    assert.deepEqual(await stage.dispatcher().logLocation(kernel, 'aaaaaaaa'), { kind: 'elsewhere', path: logFile });
  });

  it('has no verdict read outside the project, when a person polls it', async () => {
    const verdictFile = path.join(stage.home, 'secret');
    await writeFile(verdictFile, 'STATUS: pass\nSUMMARY: stolen\n');
    await kernel.write((u) => {
      createDispatch({ ...u, newId: () => 'bbbbbbbb' }, { agentType: 'codex', projectDir: stage.project, verdictFile });
      u.db.run("UPDATE dispatches SET status = 'running', pid = 999999 WHERE id = 'bbbbbbbb'", []);
    });
    const outside = { TMPDIR: process.env['TMPDIR'] };
    process.env['TMPDIR'] = path.join(stage.root, 'elsewhere');
    try {
      const { verdictStatus, verdictSummary } = await stage.dispatcher().poll(kernel, 'bbbbbbbb');
      assert.deepEqual({ verdictStatus, verdictSummary }, { verdictStatus: null, verdictSummary: null });
    } finally {
      if (outside.TMPDIR === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = outside.TMPDIR;
    }
  });

  it('has no queued dispatch read its prompt outside the project, even where a person starts it', async () => {
    const secret = path.join(stage.home, 'id_rsa');
    await writeFile(secret, 'echo stolen');
    const id = dispatchId.parse('cccccccc');
    await kernel.write((u) => {
      const request = { kind: 'shell', prompt: { file: secret } };
      enqueue(u, { id, projectDir: stage.project, request, queuedAtMs: Date.now() });
    });
    await assert.rejects(stage.dispatcher().startQueued(kernel, id), { code: 'RECORDED_ELSEWHERE' });
  });
});

describe('an agent', function () {
  this.timeout(PATIENCE_MS);
  let stage: Stage;
  let kernel: ProjectKernel;

  beforeEach(async () => {
    stage = await Stage.open();
    kernel = await stage.kernel();
  });
  afterEach(() => stage.close());

  it('is stored with the start time of its launcher, however short it is', async () => {
    const dispatcher = stage.dispatcher();
    for (let round = 0; round < 20; round += 1) {
      const { id } = await dispatcher.start(kernel, shell('exit 0'));
      await ended(dispatcher, kernel, id);
      assert.notEqual(kernel.read((r) => dispatchProcess(r, id))?.startToken ?? null, null, `round ${round}`);
    }
  });

  it('finds no way to the records of its launch in what it is given', async () => {
    const prompt =
      'env; echo "$0 $@"; pwd; readlink /proc/$PPID/cwd; readlink /proc/self/fd/1; ls -R "$(dirname "$0")"';
    const dispatch = await stage.play(shell(prompt));
    const log = await logOf(dispatch);
    assert.match(log, /prompt\.md/);
    assert.ok(!log.includes('exit.json') && !log.includes('started.json'));
    assert.ok(!log.includes(path.dirname(dispatch.outputFile ?? '')));
  });

  it('that writes an exit record of its own is not believed', async () => {
    const forged = JSON.stringify({ exitCode: 0, signal: null, timedOut: false, startedAtMs: 1, endedAtMs: 2 });
    const script = `find ${stage.storage} -type d | while read -r d; do echo '${forged}' > "$d/exit.json"; done; kill -9 $PPID; exit 0`;
    const dispatch = await stage.play(shell(script));
    assert.deepEqual({ status: dispatch.status, exitCode: dispatch.exitCode }, { status: 'failed', exitCode: null });
    assert.match(dispatch.errorMessage ?? '', /exit code is unknown/);
  });

  describe('that lets a child leave its group and its parent', () => {
    const escapes = (then: string) => shell(`(setsid sh -c 'echo child $$; exec sleep 300' &) ; sleep 0.3; ${then}`);
    const childOf = async (log: string) => await identify(Number(/child (\d+)/.exec(log)?.[1]));

    it('takes the child with it when it is killed', async () => {
      const dispatcher = stage.dispatcher();
      const { id } = await dispatcher.start(kernel, escapes('sleep 300'));
      await whenLogged(dispatcher, rowOf(kernel, id), 'child');
      const child = await childOf(await logOf(rowOf(kernel, id)));
      assert.ok(await isRunning(child));
      await dispatcher.kill(kernel, id);
      assert.equal(await isRunning(child), false);
    });

    it('takes the child with it when its time is up', async () => {
      const dispatch = await stage.play({ ...escapes('sleep 300'), timeLimitSec: 1 });
      assert.equal(dispatch.status, 'timeout');
      assert.equal(await isRunning(await childOf(await logOf(dispatch))), false);
    });

    it('takes the child with it when it ends', async () => {
      const dispatch = await stage.play(escapes('exit 0'));
      assert.equal(dispatch.status, 'completed');
      assert.equal(await isRunning(await childOf(await logOf(dispatch))), false);
    });
  });

  describe('that prints without end', () => {
    const MEGABYTE = 1024 * 1024;

    it('has a log within the limit, with its start, its newest part, and a line about the rest', async () => {
      const prompt = 'echo first; head -c 20000000 /dev/zero | tr "\\0" x; echo; echo last';
      const dispatch = await stage.play(shell(prompt), { logLimitBytes: () => 2 * MEGABYTE });
      const log = await logOf(dispatch);
      assert.equal(dispatch.status, 'completed');
      assert.ok(log.length <= 2 * MEGABYTE, `${log.length} bytes`);
      assert.match(log, /^first\n/);
      assert.match(log, /\n\[intercore\] 1\d\.\d MB were cut here \(\d+ bytes\)\.\n/);
      assert.match(log, /\nlast\n$/);
    });

    it('is followed across cuts, its last line included', async () => {
      const verdict = 'printf "\\n--- VERDICT ---\\nSTATUS: pass\\nSUMMARY: seen\\n---\\n"';
      const prompt = `i=0; while [ $i -lt 60 ]; do head -c 100000 /dev/zero | tr "\\0" x; echo; i=$((i+1)); done; ${verdict}`;
      const dispatch = await stage.play(shell(prompt), { logLimitBytes: () => MEGABYTE });
      assert.deepEqual(
        { verdictStatus: dispatch.verdictStatus, verdictSummary: dispatch.verdictSummary },
        { verdictStatus: 'pass', verdictSummary: 'seen' },
      );
    });
  });

  it('keeps the order of its two streams, and can open them by name', async () => {
    const dispatch = await stage.play(shell('echo a; echo b >&2; echo c > /dev/stderr; echo d > /dev/stdout'));
    assert.equal(await logOf(dispatch), 'a\nb\nc\nd\n');
  });

  it('leaves its prompt as it was sent', async () => {
    const dispatch = await stage.play(shell('true'));
    assert.equal(await readFile(dispatch.promptFile ?? '', 'utf8'), 'true');
  });
});
