/** The real Claude and Codex CLIs behind their adapters, in sessions, against a scripted model. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentKind } from '../../../../src/contract/agentKinds';
import type { OpenRequest } from '../../../../src/contract/sessions';
import { giveCommand, readSessionState } from '../../../../src/host/session/files/sessionFiles';
import { dispatchProcess } from '../../../../src/kernel/dispatch/service';
import { findKind, BUILT_IN_AGENT_KINDS } from '../../../../src/services/agents/builtInKinds';
import type { Dispatcher } from '../../../../src/services/dispatch/dispatcher';
import type { ProjectKernel } from '../../../../src/services/record/projectKernel';
import { claudeEnvironment, codexEnvironment } from '../../../support/agents/environment';
import { installAdapter, installAgent } from '../../../support/agents/install';
import { escalate, reply, say, type Turn } from '../../../support/agents/script';
import { startModelServer, type ModelServer } from '../../../support/agents/server';
import { ended, git, Stage } from '../../../support/dispatch/dispatchFixture';
import { environmentOf } from '../../../support/dispatch/environment';
import { filesOfDispatch } from '../../../support/dispatch/ownFiles';
import { SESSION_HOST } from '../../../support/sessions/hostedSession';
import { until } from '../../../support/until';

const PATIENCE_MS = 120_000;
const PROMPT = 'Greet the world';

for (const agent of ['claude', 'codex'] as const) {
  describe(`a session with the real ${agent} CLI`, function () {
    this.timeout(PATIENCE_MS);
    let cli = '';
    let adapter = '';
    let stage: Stage;
    let kernel: ProjectKernel;
    let server: ModelServer | undefined;

    before(async function () {
      this.timeout(400_000);
      const installations = [await installAgent(agent), await installAdapter(agent)];
      const [program, wrapper] = installations;
      if (program?.kind === 'installed' && wrapper?.kind === 'installed') {
        cli = program.binary;
        adapter = wrapper.binary;
        return;
      }
      console.warn(`      ${agent} is skipped: ${JSON.stringify(installations)}`);
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

    /** The built-in kind, started as the installed adapter, with the environment of the test. */
    async function dispatcherFor(turns: readonly Turn[]): Promise<Dispatcher> {
      server = await startModelServer([{ name: agent, prompt: PROMPT, turns, expect: { cwd: stage.project } }]);
      const world = { url: server.url, home: stage.home, retries: 1 };
      const environment = await (agent === 'claude' ? claudeEnvironment(world) : codexEnvironment(world));
      const own = agent === 'claude' ? { CLAUDE_CODE_EXECUTABLE: cli } : { CODEX_PATH: cli, NO_BROWSER: '1' };
      const builtIn = findKind(BUILT_IN_AGENT_KINDS, `${agent}-acp`);
      const env = { ...builtIn.env, ...environment, ...own };
      const kind: AgentKind = { ...builtIn, command: process.execPath, args: [adapter], env };
      return stage.dispatcher({ environment: environmentOf({}), sessionHostPath: SESSION_HOST }, [kind]);
    }

    it('asks before it runs a command, and continues once it is allowed', async () => {
      const file = path.join(stage.project, 'greeting.txt');
      const dispatcher = await dispatcherFor([
        reply([escalate(`echo hello > ${file}`)], { input: 100, output: 30 }),
        reply([say('Greeted.')], { input: 50, output: 5 }),
      ]);
      const { id } = await dispatcher.start(kernel, { kind: `${agent}-acp`, prompt: PROMPT, agent: 'none' });
      const files = await filesOfDispatch(stage.storage, id);
      const asked = await until<OpenRequest | undefined>(
        async () => (await readSessionState(files))?.requests[0],
        (request) => request !== undefined,
      );
      assert.ok(asked?.kind === 'permission');
      assert.ok(asked.command?.includes('echo hello'), JSON.stringify(asked));
      await giveCommand(files, { kind: 'answer', number: asked.number, answer: 'allow', by: 'ada' });
      const dispatch = await ended(dispatcher, kernel, id);
      assert.equal(dispatch.status, 'completed', await readFile(files.log, 'utf8'));
      assert.equal(await readFile(file, 'utf8'), 'hello\n');
      assert.ok(dispatch.outputTokens >= 35);
      assert.ok(kernel.read((r) => dispatchProcess(r, id))?.sessionId);
    });
  });
}
