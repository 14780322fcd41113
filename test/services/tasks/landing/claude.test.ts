/** A task from a person's words to merged work, by the real Claude CLI as planner and as every worker, offline. */
import assert from 'node:assert/strict';
import path from 'node:path';
import type { AgentKind } from '../../../../src/contract/agentKinds';
import { BUILT_IN_AGENT_KINDS } from '../../../../src/services/agents/builtInKinds';
import { getRun } from '../../../../src/kernel/run/record/queries';
import { runTokens } from '../../../../src/kernel/budget/service';
import type { Subtask } from '../../../../src/kernel/tasks/record/model';
import { mergeOnThisMachine } from '../../../../src/services/tasks/landing/branchLanding';
import { DIAMOND_SCRIPTS, DIAMOND_TITLES } from '../../../support/agents/diamond';
import { claudeEnvironment } from '../../../support/agents/environment';
import { installAgent } from '../../../support/agents/install';
import { startModelServer, type ModelServer } from '../../../support/agents/server';
import { itLong } from '../../../support/long';
import { TaskFixture } from '../../../support/tasks/taskFixture';

const SOURCE = path.resolve(__dirname, '../../../../..');

describe('tasks with the real claude CLI', function () {
  this.timeout(240_000);
  let fixture: TaskFixture;
  let models: ModelServer;
  let kind: AgentKind;
  const closers: (() => Promise<unknown>)[] = [];

  before(async function () {
    this.timeout(400_000);
    const claude = await installAgent('claude');
    if (claude.kind !== 'installed') {
      console.warn(`      claude is skipped: ${claude.reason}`);
      return this.skip();
    }
    models = await startModelServer(DIAMOND_SCRIPTS);
    closers.push(() => models.close());
    fixture = await TaskFixture.open();
    closers.push(() => fixture.close());
    const env = await claudeEnvironment({ url: models.url, home: path.join(fixture.stage.root, 'claude-home') });
    const builtIn = BUILT_IN_AGENT_KINDS.find(({ name }) => name === 'claude') ?? assert.fail('no kind');
    kind = { ...builtIn, command: claude.binary, env };
    fixture.settings = {
      ...fixture.settings,
      planner: 'claude',
      worker: 'claude',
      maxConcurrent: 2,
      plannerPrompt: path.join(SOURCE, 'prompts', 'planner.md'),
      workerPrompt: path.join(SOURCE, 'prompts', 'worker.md'),
    };
  });
  after(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  itLong('plans a diamond, builds its four parts and lands them all on main', async () => {
    const deps = fixture.deps(fixture.dispatcher([kind]));
    fixture.start(deps.dispatcher);
    const task = await fixture.task({ autoStart: true });
    await fixture.when('planned', () => fixture.read(task).task.status !== 'PLANNING');
    const { subtasks } = fixture.read(task);
    assert.deepEqual(
      subtasks.map(({ title, acceptanceCriteria }) => [title, acceptanceCriteria]),
      DIAMOND_TITLES.map((title) => [title, '- It is there.']),
      JSON.stringify([fixture.read(task).task.planningError, models.errors]),
    );

    while (fixture.read(task).task.status === 'ACTIVE') {
      const completed = (): Subtask | undefined =>
        fixture.read(task).subtasks.find((subtask) => subtask.status === 'COMPLETED');
      const isStuck = (): boolean => fixture.read(task).subtasks.some((subtask) => subtask.blockedReason === 'FAILURE');
      await fixture.when('one more is completed', () => completed() !== undefined || isStuck());
      assert.equal(isStuck(), false, JSON.stringify(fixture.read(task).subtasks.map(({ lastError }) => lastError)));
      await mergeOnThisMachine(deps, completed()?.id ?? '');
    }

    assert.deepEqual(models.errors, []);
    assert.equal(fixture.read(task).task.status, 'DONE');
    assert.equal(fixture.kernel.read((r) => getRun(r, task.runId)).status, 'completed');
    for (const { id } of subtasks) assert.equal(await fixture.git('show', `main:${id}.txt`), 'work');
    assert.equal((await fixture.git('worktree', 'list')).split('\n').length, 1);
    const tokens = fixture.kernel.read((r) => runTokens(r, task.runId));
    assert.deepEqual(
      { inputTokens: tokens.inputTokens, outputTokens: tokens.outputTokens },
      { inputTokens: 1260 + 4 * 750, outputTokens: 115 + 4 * 54 },
    );
  });
});
