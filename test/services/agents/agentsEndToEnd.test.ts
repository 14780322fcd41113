/** The real Claude and Codex CLIs, started by the dispatcher as users have them, against a scripted model. */
import assert from 'node:assert/strict';

import type { AgentKind } from '../../../src/contract/agentKinds';
import { BUILT_IN_AGENT_KINDS } from '../../../src/services/agents/builtInKinds';
import type { Dispatch } from '../../../src/kernel/dispatch/model';
import { dispatchProcess } from '../../../src/kernel/dispatch/service';
import { runTokens } from '../../../src/kernel/budget/service';
import { createRun } from '../../../src/kernel/run/record/runs';
import { listAgents } from '../../../src/kernel/tracking/service';
import type { Dispatcher, DispatchRequest } from '../../../src/services/dispatch/dispatcher';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import { claudeEnvironment, codexEnvironment } from '../../support/agents/environment';
import { installAgent } from '../../support/agents/install';
import * as scenarios from '../../support/agents/scenarios';
import { hang, reply, run, say, totalUsage, type Turn } from '../../support/agents/script';
import { startModelServer, type ModelServer } from '../../support/agents/server';
import { ended, git, PATIENCE_MS, Stage } from '../../support/dispatch/dispatchFixture';
import { environmentOf } from '../../support/dispatch/environment';
import { defined } from '../../../src/kernel/defined';

const PROMPT = 'Greet the world with "quotes", $(no substitution) and\na second line';
const VERDICT = 'All done.\n\n--- VERDICT ---\nSTATUS: pass\nFILES: greeting.txt\nSUMMARY: greeted the world\n---\n';

/** The commit of the common scenario, with a verdict as its last word. */
const withVerdict: readonly Turn[] = [
  ...scenarios.commit.turns.slice(0, -1),
  reply([say(VERDICT)], { input: 15, cacheRead: 1600, output: 31, reasoning: 3 }),
];

for (const agent of ['claude', 'codex'] as const) {
  describe(`the dispatcher with the real ${agent} CLI`, function () {
    this.timeout(PATIENCE_MS * 2);
    let binary = '';
    let stage: Stage;
    let kernel: ProjectKernel;
    let server: ModelServer | undefined;

    before(async function () {
      this.timeout(400_000);
      const installation = await installAgent(agent);
      if (installation.kind === 'installed') {
        binary = installation.binary;
        return;
      }
      console.warn(`      ${agent} is skipped: ${installation.reason}`);
      this.skip();
    });
    beforeEach(async () => {
      stage = await Stage.open();
      kernel = await stage.kernel();
      await git(stage.project, 'init', '--quiet', '--initial-branch=main');
    });
    afterEach(async () => {
      await stage.close();
      await server?.close();
    });

    /** The built-in kind, with the executable and the environment of the test. */
    async function dispatcherFor(turns: readonly Turn[], retries?: number): Promise<Dispatcher> {
      const expect = { cwd: stage.project, prompt: [PROMPT] };
      server = await startModelServer([{ name: agent, prompt: 'Greet the world', turns, expect }]);
      const world = { url: server.url, home: stage.home, ...defined({ retries }) };
      const environment = await (agent === 'claude' ? claudeEnvironment(world) : codexEnvironment(world));
      const builtIn = BUILT_IN_AGENT_KINDS.find((kind) => kind.name === agent);
      assert.ok(builtIn);
      const kind: AgentKind = { ...builtIn, command: binary, env: environment };
      return stage.dispatcher({ environment: environmentOf({}) }, [kind]);
    }

    async function play(turns: readonly Turn[], more: Partial<DispatchRequest> = {}): Promise<Dispatch> {
      const dispatcher = await dispatcherFor(turns, 1);
      const { id } = await dispatcher.start(kernel, { kind: agent, prompt: PROMPT, ...more });
      const dispatch = await ended(dispatcher, kernel, id);
      assert.deepEqual(server?.errors, [], 'every request keeps to the API and to the script');
      return dispatch;
    }

    it('records its tokens, session, cost, verdict and commits', async () => {
      const runId = await kernel.write((u) => createRun(u, { projectDir: stage.project, goal: 'greet' }).id);
      const dispatch = await play(withVerdict, { runId, name: 'greeter' });
      assert.deepEqual(
        { status: dispatch.status, exitCode: dispatch.exitCode, errorMessage: dispatch.errorMessage },
        { status: 'completed', exitCode: 0, errorMessage: null },
      );
      assert.deepEqual(
        { verdictStatus: dispatch.verdictStatus, verdictSummary: dispatch.verdictSummary },
        { verdictStatus: 'pass', verdictSummary: 'greeted the world' },
      );
      const usage = totalUsage(withVerdict);
      assert.deepEqual(
        {
          inputTokens: dispatch.inputTokens,
          outputTokens: dispatch.outputTokens,
          cacheHits: dispatch.cacheHits,
          commands: dispatch.commands,
          messages: dispatch.messages,
        },
        {
          inputTokens: usage.input + usage.cacheWrite,
          outputTokens: usage.output,
          cacheHits: usage.cacheRead,
          commands: 3,
          messages: 2,
        },
      );
      assert.ok(dispatch.turns > 0);
      const totals = kernel.read((r) => runTokens(r, runId));
      assert.equal(totals.inputTokens, dispatch.inputTokens);
      const process = kernel.read((r) => dispatchProcess(r, dispatch.id));
      assert.equal(process?.sessionId, server?.requests[0]?.conversation);
      assert.equal((process?.costUsd ?? 0) > 0, agent === 'claude', 'only Claude tells a price');
      assert.deepEqual(
        [await git(stage.project, 'log', '--format=%s'), await git(stage.project, 'show', 'HEAD:greeting.txt')],
        ['Add a greeting\n', 'hello\n'],
      );
      assert.deepEqual(
        kernel.read((r) => listAgents(r, runId)).map((each) => [each.status, each.dispatchId]),
        [['completed', dispatch.id]],
      );
    });

    it('calls a refused key a failure, in the agent’s own words', async () => {
      const dispatch = await play(scenarios.unauthorized.turns);
      assert.equal(dispatch.status, 'failed');
      assert.match(dispatch.errorMessage ?? '', /api.key.*exit code 1/is);
      assert.deepEqual(
        { inputTokens: dispatch.inputTokens, outputTokens: dispatch.outputTokens },
        { inputTokens: 0, outputTokens: 0 },
      );
    });

    it('kills it in the middle of its work, keeping what it committed', async () => {
      const commands = "echo hello > greeting.txt && git add greeting.txt && git commit -qm 'Add a greeting'";
      const dispatcher = await dispatcherFor([
        reply([say('I start.'), run(commands)], { input: 5, output: 2 }),
        hang(),
      ]);
      const { id } = await dispatcher.start(kernel, { kind: agent, prompt: PROMPT });
      await server?.reached(2);
      const dispatch = await dispatcher.kill(kernel, id, 'enough');
      assert.deepEqual(
        { status: dispatch.status, errorMessage: dispatch.errorMessage, messages: dispatch.messages },
        { status: 'cancelled', errorMessage: 'enough', messages: 1 },
      );
      assert.equal(await git(stage.project, 'log', '--format=%s'), 'Add a greeting\n');
    });
  });
}
