/** Decisions that an agent may not make, on the command line and as a client of `ic mcp`. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { decisionOn } from '../../../src/cli/decisions';
import { allCommands } from '../../../src/cli/table';
import type { OperationName } from '../../../src/contract/surfaces/operations';
import { SURFACES } from '../../../src/contract/surfaces/surfaces';
import { dispatchId } from '../../../src/kernel/ids';
import { createDispatch, type DispatchKind } from '../../support/records/agentRows';
import { IC_SCRIPT } from '../../support/ic/ic';
import { IcProject } from '../../support/records/icProject';
import { McpSession } from '../../support/ic/mcp';

describe('a dispatched agent', function () {
  this.timeout(60_000);
  let project: IcProject;
  let runId: string;
  const sessions: McpSession[] = [];

  beforeEach(async () => {
    project = await IcProject.open();
    runId = await project.ok('run', 'create', '--goal=work');
  });
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()));
    await project.close();
  });

  const asAgent = (id = 'agent001') => ({ INTERCORE_DISPATCH_ID: id, INTERCORE_DB: project.database });
  const row = (kind: DispatchKind) => createDispatch(project.database, dispatchId.parse('agent001'), kind);

  async function server(): Promise<McpSession> {
    const session = await McpSession.open({
      cwd: project.folder,
      args: ['--core'],
      env: { ...project.env, ...asAgent() },
    });
    sessions.push(session);
    return session;
  }

  it('is refused every command line that only a person may run, with a hint how to ask', async () => {
    const commands = await allCommands();
    for (const command of commands.filter((each) => decisionOn(each) === 'person')) {
      const words = command.words.join(' ');
      const line = [...command.words, ...(command.operands === undefined ? [] : [runId])];
      const { code, stderr } = await project.run(line, { env: asAgent() });
      assert.deepEqual({ words, code }, { words, code: 1 });
      assert.match(stderr, /Only a person can decide on ic .*ic gate ask RUN/s);
    }
    assert.equal(await project.ok('run', 'phase', runId), 'brainstorm');
  });

  it('is refused flags that only a person may give, and its gates are hard without them', async () => {
    for (const flag of ['--disable-gates', '--priority=4', '--skip-reason=x']) {
      const { code, stderr } = await project.run(['run', 'advance', runId, flag], { env: asAgent() });
      assert.equal(code, 1);
      assert.match(stderr, /Only a person can decide on ic run advance/);
    }
    const held = await project.run(['run', 'advance', runId], { env: asAgent() });
    assert.match(held.stdout, /blocked/);
    assert.equal((await project.run(['run', 'advance', runId])).code, 0, 'as a script of the original');
  });

  it('can cancel only the run that it works for', async () => {
    await row({ agentType: 'claude', scopeId: runId });
    const other = await project.ok('run', 'create', '--goal=other');
    assert.equal((await project.run(['run', 'cancel', other], { env: asAgent() })).code, 1);
    assert.equal((await project.run(['run', 'rollback', other, '--to-phase=brainstorm'], { env: asAgent() })).code, 1);
    const own = await project.run(['run', 'cancel', runId], { env: asAgent() });
    assert.equal(own.code, 0, own.stderr);
  });

  it('lets a window start others only where it may start any', async () => {
    const commands = await allCommands();
    const isForAgents = (operation: OperationName): boolean =>
      SURFACES[operation].effect === 'start' && SURFACES[operation].decides !== 'person';
    const starting = commands.filter(
      ({ operation, words: [noun] }) => operation !== undefined && isForAgents(operation) && noun !== 'dispatch',
    );
    assert.ok(starting.length > 4);
    await row({ agentType: 'claude' });
    await createDispatch(project.database, dispatchId.parse('agent002'), {
      agentType: 'codex',
      sandbox: 'workspace-write',
    });
    const body = await project.write('body.md', 'x');
    const needed: Readonly<Record<string, readonly string[]>> = {
      'task create': ['--title=T', `--body-file=${body}`, '--project=none'],
      'task revise': ['none', '--text=T'],
    };
    for (const { words } of starting) {
      const own = needed[words.join(' ')] ?? ['none'];
      const [wide, narrow] = await Promise.all(
        ['agent001', 'agent002'].map((id) => project.run([...words, ...own], { env: asAgent(id) })),
      );
      assert.match(wide?.stderr ?? '', /not found: none/, words.join(' '));
      assert.match(narrow?.stderr ?? '', /more permissions than the agent that requested it/, words.join(' '));
      assert.equal(narrow?.code, 1);
    }
  });

  it('is recognized by its parent process, even if it has removed the variable', async function () {
    if (process.platform !== 'linux') this.skip();
    const command = `env -u INTERCORE_DISPATCH_ID ${process.execPath} ${IC_SCRIPT} gate override ${runId} --reason=x; exit $?`;
    const child = spawn('sh', ['-c', command], {
      cwd: project.folder,
      env: { PATH: process.env['PATH'] ?? '', ...project.env, ...asAgent() },
      stdio: 'ignore',
    });
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 1);
    assert.equal(await project.ok('run', 'phase', runId), 'brainstorm');
  });

  it('sees no tool that only a person may use, and is refused if it calls one', async () => {
    await row({ agentType: 'claude' });
    const session = await server();
    const names = (await session.client.listTools()).tools.map(({ name }) => name);
    assert.ok(!names.includes('gates_override'));
    assert.ok(names.includes('subtasks_start'), 'a Claude without permission prompts may start any agent');
    for (const [tool, args] of [
      ['gates_override', { runId, reason: 'x' }],
      ['runs_set', { runId, tokenBudget: 1_000_000 }],
      ['budgets_set', { runId, tokens: 1_000_000 }],
      ['runs_advance', { runId, skipReason: 'x' }],
      ['runs_cancel', { runId }],
      ['projects_remove', { projectId: 'p', clone: true }],
      ['tasks_delete', { taskId: 't' }],
      ['worktrees_clean', {}],
    ] as const) {
      assert.deepEqual(
        { tool, sessionCall: await session.call(tool, args) },
        { tool, sessionCall: { code: 'PERSON_DECIDES' } },
      );
    }
    assert.ok('result' in (await session.call('runs_set', { runId, goal: 'another goal' })));
  });

  it('cannot start an agent with more permissions than its own', async () => {
    await row({ agentType: 'codex', sandbox: 'workspace-write' });
    const session = await server();
    const names = (await session.client.listTools()).tools.map(({ name }) => name);
    assert.deepEqual(
      names.filter((name) => /_start$|_create$/.test(name)),
      ['runs_create', 'dispatches_start'],
    );
    for (const kind of ['shell', 'claude', 'codex']) {
      assert.deepEqual(await session.call('dispatches_start', { kind, prompt: 'touch canary' }), {
        code: 'AGENT_WIDER',
      });
      assert.deepEqual(await session.call('dispatches_queue', { kind, prompt: 'x' }), { code: 'AGENT_WIDER' });
    }
    assert.deepEqual(await session.call('subtasks_start', { subtaskId: 's' }), { code: 'AGENT_WIDER' });
    const prompt = await project.write('task.sh', 'touch canary\n');
    const spawned = await project.run(['dispatch', 'spawn', '--type=shell', `--prompt-file=${prompt}`], {
      env: asAgent(),
    });
    assert.equal(spawned.code, 1);
    assert.match(spawned.stderr, /more permissions than the agent that requested it/);
    assert.deepEqual(await project.rows("SELECT id FROM dispatches WHERE id != 'agent001'"), []);
  });
});
