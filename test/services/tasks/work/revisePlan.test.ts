/** A plan that a person gives back: its planner continues its session, or another one starts with the old plan. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentKind } from '../../../../src/contract/agentKinds';
import { giveCommand, readSessionState } from '../../../../src/host/session/files/sessionFiles';
import { findDispatch, getDispatch } from '../../../../src/kernel/dispatch/service';
import type { Task } from '../../../../src/kernel/tasks/record/model';
import { revisePlan } from '../../../../src/kernel/tasks/service';
import { handOverPlan } from '../../../../src/kernel/tasks/upkeep/stageFailures';
import { addSubtask } from '../../../../src/kernel/tasks/subtask/subtasks';
import { hasPlannerSession } from '../../../../src/services/tasks/work/resume';
import { filesOfDispatch } from '../../../support/dispatch/ownFiles';
import { SESSION_HOST } from '../../../support/sessions/hostedSession';
import { scriptedKind } from '../../../support/sessions/scriptedKind';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';
import { until } from '../../../support/until';

const REVISION = 'Split it into two subtasks.';

describe('a plan that is revised', function () {
  this.timeout(60_000);
  let fixture: TaskFixture;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(() => fixture.close());

  const attempts = (task: Task) => fixture.attempts(task, null);
  const revise = (task: Task) => fixture.kernel.write((u) => revisePlan(u, task.id, REVISION));

  /** The dispatch of the planner's next attempt, after it asked for permission. */
  async function asking(task: Task, count: number): Promise<string> {
    await fixture.when(
      'planning',
      () => attempts(task).filter(({ dispatchId }) => dispatchId !== null).length === count,
    );
    const id = attempts(task).at(-1)?.dispatchId ?? assert.fail();
    await fixture.when('started', () => fixture.kernel.read((r) => findDispatch(r, id))?.status === 'running');
    await until(
      async () => readSessionState(await filesOfDispatch(fixture.stage.storage, id)),
      (state) => (state?.requests.length ?? 0) > 0,
    );
    return id;
  }

  async function allow(id: string): Promise<void> {
    const files = await filesOfDispatch(fixture.stage.storage, id);
    await giveCommand(files, { kind: 'answer', number: 1, answer: 'allow', by: 'Ada' });
  }

  it('goes into the session of its planner, and is accepted by the same checks', async () => {
    const turns = [[{ ask: { kind: 'execute', title: 'x', rawInput: { command: 'ic' } } }]];
    const kind = await scriptedKind(fixture.stage.root, { turns });
    fixture.settings = { ...fixture.settings, planner: kind.name };
    fixture.start(fixture.dispatcher([kind], { sessionHostPath: SESSION_HOST }));
    const task = await fixture.task();
    const first = await asking(task, 1);
    await fixture.kernel.write((u) => addSubtask(u, { taskId: task.id, title: 'Write A' }));
    await allow(first);
    await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
    assert.equal(
      fixture.kernel.read((r) => hasPlannerSession(r, [kind], task.id)),
      true,
    );
    await revise(task);
    const second = await asking(task, 2);
    assert.deepEqual(
      fixture.read(task).subtasks.map(({ status }) => status),
      ['PENDING'],
    );
    await fixture.kernel.write((u) => addSubtask(u, { taskId: task.id, title: 'Write B' }));
    await allow(second);
    await fixture.when('planned again', () => fixture.read(task).task.status === 'ACTIVE');
    assert.deepEqual(
      fixture.read(task).subtasks.map(({ status }) => status),
      ['READY', 'READY'],
    );
    const journal = await readFile(path.join(fixture.stage.root, 'scripted-journal'), 'utf8');
    assert.match(journal, /"session\/resume","params":\{"sessionId":"session-1"/);
    assert.match(journal, /# Revise the plan.*Split it into two subtasks\./);
  });

  it('continues no session of its planner where a person hands it over to another kind', async () => {
    const turns = [[{ ask: { kind: 'execute', title: 'x', rawInput: { command: 'ic' } } }]];
    const kind = await scriptedKind(fixture.stage.root, { turns });
    const prompt = path.join(fixture.stage.root, 'prompt');
    const other: AgentKind = {
      name: 'other',
      command: 'sh',
      args: ['-c', `cat > '${prompt}'`],
      promptBy: 'stdin',
      parser: 'plain',
    };
    fixture.settings = { ...fixture.settings, planner: kind.name };
    fixture.start(fixture.dispatcher([kind, other], { sessionHostPath: SESSION_HOST }));
    const task = await fixture.task();
    const first = await asking(task, 1);
    await fixture.kernel.write((u) => addSubtask(u, { taskId: task.id, title: 'Write A' }));
    await allow(first);
    await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
    const continuesSession = await fixture.kernel.write((u) => {
      revisePlan(u, task.id, REVISION);
      handOverPlan(u, task.id, 'other');
      return hasPlannerSession(u, [kind, other], task.id);
    });
    assert.equal(continuesSession, false);
    await fixture.when('planned again', () => fixture.read(task).task.status === 'ACTIVE');
    assert.match(await readFile(prompt, 'utf8'), /Split it into two subtasks\.[^]*# 1\. Write A/);
    const journal = await readFile(path.join(fixture.stage.root, 'scripted-journal'), 'utf8');
    assert.doesNotMatch(journal, /session\/resume/);
  });

  it('gives another planner the old plan where its kind has no sessions', async () => {
    await fixture.agents(`if ! ic subtask list | grep -q A; then ${SINGLE_PLANNER}; fi; exit 0`, GOOD_WORKER);
    fixture.start(fixture.dispatcher());
    const task = await fixture.task();
    await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
    await revise(task);
    await fixture.when('planned again', () => fixture.read(task).task.status === 'ACTIVE');
    const last = attempts(task).at(-1);
    const { promptFile } = fixture.kernel.read((r) => getDispatch(r, last?.dispatchId ?? ''));
    assert.match(await readFile(promptFile ?? '', 'utf8'), /Split it into two subtasks\.[^]*# 1\. Write A/);
    assert.equal(attempts(task).length, 2);
  });
});
