/** Which agents wait for a person, as `ic lead` sees them. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WaitingAgents } from '../../../src/cli/lead/waitingAgents';
import type { PermissionRule } from '../../../src/contract/permissions/model';
import { rulesDigest } from '../../../src/host/session/rulesDigest';
import { portfolioLocationAt } from '../../../src/host/files/paths';
import { silentLog, type LogFields } from '../../../src/host/log';
import { Emitter } from '../../../src/kernel/emitter';
import { dispatchId } from '../../../src/kernel/ids';
import { ProjectKernel } from '../../../src/services/record/kernels';
import type { LedRecords } from '../../../src/services/dispatch/queue/ledRecords';
import { permission, SessionFixture } from '../../support/dispatch/sessions';
import { testDeps } from '../../support/projects';
import { createDispatch } from '../../support/records/agentRows';

const ID = dispatchId.parse('disp0001');

describe('agents that wait for a person', () => {
  let folder: string;
  let kernel: ProjectKernel;
  let session: SessionFixture;
  let agents: WaitingAgents;
  let hints: unknown[];
  let rules: PermissionRule[] | undefined;
  let nowMs: number;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'intercore-'));
    const database = path.join(folder, '.clavain/intercore.db');
    kernel = new ProjectKernel(portfolioLocationAt(database), testDeps());
    await kernel.load();
    await kernel.initialize();
    await createDispatch(database, ID, { agentType: 'acp' });
    await kernel.refresh();
    session = await SessionFixture.make(folder, ID);
    hints = [];
    rules = undefined;
    nowMs = 0;
    const changes = new Emitter<Parameters<Parameters<LedRecords['onDidChange']>[0]>[0]>(assert.ifError);
    const states = new Emitter<Parameters<Parameters<LedRecords['onDidChangeState']>[0]>[0]>(assert.ifError);
    const warn = (_event: string, fields: LogFields = {}): void => void hints.push(fields['hint']);
    const records = { onDidChange: changes.event, onDidChangeState: states.event };
    agents = new WaitingAgents(
      records,
      () => [folder],
      () => rules,
      { ...silentLog, warn },
      { nowMs: () => nowMs },
    );
    states.fire({ kernel, state: kernel.state });
  });
  afterEach(async () => {
    agents.dispose();
    await kernel.dispose();
    await rm(folder, { recursive: true });
  });

  it('are not those that are running', async () => {
    await session.write();
    await agents.read();
    assert.deepEqual(
      { is: agents.isWaiting(ID), isAny: agents.isAnyWaiting, hints },
      { is: false, isAny: false, hints: [] },
    );
  });

  it('are those with an open request, and each request is logged once', async () => {
    await session.write({ requests: [permission()] });
    await agents.read();
    await agents.read();
    assert.deepEqual({ is: agents.isWaiting(ID), isAny: agents.isAnyWaiting }, { is: true, isAny: true });
    assert.equal(hints.length, 1);
    assert.match(String(hints[0]), /^ic dispatch answer disp0001 1 allow;/);
  });

  it('are not those whose requests the rules of the leader are about to judge', async () => {
    rules = [{ command: 'npm test', then: 'allow' }];
    await session.write({ requests: [permission()], rulesDigest: rulesDigest([]) });
    await agents.read();
    assert.deepEqual({ is: agents.isWaiting(ID), isAny: agents.isAnyWaiting }, { is: false, isAny: false });
    await session.write({ requests: [permission()], rulesDigest: rulesDigest(rules) });
    await agents.read();
    assert.deepEqual({ is: agents.isWaiting(ID), hints: hints.length }, { is: true, hints: 1 });
  });

  it('are those that keep the rules of another program', async () => {
    rules = [{ command: 'npm test', then: 'allow' }];
    await session.write({ requests: [permission()], rulesDigest: rulesDigest([]) });
    await agents.read();
    nowMs = 10_000;
    await agents.read();
    assert.deepEqual({ is: agents.isWaiting(ID), hints: hints.length }, { is: true, hints: 1 });
  });

  it('are those that are paused, and each pause is logged', async () => {
    for (const phase of ['paused', 'running', 'paused'] as const) {
      await session.write({ phase });
      await agents.read();
      assert.equal(agents.isWaiting(ID), phase === 'paused');
    }
    assert.deepEqual(hints, ['ic dispatch resume disp0001', 'ic dispatch resume disp0001']);
  });
});
