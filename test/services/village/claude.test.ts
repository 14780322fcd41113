/** A task from a person's words to merged work, by the real Claude CLI as planner and as every worker, offline. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { BUILT_IN_AGENT_KINDS, type AgentKind } from '../../../src/contract/agentKinds';
import { getRun } from '../../../src/kernel/run/queries';
import { runTokens } from '../../../src/kernel/budget/service';
import type { Subtask } from '../../../src/kernel/village/model';
import { mergeOnThisMachine } from '../../../src/services/village/landing';
import { claudeEnvironment } from '../../support/agents/environment';
import { installAgent } from '../../support/agents/install';
import { reply, run, say, type Script } from '../../support/agents/script';
import { startModelServer, type ModelServer } from '../../support/agents/server';
import { VillageStage } from '../../support/villageStage';

const SOURCE = path.resolve(__dirname, '../../../..');

/** Writes a text to a file without the shell reading it. */
const file = (name: string, text: string): string => `cat > "$TMPDIR/${name}" <<'TEXT'\n${text}\nTEXT\n`;

const BODY = [
  '## Spec',
  'It is there.',
  '## Implementation Plan',
  '1. Write it.',
  '## Acceptance Criteria',
  '- It is there.',
];
const HOSTILE = 'Say "$(whoami)" and `id` --force';

const subtask = (variable: string, title: string): string =>
  `${file('title.txt', title)}${file('body.md', BODY.join('\n'))}` +
  `${variable}=$(ic subtask create --title-file="$TMPDIR/title.txt" --body-file="$TMPDIR/body.md")`;

const SCRIPTS: readonly Script[] = [
  {
    name: 'planner',
    prompt: '# You plan',
    expect: { prompt: ['Late parcels', 'Tell people.', 'ic subtask create'], tools: ['Bash'] },
    turns: [
      reply([say('I look at the code first.'), run('git log --oneline && ls')], { input: 500, output: 20 }),
      reply(
        [
          run(
            [
              ...[subtask('a', 'Write A'), subtask('b', HOSTILE), subtask('c', 'Write C'), subtask('d', 'Write D')],
              'ic subtask depend "$b" --on="$a" && ic subtask depend "$c" --on="$a"',
              'ic subtask depend "$d" --on="$b" && ic subtask depend "$d" --on="$c" && ic subtask list',
            ].join('\n'),
          ),
        ],
        { input: 700, output: 90 },
      ),
      reply([say('The plan is written.')], { input: 60, output: 5 }),
    ],
  },
  {
    name: 'worker',
    prompt: '# You build',
    expect: { prompt: ['It is there.', 'ic subtask close'], tools: ['Bash'] },
    turns: [
      reply([run('git status --short && git log --oneline -3')], { input: 300, output: 10 }),
      reply([run('echo work > "$INTERCORE_SUBTASK_ID.txt" && git add --all && git commit -qm "Do the work"')], {
        input: 300,
        output: 30,
      }),
      reply([run('ic subtask close --reason="Implementation complete"')], { input: 100, output: 10 }),
      reply([say('It is done.')], { input: 50, output: 4 }),
    ],
  },
];

describe('the village with the real claude CLI', function () {
  this.timeout(240_000);
  let village: VillageStage;
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
    models = await startModelServer(SCRIPTS);
    closers.push(() => models.close());
    village = await VillageStage.open();
    closers.push(() => village.close());
    const env = await claudeEnvironment({ url: models.url, home: path.join(village.stage.root, 'claude-home') });
    const builtIn = BUILT_IN_AGENT_KINDS.find(({ name }) => name === 'claude') ?? assert.fail('no kind');
    kind = { ...builtIn, command: claude.binary, env };
    village.settings = {
      ...village.settings,
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

  it('plans a diamond, builds its four parts and lands them all on main', async () => {
    const deps = village.deps(village.dispatcher([kind]));
    village.start(deps.dispatcher);
    const task = await village.task({ autoStart: true });
    await village.when('planned', () => village.read(task).task.status !== 'PLANNING');
    const { subtasks } = village.read(task);
    assert.deepEqual(
      subtasks.map(({ title, acceptanceCriteria }) => [title, acceptanceCriteria]),
      ['Write A', HOSTILE, 'Write C', 'Write D'].map((title) => [title, '- It is there.']),
      JSON.stringify([village.read(task).task.planningError, models.errors]),
    );

    while (village.read(task).task.status === 'ACTIVE') {
      const completed = (): Subtask | undefined =>
        village.read(task).subtasks.find((one) => one.status === 'COMPLETED');
      const isStuck = (): boolean => village.read(task).subtasks.some((one) => one.blockedReason === 'FAILURE');
      await village.when('one more is completed', () => completed() !== undefined || isStuck());
      assert.equal(isStuck(), false, JSON.stringify(village.read(task).subtasks.map(({ lastError }) => lastError)));
      await mergeOnThisMachine(deps, completed()?.id ?? '');
    }

    assert.deepEqual(models.errors, []);
    assert.equal(village.read(task).task.status, 'DONE');
    assert.equal(village.kernel.read((r) => getRun(r, task.runId)).status, 'completed');
    for (const { id } of subtasks) assert.equal(await village.git('show', `main:${id}.txt`), 'work');
    assert.equal((await village.git('worktree', 'list')).split('\n').length, 1);
    const tokens = village.kernel.read((r) => runTokens(r, task.runId));
    assert.deepEqual([tokens.inputTokens, tokens.outputTokens], [1260 + 4 * 750, 115 + 4 * 54]);
  });
});
