/** The protocol's list of agents: fetched on demand, within limits, and never a source of command lines. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ListProblem } from '../../../../../src/contract/agentList';
import { agentListFile } from '../../../../../src/host/state/stateFolder';
import { ADDABLE_AGENTS } from '../../../../../src/services/agents/acp/installation/adapters';
import {
  fetchedList,
  listedAgents,
  MAX_LIST_BYTES,
} from '../../../../../src/services/agents/acp/installation/agentList';
import { refreshList, type ListRefresh } from '../../../../../src/services/agents/acp/installation/refreshList';
import { LISTED, startListServer, type ListServer } from '../../../../support/agents/listServer';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('the list of agents', () => {
  let root: string;
  let environment: NodeJS.ProcessEnv;
  let server: ListServer;

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'intercore-list-'));
    environment = { XDG_STATE_HOME: root };
    server = await startListServer(LISTED);
  });
  afterEach(async () => {
    await server.close();
    await rm(root, { recursive: true, force: true });
  });

  const refresh = (address = server.address, nowMs = 1): Promise<ListRefresh> =>
    refreshList({ stateEnvironment: environment, address, nowMs, limitMs: 2000 });

  it('is fetched with its date and source, and kept', async () => {
    const { kind } = await refresh(server.address, 5);
    const list = await fetchedList(environment);
    assert.equal(kind, 'fetched');
    assert.deepEqual(
      { address: list?.address, fetchedAtMs: list?.fetchedAtMs },
      { address: server.address, fetchedAtMs: 5 },
    );
    const [request] = server.requests;
    assert.ok(request !== undefined);
    assert.equal(request.accept, 'application/json');
    assert.equal(request['if-none-match'], undefined);
  });

  it('names why each agent cannot be added, and leaves out damaged entries', async () => {
    await refresh();
    const listed = listedAgents(await fetchedList(environment));
    assert.deepEqual(
      listed.map(({ id, because }) => [id, because]),
      [
        ['pinned', 'noChecksum'],
        ['latest', 'notPinned'],
        ['python', 'noPackage'],
        ['native', 'noPackage'],
        ['claude-acp', 'noChecksum'],
      ],
    );
    assert.deepEqual(listed[0], {
      id: 'pinned',
      title: 'The pinned',
      version: '1.2.3',
      license: 'MIT',
      because: 'noChecksum',
    });
  });

  it('is not sent again while it has not changed', async () => {
    await refresh();
    assert.equal((await refresh(server.address, 7)).kind, 'unchanged');
    assert.equal((await fetchedList(environment))?.fetchedAtMs, 7);
    server.list = { agents: LISTED.agents.slice(1, 2) };
    assert.equal((await refresh()).kind, 'fetched');
    assert.equal((await fetchedList(environment))?.agents.length, 1);
  });

  const answers: Readonly<Record<string, readonly [ListProblem, (response: ServerResponse) => void]>> = {
    'a page': ['type', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
    'another JSON': ['content', (response) => response.writeHead(200, JSON_TYPE).end('[1]')],
    'a list without sound agents': ['content', (r) => r.writeHead(200, JSON_TYPE).end('{"agents":[{"id":1}]}')],
    'broken JSON': ['content', (response) => response.writeHead(200, JSON_TYPE).end('{"agents":')],
    'a huge list': [
      'size',
      (response) => response.writeHead(200, JSON_TYPE).end(Buffer.alloc(MAX_LIST_BYTES + 1, ' ')),
    ],
    'an error': ['status', (response) => response.writeHead(503).end()],
    'a 304 that was not asked for': ['status', (response) => response.writeHead(304).end()],
    'a redirect to a file': [
      'redirect',
      (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    ],
    'a redirect without encryption': ['redirect', (r) => r.writeHead(302, { location: 'http://example.com/' }).end()],
    'a redirect with a user': ['redirect', (r) => r.writeHead(302, { location: 'https://a:b@example.com/' }).end()],
    'redirects in a circle': ['redirect', (response) => response.writeHead(302, { location: server.address }).end()],
    nothing: ['connection', (response) => response.destroy()],
  };
  for (const [what, [problem, answer]] of Object.entries(answers)) {
    it(`stays as it was where the server sends ${what}`, async () => {
      server.answer = answer;
      const refreshed = await refresh();
      assert.equal(refreshed.kind === 'failed' ? refreshed.problem : refreshed.kind, problem);
      assert.equal(existsSync(agentListFile(environment)), false);
      assert.equal(
        listedAgents(await fetchedList(environment)).some(({ id }) => id === 'kilo'),
        true,
      );
    });
  }

  it('is not waited for without end', async () => {
    server.answer = (response) => response.writeHead(200, JSON_TYPE).write('{');
    const { address } = server;
    const refreshed = await refreshList({ stateEnvironment: environment, address, nowMs: 1, limitMs: 200 });
    assert.deepEqual(refreshed, { kind: 'failed', problem: 'time', said: '' });
  });

  for (const address of ['http://example.com/list.json', 'file:///list.json', 'https://a:b@example.com/', 'list']) {
    it(`is not fetched from ${address}`, async () => {
      assert.deepEqual(await refresh(address), { kind: 'failed', problem: 'address', said: '' });
    });
  }

  it('bundles no agent that can be added', () => {
    const names = new Set(ADDABLE_AGENTS.map(({ name }) => name));
    assert.deepEqual(
      listedAgents(undefined).filter(({ id }) => names.has(id)),
      [],
    );
  });
});
