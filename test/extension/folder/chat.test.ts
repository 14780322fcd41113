/** The tools of the editor's chat, and the file that tells other programs of the server. */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import { CORE_OPERATIONS, chatToolNameOf } from '../../../src/contract/surfaces/surfaces';
import { openFolder, withDatabase } from '../../support/extension/window';

const WRITE = 'intercore.mcp.writeConfig';

describe('tools of the chat', () => {
  const folder = openFolder();
  const file = path.join(folder, '.mcp.json');
  let api: IntercoreApi;

  before(async () => {
    api = await withDatabase(folder);
  });
  afterEach(() => rm(file, { force: true }));

  async function use(operation: (typeof CORE_OPERATIONS)[number], input: object): Promise<unknown> {
    const invocation = { input, toolInvocationToken: undefined };
    const { content } = await vscode.lm.invokeTool(chatToolNameOf(operation), invocation);
    const [part] = content;
    assert.ok(part instanceof vscode.LanguageModelTextPart);
    return JSON.parse(part.value);
  }

  it('are there for every core verb', () => {
    const known = new Set(vscode.lm.tools.map(({ name }) => name));
    for (const name of CORE_OPERATIONS) assert.ok(known.has(chatToolNameOf(name)), name);
  });

  it('read the record, and report refusals by code', async () => {
    const run = await api.runs.create({ folder, goal: 'chat' });
    const read = z.object({ goal: z.string() }).parse(await use('runs.get', { runId: run.id }));
    assert.equal(read.goal, 'chat');
    const refused = z.object({ error: z.object({ code: z.string() }) }).parse(await use('runs.get', { runId: 'none' }));
    assert.equal(refused.error.code, 'NOT_FOUND');
    const [write] = await api.events.writes({ folder, runId: run.id });
    assert.deepEqual(
      { caller: write?.caller, operation: write?.operation },
      { caller: 'vscode', operation: 'runs.create' },
    );
  });

  it('leave other servers of .mcp.json as they are', async () => {
    await writeFile(file, '{\n    "mcpServers": { "other": { "command": "x" } },\n    "more": 1\n}\n');
    assert.equal(await vscode.commands.executeCommand(WRITE, { folder, confirm: true }), file);
    const ours = { type: 'stdio', command: 'ic', args: ['mcp'] };
    const text = await readFile(file, 'utf8');
    assert.deepEqual(JSON.parse(text), { mcpServers: { other: { command: 'x' }, intercore: ours }, more: 1 });
    assert.match(text, /^\{\n {4}"/, 'the indent stays');
    await vscode.commands.executeCommand(WRITE, { folder, confirm: true });
    assert.equal(await readFile(file, 'utf8'), text);
  });

  it('touch no .mcp.json that is something else', async () => {
    await writeFile(file, '[1,');
    await assert.rejects(
      async () => vscode.commands.executeCommand(WRITE, { folder, confirm: true }),
      /cannot be read/,
    );
    assert.equal(await readFile(file, 'utf8'), '[1,');
  });
});
