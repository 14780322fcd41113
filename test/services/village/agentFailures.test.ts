/** Agents that fail for a reason the work has no part in: nothing is counted, and work continues when it can. */
import assert from 'node:assert/strict';
import path from 'node:path';
import type { AgentKind } from '../../../src/contract/agentKinds';
import { AccountHolds } from '../../../src/host/accountHolds';
import { findStageFailure, stageFailures } from '../../../src/kernel/village/stageHolds';
import { selectEvents } from '../../../src/kernel/village/store';
import { GOOD_WORKER, SINGLE_PLANNER, VillageStage } from '../../support/villageStage';

const FAKE: AgentKind = { name: 'fake', command: 'sh', args: ['${promptFile}'], promptBy: 'file', parser: 'claude' };

describe('an agent that fails apart from its work', function () {
  this.timeout(120_000);
  let village: VillageStage;
  let marker: string;

  beforeEach(async () => {
    village = await VillageStage.open();
    village.settings = { ...village.settings, planner: 'fake', worker: 'fake' };
    marker = path.join(village.stage.root, 'tries');
  });
  afterEach(() => village.close());

  const says = (text: string): string =>
    `printf '%s\\n' '{"type":"result","subtype":"success","is_error":true,"result":"${text}"}'; exit 1`;
  /** Fails so often with a text, then works. */
  const failing = (times: number, text: string, work: string, file = marker): string =>
    `echo try >> ${file}; if [ "$(wc -l < ${file})" -le ${times} ]; then ${says(text)}; fi\n${work}`;

  const start = () => {
    const accounts = new AccountHolds(path.join(village.stage.root, 'accounts'));
    village.start(village.dispatcher([FAKE], { accounts }));
    return village.task({ autoStart: true });
  };
  const reasons = (id: string) => village.kernel.read((r) => selectEvents(r, id, 0)).map(({ reason }) => reason ?? '');

  it('is tried again when its limit resets, planner and worker alike, and no attempt is used up', async () => {
    const limit = 'API Error: 429 too many requests, try again in 1 second';
    const planner = failing(1, limit, SINGLE_PLANNER, `${marker}-plan`);
    await village.agents(planner, failing(1, limit, GOOD_WORKER));
    const task = await start();
    await village.when('done', () => village.read(task).subtasks[0]?.status === 'COMPLETED');
    const [subtask] = village.read(task).subtasks;
    assert.ok(subtask);
    assert.deepEqual(
      village.attempts(task, subtask.id).map(({ attempt, status }) => [attempt, status]),
      [[1, 'SUCCEEDED']],
    );
    assert.equal(reasons(task.id).filter((reason) => reason.startsWith('attempt 1 is not counted: ')).length, 2);
    assert.deepEqual(village.kernel.read(stageFailures), []);
  });

  it('needs a person after three network failures in a row', async () => {
    await village.agents(SINGLE_PLANNER, failing(99, 'API Error: Connection error.', GOOD_WORKER));
    const task = await start();
    await village.when('planned', () => village.read(task).subtasks.length > 0);
    const id = village.read(task).subtasks[0]?.id ?? assert.fail();
    const found = () => village.kernel.read((r) => findStageFailure(r, 'agent', id));
    await village.when('held for a person', () => found()?.nextAt === null);
    assert.deepEqual([found()?.tries, village.attempts(task, id).length], [3, 0]);
    assert.match(village.subtask(id).lastError ?? '', /Connection error/);
  });

  it('stops at once where it is not signed in, and says what to do', async () => {
    await village.agents(SINGLE_PLANNER, says('Not logged in · Please run /login'));
    const task = await start();
    await village.when('failed', () => village.read(task).subtasks[0]?.blockedReason === 'FAILURE');
    const [subtask] = village.read(task).subtasks;
    assert.ok(subtask);
    assert.match(subtask.lastError ?? '', /Not logged in.*type \/login/s);
    assert.equal(village.attempts(task, subtask.id).length, 1);
  });
});
