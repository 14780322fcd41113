/** A limit holds the account of an agent: nothing new of it starts, in any window, and other accounts are free. */
import assert from 'node:assert/strict';
import path from 'node:path';
import type { AgentKind } from '../../../../src/contract/agentKinds';
import { AccountHolds } from '../../../../src/host/state/accountHolds';
import { dispatchProcess } from '../../../../src/kernel/dispatch/service';
import { KernelError } from '../../../../src/kernel/errors/errors';
import type { ProjectKernel } from '../../../../src/services/record/projectKernel';
import { BUILT_IN_AGENT_KINDS, findKind } from '../../../../src/services/agents/builtInKinds';
import { accountOf } from '../../../../src/services/dispatch/context/accounts';
import { ended, PATIENCE_MS, shell, Stage } from '../../../support/dispatch/dispatchFixture';
import { until } from '../../../support/until';

const FAKE: AgentKind = { name: 'fake', command: 'sh', args: ['${promptFile}'], promptBy: 'file', parser: 'claude' };
const OTHER: AgentKind = { ...FAKE, name: 'other', env: { ANTHROPIC_API_KEY: 'another' } };
const limited = (text: string): string =>
  `printf '%s\\n' '{"type":"result","subtype":"success","is_error":true,"result":"${text}"}'; exit 1`;

describe('the account of an agent', function () {
  this.timeout(PATIENCE_MS);
  let stage: Stage;
  let kernel: ProjectKernel;
  let accounts: AccountHolds;

  beforeEach(async () => {
    stage = await Stage.open();
    kernel = await stage.kernel();
    accounts = new AccountHolds(path.join(stage.root, 'accounts'));
  });
  afterEach(() => stage.close());

  const window = () => stage.dispatcher({ accounts }, [FAKE, OTHER]);
  const run = async (dispatcher: ReturnType<typeof window>, prompt: string, kind = 'fake') => {
    const { id } = await dispatcher.start(kernel, { kind, prompt });
    return await ended(dispatcher, kernel, id);
  };
  const whenHeld = () =>
    until(
      () => Promise.resolve(accounts.list()),
      (holds) => holds.length > 0,
    );

  it('is held by a limit in every window, and other accounts are free', async () => {
    const dispatcher = window();
    const { id, errorMessage } = await run(dispatcher, limited('Claude usage limit reached, try again in 2 hours'));
    assert.match(errorMessage ?? '', /usage limit reached/);
    const process = kernel.read((r) => dispatchProcess(r, id));
    assert.equal(process?.failure, 'usageLimit');
    const [hold] = await whenHeld();
    assert.equal(hold?.account, process.account);
    assert.ok((hold.untilMs ?? 0) > Date.now() + 100 * 60_000);
    for (const other of [dispatcher, window()]) {
      await assert.rejects(other.start(kernel, { kind: 'fake', prompt: 'true' }), (error) =>
        KernelError.is(error, 'ACCOUNT_HELD'),
      );
    }
    assert.equal((await run(dispatcher, 'exit 0', 'other')).status, 'completed');
    assert.equal((await stage.play(shell('exit 0'))).status, 'completed');
  });

  it('is the same for a program and for the adapter that uses its sign-in', async () => {
    const variables = { HOME: '/home/ada', ANTHROPIC_API_KEY: 'a', OPENAI_API_KEY: 'o' };
    const deps = { environment: () => Promise.resolve({ variables, passEnv: [] }) };
    const marks = await Promise.all(
      ['claude', 'claude-acp', 'codex', 'codex-acp'].map((name) =>
        accountOf(deps, findKind(BUILT_IN_AGENT_KINDS, name)),
      ),
    );
    const [claude, claudeAcp, codex, codexAcp] = marks;
    assert.deepEqual({ claudeAcp, codexAcp }, { claudeAcp: claude, codexAcp: codex });
    assert.notEqual(claude, codex);
  });

  it('tells no credential in what is kept of it', async () => {
    await run(window(), limited('Claude usage limit reached'), 'other');
    const [hold] = await whenHeld();
    assert.doesNotMatch(JSON.stringify(hold), /another/);
  });

  it('is free again once its time has come, and a success ends the count', async () => {
    const dispatcher = window();
    await run(dispatcher, limited('429 too many requests'));
    const [hold] = await whenHeld();
    assert.ok(hold);
    accounts.set({ ...hold, untilMs: Date.now() - 1, tries: 3 });
    await run(dispatcher, limited('429 too many requests'));
    await until(
      () => Promise.resolve(accounts.find(hold.account)),
      (found) => found?.tries === 4,
    );
    accounts.set({ ...hold, untilMs: Date.now() - 1 });
    await run(dispatcher, 'exit 0');
    await until(
      () => Promise.resolve(accounts.list()),
      (holds) => holds.length === 0,
    );
  });

  it('stays held until a person resumes it, if a person said so', async () => {
    const dispatcher = window();
    await run(dispatcher, limited('Claude usage limit reached'));
    const [hold] = await whenHeld();
    assert.ok(hold);
    accounts.set({ ...hold, untilMs: null });
    await assert.rejects(dispatcher.start(kernel, { kind: 'fake', prompt: 'true' }), (error) =>
      KernelError.is(error, 'ACCOUNT_STOPPED'),
    );
    accounts.release(hold.account);
    assert.equal((await run(dispatcher, 'exit 0')).status, 'completed');
  });

  it('is not held by a sign-in, whose remedy is in the error', async () => {
    const { errorMessage } = await run(window(), limited('Not logged in · Please run /login'));
    assert.match(errorMessage ?? '', /ANTHROPIC_API_KEY/);
    assert.deepEqual(accounts.list(), []);
  });
});
