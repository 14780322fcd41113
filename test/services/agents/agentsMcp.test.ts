/** The real Claude and Codex CLIs, dispatched, with the record of their work as tools: `ic mcp` against a scripted model. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import type { AgentKind } from '../../../src/contract/agentKinds';
import { BUILT_IN_AGENT_KINDS } from '../../../src/services/agents/builtInKinds';
import { listEvents } from '../../../src/kernel/events/service';
import { createRun } from '../../../src/kernel/run/record/runs';
import { listWrites } from '../../../src/kernel/callers/writes';
import { listArtifacts } from '../../../src/kernel/tracking/service';
import { evidenceUri, runUri } from '../../../src/cli/mcp/uris';
import { icMcpCommand, mcpConfigLine } from '../../../src/services/dispatch/context/mcpServer';
import type { ProjectKernel } from '../../../src/services/record/projectKernel';
import { claudeEnvironment, codexEnvironment } from '../../support/agents/environment';
import { installAgent } from '../../support/agents/install';
import { read, reply, say, use, type Turn } from '../../support/agents/script';
import { startModelServer, type ModelServer } from '../../support/agents/server';
import { ended, git, PATIENCE_MS, Stage } from '../../support/dispatch/dispatchFixture';
import { environmentOf } from '../../support/dispatch/environment';
import { IC_SCRIPT } from '../../support/ic/ic';

const SERVER = 'intercore';
const PROMPT = 'Record the plan';

for (const agent of ['claude', 'codex'] as const) {
  describe(`the real ${agent} CLI with the tools of its record`, function () {
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

    it('writes an artifact, takes its run on and reads it as the agent it is, and leaves nothing in the project', async () => {
      const runId = await kernel.write((u) => createRun(u, { projectDir: stage.project, goal: 'plan' }).id);
      await writeFile(path.join(stage.project, 'plan.md'), 'the plan\n');
      const turns: readonly Turn[] = [
        reply([use(SERVER, 'artifacts_add', { runId, paths: ['plan.md'] })]),
        reply([use(SERVER, 'runs_advance', { runId })]),
        reply([read(SERVER, runUri(runId)), read(SERVER, evidenceUri(runId))]),
        reply([use(SERVER, 'runs_get', { runId: 'unknown' })]),
        reply([say('Recorded.')]),
      ];
      server = await startModelServer([{ name: agent, prompt: PROMPT, turns }]);
      const world = { url: server.url, home: stage.home, retries: 1 };
      const env = await (agent === 'claude' ? claudeEnvironment(world) : codexEnvironment(world));
      const builtIn = BUILT_IN_AGENT_KINDS.find(({ name }) => name === agent);
      assert.ok(builtIn);
      const kind: AgentKind = { ...builtIn, command: binary, env };
      const mcpServer = () => icMcpCommand(path.dirname(IC_SCRIPT), ['--core']);
      const dispatcher = stage.dispatcher({ environment: environmentOf({}), mcpServer }, [kind]);
      const { id } = await dispatcher.start(kernel, { kind: agent, prompt: PROMPT, runId });
      const dispatch = await ended(dispatcher, kernel, id);
      assert.deepEqual(server.errors, []);
      assert.equal(dispatch.status, 'completed');
      await kernel.refresh();
      assert.deepEqual(
        kernel.read((r) => listArtifacts(r, runId)).map((artifact) => artifact.path),
        ['plan.md'],
      );
      const who = `agent ${id}`;
      assert.deepEqual(
        kernel.read((r) => listWrites(r, { runId })).map(({ caller, operation }) => [caller, operation]),
        [
          [who, 'runs.advance'],
          [who, 'artifacts.add'],
        ],
      );
      const step = kernel.read((r) => listEvents(r, { runId })).find(({ type }) => type === 'advance');
      assert.deepEqual(
        { toState: step?.toState, caller: step?.caller },
        { toState: 'brainstorm-reviewed', caller: who },
      );
      const answers = server.requests.at(-1)?.results.map(({ output }) => output) ?? [];
      const [added = '', advanced = '', run = '', evidence = ''] = answers;
      assert.match(added, /plan\.md/);
      assert.match(advanced, /brainstorm-reviewed/);
      assert.match(run, /\\?"phase\\?": \\?"brainstorm-reviewed\\?"/, 'as the agent has just left it');
      assert.match(evidence, /artifact_exists/);
      assert.match(answers.at(-1) ?? '', /NOT_FOUND.*The run unknown was not found\./s);
      assert.deepEqual((await readdir(stage.project)).sort(), ['.clavain', '.git', 'plan.md']);
    });

    if (agent === 'codex') {
      it('gives the server more than its own 10 seconds to start', async () => {
        const line = mcpConfigLine({ command: 'ic', args: ['mcp'], env: { A: 'b' } });
        const env = await codexEnvironment({ url: 'http://127.0.0.1:9', home: stage.home });
        const { stdout } = await promisify(execFile)(binary, [`--config=${line}`, 'mcp', 'list', '--json'], { env });
        const servers = z
          .array(z.looseObject({ name: z.string(), startup_timeout_sec: z.number() }))
          .parse(JSON.parse(stdout));
        const [ours] = servers.filter(({ name }) => name === SERVER);
        assert.equal(ours?.startup_timeout_sec, 120);
      });
    }
  });
}
