/** `ic mcp` over real standard input and output, with the client of the official SDK. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { TOOL_OPERATIONS, toolNameOf } from '../../../src/contract/surfaces/surfaces';
import { IC_SCRIPT } from '../../support/ic/ic';
import { IcProject } from '../../support/records/icProject';
import { McpSession, type McpOptions } from '../../support/ic/mcp';

const run = z.object({ id: z.string(), phase: z.string(), status: z.string() });

describe('ic mcp', function () {
  this.timeout(60_000);
  let project: IcProject;
  const sessions: McpSession[] = [];

  const open = async (options: Partial<McpOptions> = {}): Promise<McpSession> => {
    const session = await McpSession.open({ cwd: project.folder, ...options, env: { ...project.env, ...options.env } });
    sessions.push(session);
    return session;
  };

  beforeEach(async () => {
    project = await IcProject.open();
  });
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()));
    await project.close();
  });

  it('offers a tool for every operation of the table, each with a description and its effect', async () => {
    const { client } = await open();
    const { tools } = await client.listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      TOOL_OPERATIONS.map(toolNameOf),
    );
    for (const tool of tools) assert.ok((tool.description ?? '').length > 10, tool.name);
    const hints = (name: string) => {
      const { annotations } = tools.find((tool) => tool.name === name) ?? {};
      return [annotations?.readOnlyHint, annotations?.destructiveHint];
    };
    assert.deepEqual(hints('runs_list'), [true, false]);
    assert.deepEqual(hints('runs_create'), [false, false]);
    assert.deepEqual(hints('runs_cancel'), [false, true]);
  });

  it('moves a run from creation to its end', async () => {
    const session = await open();
    const { id } = await session.ok(run, 'runs_create', { goal: 'ship it', phases: ['planned', 'done'] });
    await writeFile(project.at('plan.md'), 'the plan\n');
    await session.ok(z.array(z.unknown()), 'artifacts_add', { runId: id, paths: ['plan.md'] });
    const outcome = await session.ok(z.object({ advanced: z.boolean() }), 'runs_advance', { runId: id });
    assert.equal(outcome.advanced, true);
    assert.equal((await session.ok(run, 'runs_get', { runId: id })).status, 'completed');
    assert.equal(await project.ok('run', 'phase', id), 'done');
  });

  it('returns refusals with a code and a hint, and changes nothing', async () => {
    const session = await open();
    assert.deepEqual(await session.call('runs_get', { runId: 'none' }), { code: 'NOT_FOUND' });
    assert.deepEqual(await session.call('runs_create', { goal: 'x', color: 'red' }), { code: 'INVALID_ARGUMENT' });
    const answer = await session.client.callTool({ name: 'runs_get', arguments: { runId: 'none' } });
    assert.match(JSON.stringify(answer.content), /NOT_FOUND: The run none was not found\.\\nCheck the id/);
    assert.deepEqual(await session.call('runs_list'), { result: { runs: [], invalid: [], nextFrom: null } });
    await assert.rejects(session.call('runs_fly'), /unknown tool: runs_fly/);
  });

  it('immediately sees changes of another program', async () => {
    const session = await open();
    await session.call('runs_list');
    const id = await project.ok('run', 'create', '--goal=elsewhere');
    assert.equal((await session.ok(run, 'runs_get', { runId: id })).id, id);
  });

  it('records the name of the client with its decisions', async () => {
    const session = await open({ client: 'claude-code' });
    const { id } = await session.ok(run, 'runs_create', { goal: 'x' });
    await session.call('gates_override', { runId: id, reason: 'seen by hand' });
    assert.match(await project.ok('run', 'events', id), /actor=mcp:claude-code: seen by hand/);
  });

  it('serves an agent only the record of its own work, wherever it is', async () => {
    const elsewhere = project.at('worktree');
    await mkdir(elsewhere);
    const env = { INTERCORE_DISPATCH_ID: 'd1', INTERCORE_DB: project.database };
    const session = await open({ cwd: elsewhere, env });
    const { id } = await session.ok(run, 'runs_create', { goal: 'x' });
    await session.call('gates_askOverride', { runId: id, reason: 'seen' });
    assert.match(await project.ok('events', 'writes'), /agent d1/);
    assert.deepEqual(await session.call('runs_list', { folder: elsewhere }), { code: 'NOT_FOUND' });
    await assert.rejects(open({ env, args: [elsewhere] }), 'another folder is refused before anything is served');
  });

  it('reads no prompt or artifact from outside the folder, even through a link', async () => {
    const session = await open();
    await symlink('/etc/hostname', project.at('link'));
    const { id } = await session.ok(run, 'runs_create', { goal: 'x' });
    for (const promptFile of ['/etc/hostname', '../other', 'link']) {
      assert.deepEqual(await session.call('dispatches_start', { kind: 'shell', promptFile }), { code: 'PATH_OUTSIDE' });
    }
    assert.deepEqual(await session.call('artifacts_add', { runId: id, paths: ['../x'] }), { code: 'PATH_OUTSIDE' });
  });

  for (const [name, target, code, said] of [
    [
      'fails where its answers cannot be written',
      'exec > /dev/full',
      2,
      /^ic: mcp: output not written: ENOSPC[^\n]*\n$/,
    ],
    ['ends where its client reads no more', 'exec >&4', 0, /^$/],
  ] as const) {
    it(name, async function () {
      if (process.platform !== 'linux') this.skip();
      // A pipe that is opened for reading and then closed has no reader.
      const unread = project.at('unread');
      const pipe = `mkfifo '${unread}'; exec 5<> '${unread}'; exec 4> '${unread}'; exec 5>&-`;
      const script = `${pipe}; ${target}; exec "$0" "$1" mcp`;
      const child = spawn('sh', ['-c', script, process.execPath, IC_SCRIPT], {
        cwd: project.folder,
        env: { PATH: process.env['PATH'] ?? '', ...project.env },
        stdio: ['pipe', 'ignore', 'pipe'],
      });
      const errors: string[] = [];
      child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
      const clientInfo = { name: 'test-client', version: '1.0.0' };
      const params = { protocolVersion: '2024-11-05', capabilities: {}, clientInfo };
      child.stdin.on('error', () => undefined);
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`);
      const ended = await new Promise((resolve) => child.once('close', resolve));
      child.stdin.destroy();
      assert.equal(ended, code, errors.join(''));
      assert.match(errors.join(''), said);
    });
  }

  it('starts an agent that continues, and answers when it has ended', async () => {
    const session = await open();
    const dispatch = z.object({ id: z.string(), status: z.string() });
    const { id } = await session.ok(dispatch, 'dispatches_start', { kind: 'shell', prompt: 'echo hello' });
    const ended = await session.ok(dispatch, 'dispatches_wait', { dispatchId: id });
    assert.equal(ended.status, 'completed');
    assert.deepEqual(session.errors, []);
  });
});
