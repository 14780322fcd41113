/** What this user has entered and allowed is known outside the record, which travels. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AgentKind } from '../../../../src/contract/agentKinds';
import { BUILT_IN_AGENT_KINDS } from '../../../../src/services/agents/builtInKinds';
import { FolderLedger } from '../../../../src/host/files/folderLedger';
import { AgentConsents } from '../../../../src/services/consent/agentConsent';
import { OwnWork } from '../../../../src/services/dispatch/context/ownWork';
import { planned } from '../../../support/tasks/taskRecord';
import { Projects } from '../../../support/projects';

describe('what a user has decided about a folder', () => {
  const projects = Projects.ofSuite();
  let state = '';

  beforeEach(async () => {
    state = await mkdtemp(path.join(tmpdir(), 'state-'));
  });
  afterEach(() => rm(state, { recursive: true, force: true }));

  it('lists tasks in progress that another user wrote, until they are allowed', async () => {
    const kernel = await projects.create();
    const { task } = await kernel.write((u) => planned(u, { A: [] }));
    const work = new OwnWork(new FolderLedger(state, 'work'));
    const foreign = () => kernel.read((r) => work.foreignTasks(kernel.folder, r)).map(({ id }) => id);
    assert.deepEqual(foreign(), [task.id]);
    work.noteTasks(kernel.folder, [task.id]);
    assert.deepEqual(foreign(), []);
    assert.deepEqual(
      kernel.read((r) => work.foreignTasks('/another', r)).map(({ id }) => id),
      [task.id],
    );
  });

  it('allows a kind by its whole command line, in one folder', () => {
    const consents = new AgentConsents(new FolderLedger(state, 'agents'));
    const kind: AgentKind = { name: 'k', command: 'c', args: ['a'], promptBy: 'stdin', parser: 'claude' };
    consents.allow('/a', [kind]);
    assert.ok(consents.isAllowed('/a', { ...kind }));
    assert.ok(!consents.isAllowed('/b', kind));
    const changes: readonly Partial<AgentKind>[] = [
      ...[{ command: 'd' }, { args: ['a', 'b'] }, { promptBy: 'file' as const }, { parser: 'plain' as const }],
      ...[{ env: { PATH: '/x' } }, { passEnv: ['SECRET'] }, { sandbox: 'none' }],
    ];
    for (const change of changes) assert.ok(!consents.isAllowed('/a', { ...kind, ...change }), JSON.stringify(change));
    const inSession = { protocol: 'acp', session: { askMode: 'ask' } } as const;
    consents.allow('/a', [{ ...kind, ...inSession }]);
    assert.ok(
      consents.isAllowed('/a', { ...kind, protocol: 'acp', session: { askMode: 'ask', usageMeaning: 'turn' } }),
    );
    assert.ok(!consents.isAllowed('/a', { ...kind, protocol: 'acp', session: { askMode: 'other' } }));
    assert.ok(!consents.isAllowed('/a', { ...kind, protocol: 'acp' }));
    assert.throws(() => consents.require('/b', kind), { code: 'AGENT_NOT_ALLOWED' });
    consents.revoke('/a', 'k');
    assert.ok(!consents.isAllowed('/a', kind));
  });

  it('asks for every built-in kind but the one whose prompt is the program', () => {
    const consents = new AgentConsents(new FolderLedger(state, 'agents'));
    const free = BUILT_IN_AGENT_KINDS.filter((kind) => consents.isAllowed('/a', kind)).map(({ name }) => name);
    assert.deepEqual(free, ['shell']);
    assert.ok(
      !consents.isAllowed('/a', { name: 'shell', command: 'evil', args: [], promptBy: 'stdin', parser: 'plain' }),
    );
  });
});
