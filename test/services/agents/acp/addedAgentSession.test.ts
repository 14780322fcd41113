/** An adapter that was added from the real registry, in a session with the person's CLI, against a scripted model. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { addAgent } from '../../../../src/services/agents/acp/installation/addAgent';
import { withBuiltIns } from '../../../../src/services/agents/builtInKinds';
import { codexEnvironment } from '../../../support/agents/environment';
import { installAgent } from '../../../support/agents/install';
import { reply, say } from '../../../support/agents/script';
import { startModelServer, type ModelServer } from '../../../support/agents/server';
import { ended, git, Stage } from '../../../support/dispatch/dispatchFixture';
import { environmentOf } from '../../../support/dispatch/environment';
import { filesOfDispatch } from '../../../support/dispatch/ownFiles';
import { describeLong } from '../../../support/long';
import { SESSION_HOST } from '../../../support/sessions/hostedSession';

const PROMPT = 'Greet the world';

describeLong('an agent that was added', function () {
  this.timeout(400_000);
  let cli = '';
  let stage: Stage;
  let server: ModelServer | undefined;

  before(async function () {
    const codex = await installAgent('codex');
    if (codex.kind === 'installed') cli = codex.binary;
    else this.skip();
  });
  beforeEach(async () => {
    stage = await Stage.open();
  });
  afterEach(async () => {
    await stage.close();
    await server?.close();
  });

  it('runs in a session with the CLI that is found on PATH', async function () {
    const PATH = [path.dirname(cli), process.env['PATH']].join(path.delimiter);
    const state = { ...process.env, PATH, XDG_STATE_HOME: path.join(stage.root, 'state') };
    const deps = { environment: state, stateEnvironment: state, trusted: () => true, stopped: undefined };
    try {
      await addAgent(deps, 'codex-acp');
    } catch (error) {
      if (!KernelError.is(error, 'AGENT_NOT_ADDED')) throw error;
      console.warn(`      skipped: ${error.message}`);
      return this.skip();
    }
    const turns = [reply([say('Greeted.')], { input: 50, output: 5 })];
    server = await startModelServer([{ name: 'codex', prompt: PROMPT, turns, expect: { cwd: stage.project } }]);
    const own = await codexEnvironment({ url: server.url, home: stage.home, retries: 1 });
    const variables = { ...own, PATH, NO_BROWSER: '1' };
    const environment = environmentOf(variables, Object.keys(variables));
    const kernel = await stage.kernel();
    await git(stage.project, 'init', '--quiet', '--initial-branch=main');
    const dispatcher = stage.dispatcher({
      kinds: () => withBuiltIns([], state),
      environment,
      sessionHostPath: SESSION_HOST,
    });
    const { id } = await dispatcher.start(kernel, { kind: 'codex-acp', prompt: PROMPT, agent: 'none' });
    const dispatch = await ended(dispatcher, kernel, id);
    const log = await readFile((await filesOfDispatch(stage.storage, id)).log, 'utf8');
    assert.equal(dispatch.status, 'completed', log);
    assert.match(log, /Greeted\./);
  });
});
