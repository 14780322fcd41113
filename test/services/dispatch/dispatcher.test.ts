import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentKind } from '../../../src/contract/agentKinds';
import { identify, isRunning } from '../../../src/host/process/processIdentity';
import type { Dispatch } from '../../../src/kernel/dispatch/model';
import { countActive, dispatchEvents, dispatchProcess, listDispatches } from '../../../src/kernel/dispatch/service';
import type { OutputEvent } from '../../../src/services/dispatch/dispatcher';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import { environmentOf } from '../../support/dispatch/environment';
import { filesOfDispatch } from '../../support/dispatch/ownFiles';
import { git, logOf, PATIENCE_MS, shell, Stage } from '../../support/dispatch/dispatchFixture';

describe('the dispatcher', function () {
  this.timeout(PATIENCE_MS);
  let stage: Stage;
  let kernel: ProjectKernel;

  beforeEach(async () => {
    stage = await Stage.open();
    kernel = await stage.kernel();
  });
  afterEach(() => stage.close());

  const play = (...args: Parameters<Stage['play']>): Promise<Dispatch> => stage.play(...args);

  describe('records the truth about', () => {
    it('an agent that succeeds, with every fact of it', async () => {
      const dispatch = await play(shell('echo hello; echo oops >&2', { name: 'greeter', timeLimitSec: 600 }));
      assert.deepEqual(
        {
          status: dispatch.status,
          exitCode: dispatch.exitCode,
          errorMessage: dispatch.errorMessage,
          agentType: dispatch.agentType,
          name: dispatch.name,
        },
        { status: 'completed', exitCode: 0, errorMessage: null, agentType: 'shell', name: 'greeter' },
      );
      assert.equal(await logOf(dispatch), 'hello\noops\n');
      const folder = path.join(stage.storage, dispatch.id);
      assert.deepEqual(
        {
          promptFile: dispatch.promptFile,
          outputFile: dispatch.outputFile,
          verdictFile: dispatch.verdictFile,
          projectDir: dispatch.projectDir,
          timeoutSec: dispatch.timeoutSec,
        },
        {
          promptFile: path.join(folder, 'prompt.md'),
          outputFile: (await filesOfDispatch(stage.storage, dispatch.id)).log,
          verdictFile: path.join(folder, 'verdict'),
          projectDir: stage.project,
          timeoutSec: 600,
        },
      );
      const hash = createHash('sha256').update('echo hello; echo oops >&2').digest('hex').slice(0, 16);
      assert.deepEqual(
        { promptHash: dispatch.promptHash, sandbox: dispatch.sandbox },
        { promptHash: hash, sandbox: 'none' },
      );
      const process = kernel.read((r) => dispatchProcess(r, dispatch.id));
      assert.deepEqual(
        { argv: process?.argv, cwd: process?.cwd },
        { argv: ['sh', path.join(folder, 'prompt.md')], cwd: stage.project },
      );
      const steps = kernel
        .read((r) => dispatchEvents(r, dispatch.id))
        .map((event) => [event.fromStatus, event.toStatus]);
      assert.deepEqual(steps, [
        ['spawned', 'running'],
        ['running', 'completed'],
      ]);
      assert.equal((await stat(folder)).mode & 0o777, 0o700);
      assert.deepEqual(await readdir(stage.project), ['.clavain'], 'nothing is left in the project');
    });

    it('an agent that fails', async () => {
      const dispatch = await play(shell('exit 3'));
      assert.deepEqual(
        { status: dispatch.status, exitCode: dispatch.exitCode, errorMessage: dispatch.errorMessage },
        { status: 'failed', exitCode: 3, errorMessage: 'exit code 3' },
      );
    });

    it('an agent that ends itself by a signal', async () => {
      const dispatch = await play(shell('kill -9 $$'));
      assert.deepEqual(
        { status: dispatch.status, exitCode: dispatch.exitCode, errorMessage: dispatch.errorMessage },
        { status: 'failed', exitCode: null, errorMessage: 'ended by SIGKILL' },
      );
    });

    it('an agent that leaves a child holding its output open, and ends the child', async () => {
      const dispatch = await play(shell('sleep 300 & echo left $!'));
      const child = Number(/left (\d+)/.exec(await logOf(dispatch))?.[1]);
      assert.deepEqual(
        { status: dispatch.status, isRunning: await isRunning(await identify(child)) },
        { status: 'completed', isRunning: false },
      );
    });

    it('ten megabytes in one line, and what follows it', async () => {
      const dispatch = await play(
        shell(
          'head -c 10485760 /dev/zero | tr "\\0" x; printf "\\n--- VERDICT ---\\nSTATUS: pass\\nSUMMARY: big\\n---\\n"',
        ),
      );
      assert.deepEqual(
        { status: dispatch.status, verdictStatus: dispatch.verdictStatus, verdictSummary: dispatch.verdictSummary },
        { status: 'completed', verdictStatus: 'pass', verdictSummary: 'big' },
      );
    });

    it('a program that does not exist, in one sentence', async () => {
      const kind: AgentKind = {
        name: 'ghost',
        command: 'no-such-program-here',
        args: [],
        promptBy: 'stdin',
        parser: 'plain',
      };
      const dispatcher = stage.dispatcher({}, [kind]);
      await assert.rejects(dispatcher.start(kernel, { kind: 'ghost', prompt: 'boo' }), {
        code: 'AGENT_NOT_STARTED',
        message: 'The agent "no-such-program-here" could not be started: there is no such program.',
      });
      const [dispatch] = kernel.read((r) => listDispatches(r)).dispatches;
      assert.equal(dispatch?.status, 'failed');
      assert.match(dispatch.errorMessage ?? '', /there is no such program/);
    });

    it('a file that is no program', async () => {
      const command = path.join(stage.root, 'text.txt');
      await writeFile(command, 'hello', { mode: 0o644 });
      const kind: AgentKind = { name: 'text', command, args: [], promptBy: 'stdin', parser: 'plain' };
      await assert.rejects(stage.dispatcher({}, [kind]).start(kernel, { kind: 'text', prompt: '' }), {
        code: 'AGENT_NOT_STARTED',
        message: /not an executable file/,
      });
    });
  });

  describe('refuses', () => {
    it('to start anything in an untrusted window', async () => {
      const dispatcher = stage.dispatcher({ canRun: () => false });
      await assert.rejects(dispatcher.start(kernel, shell('touch pwned')), { code: 'UNTRUSTED' });
      assert.deepEqual(await dispatcher.adopt(kernel), { adopted: [], settled: [], left: [] });
      assert.deepEqual(await readdir(stage.storage), []);
    });

    it('unknown kinds, and a sandbox that the kind would not keep to', async () => {
      const dispatcher = stage.dispatcher();
      await assert.rejects(dispatcher.start(kernel, { kind: 'gpt', prompt: '' }), { code: 'AGENT_KIND_UNKNOWN' });
      await assert.rejects(dispatcher.start(kernel, shell('true', { sandbox: 'read-only' })), {
        code: 'INVALID_ARGUMENT',
        message: /no sandbox/,
      });
    });

    it('an unknown run, leaving nothing behind', async () => {
      await assert.rejects(stage.dispatcher().start(kernel, shell('true', { runId: 'nothere1' })), {
        code: 'NOT_FOUND',
      });
      assert.deepEqual(kernel.read((r) => listDispatches(r)).dispatches, []);
      assert.deepEqual((await readdir(stage.storage)).sort(), ['launch.key', 'records']);
      assert.deepEqual(await readdir(path.join(stage.storage, 'records')), []);
    });

    it('more agents than the window may have, exactly', async () => {
      const dispatcher = stage.dispatcher({ maxConcurrent: () => 2 });
      const starts = await Promise.allSettled([1, 2, 3, 4].map(() => dispatcher.start(kernel, shell('sleep 300'))));
      const refused = starts
        .filter((each) => each.status === 'rejected')
        .map((each) => (each.reason as { code: string }).code);
      assert.deepEqual(refused, ['TOO_MANY_DISPATCHES', 'TOO_MANY_DISPATCHES']);
      assert.equal(
        kernel.read((r) => countActive(r)),
        2,
      );
      for (const { id } of kernel.read((r) => listDispatches(r, { active: true })).dispatches)
        await dispatcher.kill(kernel, id);
      await play(shell('true'), { maxConcurrent: () => 2 });
    });
  });

  it('lets a shell agent commit in a real repository', async () => {
    await git(stage.project, 'init', '--quiet', '--initial-branch=main');
    const script =
      'echo hi > a.txt && git add a.txt && git -c user.name=A -c user.email=a@example.invalid commit -qm "Add a"';
    const dispatch = await play(shell(script), {
      environment: environmentOf({ PATH: process.env['PATH'], HOME: stage.home }),
    });
    assert.deepEqual(
      { status: dispatch.status, git: await git(stage.project, 'log', '--format=%s') },
      { status: 'completed', git: 'Add a\n' },
    );
  });

  it('tells followers that a log has grown, and where it is', async () => {
    const dispatcher = stage.dispatcher();
    const grown = new Promise<OutputEvent>((resolve) => dispatcher.onDidOutput(resolve));
    const { id, outputFile } = await dispatcher.start(kernel, shell('echo one; sleep 300'));
    assert.deepEqual(await grown, { dispatchId: id, file: outputFile });
    assert.deepEqual(await dispatcher.logLocation(kernel, id), { kind: 'own', file: outputFile });
    await dispatcher.kill(kernel, id);
  });

  it('lets go of a wait when asked', async () => {
    const dispatcher = stage.dispatcher();
    const { id } = await dispatcher.start(kernel, shell('sleep 300'));
    const stop = new AbortController();
    const waiting = dispatcher.wait(kernel, id, stop.signal);
    stop.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    await assert.rejects(dispatcher.wait(kernel, 'nothere1'), { code: 'NOT_FOUND' });
    await dispatcher.kill(kernel, id);
  });
});
