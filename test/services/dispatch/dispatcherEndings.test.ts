import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentKind } from '../../../src/contract/agentKinds';
import { whenGone } from '../../../src/host/launcher/agentProcess';
import { groupRuns } from '../../../src/host/process/processIdentity';
import { signalReaches } from '../../../src/host/locks/signalReach';
import type { Dispatch } from '../../../src/kernel/dispatch/model';
import { activeDispatches, dispatchProcess, endDispatch } from '../../../src/kernel/dispatch/service';
import { createRun } from '../../../src/kernel/run/record/runs';
import { listAgents } from '../../../src/kernel/tracking/service';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import { ended, logOf, PATIENCE_MS, rowOf, shell, Stage, whenLogged } from '../../support/dispatch/dispatchFixture';
import { until } from '../../support/until';

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

  describe('ends', () => {
    it('an agent with all it started, and says why', async () => {
      const dispatcher = stage.dispatcher();
      const { id } = await dispatcher.start(kernel, shell('sleep 300 & echo child $!; echo ready; sleep 300'));
      await whenLogged(dispatcher, rowOf(kernel, id), 'ready');
      const dispatch = await dispatcher.kill(kernel, id, 'not wanted any more');
      assert.deepEqual(
        { status: dispatch.status, errorMessage: dispatch.errorMessage },
        { status: 'cancelled', errorMessage: 'not wanted any more' },
      );
      assert.equal(await groupRuns(dispatch.pid ?? 0), false);
      assert.equal(await dispatcher.kill(kernel, id).then((again) => again.errorMessage), 'not wanted any more');
    });

    it('an agent that is still being started, which is no failure to start it', async () => {
      const launcherPath = path.join(stage.root, 'slow.js');
      const up = path.join(stage.root, 'up');
      const program = `require('node:fs').writeFileSync(${JSON.stringify(up)}, ''); setTimeout(() => undefined, 60_000);`;
      await writeFile(launcherPath, program);
      const dispatcher = stage.dispatcher({ launcherPath });
      const starting = assert.rejects(dispatcher.start(kernel, shell('true')), /could not be started/);
      await until(
        () => Promise.resolve(existsSync(up)),
        (isUp) => isUp,
      );
      const { id } = kernel.read((r) => activeDispatches(r))[0] ?? assert.fail();
      await dispatcher.kill(kernel, id, 'not wanted any more');
      await starting;
      const { status, errorMessage } = rowOf(kernel, id);
      assert.deepEqual({ status, errorMessage }, { status: 'cancelled', errorMessage: 'not wanted any more' });
    });

    it('an agent that will not hear', async () => {
      const dispatcher = stage.dispatcher();
      const { id } = await dispatcher.start(kernel, shell('trap "" TERM INT; echo ready; while :; do sleep 1; done'));
      await whenLogged(dispatcher, rowOf(kernel, id), 'ready');
      const dispatch = await dispatcher.kill(kernel, id);
      assert.deepEqual(
        { status: dispatch.status, errorMessage: dispatch.errorMessage },
        { status: 'cancelled', errorMessage: 'killed by user' },
      );
      await dispatcher.dispose();
      assert.equal(await groupRuns(dispatch.pid ?? 0), false);
    });

    it('an agent whose time is up, politely first', async () => {
      const dispatch = await play(shell('trap "echo bye; exit 7" TERM; sleep 300 & wait', { timeLimitSec: 1 }));
      assert.deepEqual(
        {
          status: dispatch.status,
          exitCode: dispatch.exitCode,
          errorMessage: dispatch.errorMessage,
          logOf: await logOf(dispatch),
        },
        { status: 'timeout', exitCode: 7, errorMessage: 'time limit of 1 s reached', logOf: 'bye\n' },
      );
      assert.equal(await groupRuns(dispatch.pid ?? 0), false);
    });

    it('an agent whose time is up and that will not hear', async () => {
      const dispatch = await play(shell('trap "" TERM; while :; do sleep 1; done', { timeLimitSec: 1 }));
      assert.deepEqual(
        { status: dispatch.status, errorMessage: dispatch.errorMessage },
        { status: 'timeout', errorMessage: 'time limit of 1 s reached' },
      );
      assert.equal(await groupRuns(dispatch.pid ?? 0), false);
    });

    it('the process of a dispatch that was ended in the record', async () => {
      const dispatcher = stage.dispatcher();
      const { id, pid } = await dispatcher.start(kernel, shell('echo ready; sleep 300'));
      await whenLogged(dispatcher, rowOf(kernel, id), 'ready');
      await kernel.write((u) => {
        endDispatch(u, id, { status: 'cancelled', errorMessage: 'rolled back' });
      });
      const startToken = kernel.read((r) => dispatchProcess(r, id))?.startToken ?? null;
      await whenGone({ pid: pid ?? 0, startToken }, 20, AbortSignal.timeout(PATIENCE_MS));
      assert.equal(await groupRuns(pid ?? 0), false);
      assert.equal(rowOf(kernel, id).errorMessage, 'rolled back');
    });
  });

  describe('ties an agent to its run', () => {
    const newRun = () => kernel.write((u) => createRun(u, { projectDir: stage.project, goal: 'g' }).id);

    it('so that the run has an active agent while it works, and a completed one after', async () => {
      const runId = await newRun();
      const dispatcher = stage.dispatcher();
      const gate = path.join(stage.root, 'gate');
      const request = shell(`mkfifo ${gate}.fifo; echo "run $INTERCORE_RUN_ID"; read -r _ < ${gate}.fifo`, {
        runId,
        agentName: 'smith',
      });
      const dispatch = await dispatcher.start(kernel, request);
      await whenLogged(dispatcher, dispatch, `run ${runId}`);
      const agents = () =>
        kernel
          .read((r) => listAgents(r, runId))
          .map((agent) => [agent.status, agent.name, agent.agentType, agent.dispatchId]);
      assert.deepEqual(agents(), [['active', 'smith', 'shell', dispatch.id]]);
      await writeFile(`${gate}.fifo`, 'go\n');
      const done = await ended(dispatcher, kernel, dispatch.id);
      assert.deepEqual({ status: done.status, scopeId: done.scopeId }, { status: 'completed', scopeId: runId });
      assert.deepEqual(agents(), [['completed', 'smith', 'shell', dispatch.id]]);
    });

    it('which has failed when the agent has, or could not be started', async () => {
      const runId = await newRun();
      await play(shell('exit 1', { runId }));
      const ghost: AgentKind = {
        name: 'ghost',
        command: 'no-such-program-here',
        args: [],
        promptBy: 'stdin',
        parser: 'plain',
      };
      await assert.rejects(stage.dispatcher({}, [ghost]).start(kernel, { kind: 'ghost', prompt: '', runId }));
      assert.deepEqual(
        kernel.read((r) => listAgents(r, runId)).map((agent) => agent.status),
        ['failed', 'failed'],
      );
    });
  });

  describe('reads a verdict', () => {
    it('from its file before its output, apart from the status', async () => {
      const block = 'printf -- "--- VERDICT ---\\nSTATUS: %s\\nSUMMARY: %s\\n---\\n"';
      const both = await play(shell(`${block} pass loud; ${block} reject "found a leak" > "$INTERCORE_VERDICT_FILE"`));
      assert.deepEqual(
        { status: both.status, verdictStatus: both.verdictStatus, verdictSummary: both.verdictSummary },
        { status: 'completed', verdictStatus: 'reject', verdictSummary: 'found a leak' },
      );
      const said = await play(shell(`${block} pass loud; exit 2`));
      assert.deepEqual(
        { status: said.status, verdictStatus: said.verdictStatus, verdictSummary: said.verdictSummary },
        { status: 'failed', verdictStatus: 'pass', verdictSummary: 'loud' },
      );
    });

    it('and is not held up by a verdict file that is none', async () => {
      const dispatch = await play(shell('mkfifo "$INTERCORE_VERDICT_FILE"'));
      assert.deepEqual(
        { status: dispatch.status, verdictStatus: dispatch.verdictStatus },
        { status: 'completed', verdictStatus: null },
      );
    });
  });

  it('ends what an agent started in a session of its own, too', async function () {
    if (process.platform !== 'linux') return this.skip();
    const dispatcher = stage.dispatcher();
    const started = await dispatcher.start(kernel, shell('setsid sh -c \'echo "left $$"; exec sleep 300\' & wait'));
    await whenLogged(dispatcher, started, '\n');
    const orphan = Number(/left (\d+)/.exec(await logOf(started))?.[1]);
    assert.equal(signalReaches(orphan), true);
    const dispatch = await dispatcher.kill(kernel, started.id, 'no longer wanted');
    assert.equal(dispatch.status, 'cancelled');
    await whenGone({ pid: orphan, startToken: null }, 20, AbortSignal.timeout(PATIENCE_MS));
  });
});
