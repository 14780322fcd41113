/** Resources that clients of `ic mcp` can read and follow, over real standard input and output. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { stat, utimes, writeFile } from 'node:fs/promises';
import {
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { PAGE_BYTES, readLogPage } from '../../../src/cli/mcp/logPage';
import { filesOfDispatch, ownFile } from '../../support/dispatch/ownFiles';
import { IcProject } from '../../support/records/icProject';
import { McpSession } from '../../support/ic/mcp';

const page = z.object({
  contents: z.tuple([z.object({ text: z.string(), _meta: z.looseObject({ next: z.string().optional() }).optional() })]),
});

describe('the resources of ic mcp', function () {
  this.timeout(60_000);
  let project: IcProject;
  let session: McpSession;

  const read = async (uri: string) => page.parse(await session.client.readResource({ uri })).contents[0];
  const json = async (uri: string): Promise<unknown> => JSON.parse((await read(uri)).text);

  beforeEach(async () => {
    project = await IcProject.open();
    session = await McpSession.open({ cwd: project.folder, env: project.env });
  });
  afterEach(async () => {
    await session.close();
    await project.close();
  });

  it('are the existing runs, and templates for their parts', async () => {
    const id = await project.ok('run', 'create', '--goal=ship it');
    const { resources } = await session.client.listResources();
    assert.deepEqual(
      resources.map(({ uri, title }) => [uri, title]),
      [
        ['intercore://runs', 'Runs'],
        [`intercore://runs/${id}`, 'ship it'],
      ],
    );
    const { resourceTemplates } = await session.client.listResourceTemplates();
    assert.deepEqual(
      resourceTemplates.map(({ name }) => name),
      ['runs', 'run', 'evidence', 'events', 'log'],
    );
    assert.equal(z.object({ goal: z.string() }).parse(await json(`intercore://runs/${id}`)).goal, 'ship it');
  });

  it('list the runs in pages, newest first', async () => {
    await project.ok('run', 'create', '--goal=the newest');
    await project.rows(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
      INSERT INTO runs (id, project_dir, goal, created_at) SELECT printf('many%04d', i), '/p', 'run ' || i, i FROM n`);
    const lists = z.tuple([z.object({ runs: z.array(z.object({ goal: z.string() })) })]);
    const [goals, addresses]: [string[], string[]] = [[], []];
    for (let uri: string | undefined = 'intercore://runs'; uri !== undefined;) {
      addresses.push(uri);
      const { text, _meta } = await read(uri);
      goals.push(...lists.parse(JSON.parse(text))[0].runs.map(({ goal }) => goal));
      uri = _meta?.next;
    }
    assert.deepEqual(addresses, ['intercore://runs', 'intercore://runs?from=200']);
    assert.deepEqual(goals, ['the newest', ...Array.from({ length: 250 }, (_, n) => `run ${250 - n}`)]);
    assert.equal((await session.client.listResources()).resources.length, 101);
  });

  it('include the evidence of gates, and events with their actors', async () => {
    const id = await project.ok('run', 'create', '--goal=x');
    await project.run(['run', 'advance', id, '--priority=0']);
    await session.call('gates_override', { runId: id, reason: 'seen' });
    const evidence = z.array(z.object({ type: z.string(), reason: z.string() }));
    const [override, block] = evidence.parse(await json(`intercore://runs/${id}/evidence`));
    assert.deepEqual(
      { overrideType: override?.type, blockType: block?.type },
      { overrideType: 'override', blockType: 'block' },
    );
    assert.match(block?.reason ?? '', /artifact_exists/);
    const events = z.array(z.object({ type: z.string(), caller: z.string().nullable() }));
    assert.deepEqual(events.parse(await json(`intercore://runs/${id}/events`)), [
      { type: 'block', caller: 'ic' },
      { type: 'override', caller: 'mcp:test-client' },
    ]);
    const [, last] = events.parse(await json(`intercore://runs/${id}/events?afterPhase=1&afterDispatch=0`));
    assert.equal(last, undefined);
  });

  it('show a log in pages, its end first', async () => {
    const words = `awk 'BEGIN { for (i = 0; i < 20000; i++) print "zeile é " i }'`;
    const { id } = await session.ok(z.object({ id: z.string() }), 'dispatches_start', { kind: 'shell', prompt: words });
    await session.call('dispatches_wait', { dispatchId: id });
    const end = await read(`intercore://dispatches/${id}/log`);
    assert.match(end.text, /zeile é 19999\n$/);
    let whole = '';
    for (let uri: string | undefined = `intercore://dispatches/${id}/log?offset=0`; uri !== undefined;) {
      const { text, _meta } = await read(uri);
      assert.ok(Buffer.byteLength(text) <= PAGE_BYTES);
      whole += text;
      uri = _meta?.next;
    }
    assert.equal(whole.split('\n').length, 20_001);
    assert.ok(!whole.includes('\ufffd'), 'no character is torn');
  });

  it('report a log, a prompt and an exit record that were changed after the agent ended', async () => {
    const { id } = await session.ok(z.object({ id: z.string() }), 'dispatches_start', {
      kind: 'shell',
      prompt: 'echo honest',
    });
    await session.call('dispatches_wait', { dispatchId: id });
    const uri = `intercore://dispatches/${id}/log`;
    const lines = z.object({ altered: z.array(z.string()), lines: z.array(z.string()) });
    const shown = async () => ({
      page: (await read(uri)).text,
      altered: (await read(uri))._meta?.['altered'],
      tool: (await session.ok(lines, 'dispatches_log', { dispatchId: id })).altered,
    });
    assert.deepEqual(await shown(), { page: 'honest\n', altered: [], tool: [] });
    const { log, prompt, exit } = await filesOfDispatch(project.at('state/intercore/dispatches'), id);
    const times = await stat(log);
    await writeFile(log, 'forged\n');
    await utimes(log, times.atime, times.mtime);
    const notice = '(This log was changed after the agent ended.)';
    assert.deepEqual(await shown(), { page: `${notice}\nforged\n`, altered: ['log'], tool: ['log'] });
    await writeFile(prompt, 'echo other');
    assert.deepEqual((await shown()).tool, ['prompt', 'log']);
    await writeFile(exit, '{}');
    assert.deepEqual((await shown()).altered, ['prompt', 'exit']);
  });

  it('report a missing resource by code', async () => {
    for (const uri of [
      'intercore://runs/none',
      'intercore://dispatches/none/log',
      'intercore://elsewhere',
      'file:///etc/hosts',
    ]) {
      await assert.rejects(
        read(uri),
        (error: unknown) => z.object({ code: z.literal(-32002) }).safeParse(error).success,
      );
    }
  });

  it('notify a client of changes by another program', async () => {
    const id = await project.ok('run', 'create', '--goal=x');
    const heard = new EventEmitter();
    session.client.setNotificationHandler(ResourceListChangedNotificationSchema, () => void heard.emit('list'));
    session.client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      heard.emit('updated', params.uri);
    });
    const uri = `intercore://runs/${id}`;
    await session.client.subscribeResource({ uri });
    await session.client.listResources();
    const updated = once(heard, 'updated');
    await project.ok('run', 'advance', id, '--priority=4');
    assert.deepEqual(await updated, [uri]);
    const list = once(heard, 'list');
    await project.ok('run', 'create', '--goal=another');
    await list;
  });
});

describe('a page of a log', () => {
  it('never splits a character, wherever it starts', async () => {
    const project = await IcProject.open();
    try {
      const file = await ownFile(project.at('log'));
      const text = '𝄞é'.repeat(PAGE_BYTES / 4);
      await writeFile(file, text);
      const last = await readLogPage(file);
      assert.ok(text.endsWith(last.text) && last.next === undefined);
      const first = await readLogPage(file, 0);
      const second = await readLogPage(file, first.next);
      assert.ok(text.startsWith(first.text + second.text));
      assert.deepEqual(await readLogPage(await ownFile(project.at('none'))), {
        text: '',
        offset: 0,
        next: undefined,
        size: 0,
      });
      assert.equal((await readLogPage(file, 10 ** 9)).text, '');
    } finally {
      await project.close();
    }
  });
});
