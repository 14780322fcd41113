/** A plan that is refused: the next attempt continues the planner's session with only what was wrong. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Task } from '../../../../src/kernel/tasks/record/model';
import { LogText } from '../../../../src/services/agents/logText';
import { filesOfDispatch } from '../../../support/dispatch/ownFiles';
import { SESSION_HOST } from '../../../support/sessions/hostedSession';
import type { AgentScript, Step } from '../../../support/sessions/scriptedAgent';
import { scriptedKind } from '../../../support/sessions/scriptedKind';
import { TaskFixture } from '../../../support/tasks/taskFixture';

const TEMPLATE = path.resolve(__dirname, '../../../../../prompts/planner.md');
/** In each prompt of a second attempt. */
const SECOND = 'Attempt 1 did not succeed: ';

const create = (title: string): Step => ({ does: `ic subtask create --title="${title}"` });

interface Refused {
  readonly what: string;
  /** What the planner does in its first attempt. */
  readonly first: readonly Step[];
  readonly reason: RegExp;
  /** What it does in its second one. */
  readonly second: readonly Step[];
}

const REFUSED: readonly Refused[] = [
  { what: 'without subtasks', first: [], reason: /^it has no subtasks$/, second: [create('Write A')] },
  {
    what: 'with a circle',
    first: [create('Write A'), create('Write B')],
    reason: /^its subtasks wait for each other in a circle: Write (A → Write B → Write A|B → Write A → Write B)$/,
    second: [],
  },
  {
    what: 'whose planner failed',
    first: [create('Write A'), { fail: { code: -32603, message: 'The plan is not finished.' } }],
    reason: /^The plan is not finished\. \(exit code 1\)$/,
    second: [],
  },
];

describe('the planner of a refused plan', function () {
  this.timeout(60_000);
  let fixture: TaskFixture;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(() => fixture.close());

  /** As `ic` refuses a circle, it comes from another program, which corrects it after the first attempt. */
  async function changeCircle(task: Task): Promise<void> {
    const [a, b] = fixture.read(task).subtasks;
    assert.ok(a && b);
    const isFirst = fixture.attempts(task).length === 1;
    const change = isFirst
      ? 'INSERT INTO subtask_dependencies (subtask_id, depends_on_id) VALUES (?, ?), (?, ?)'
      : 'DELETE FROM subtask_dependencies WHERE (subtask_id, depends_on_id) IN (VALUES (?, ?), (?, ?))';
    await fixture.kernel.write((u) => {
      u.db.run(change, [a.id, b.id, b.id, a.id]);
    });
  }

  /** Plans until the plan is accepted. */
  async function planned({ what, first, second }: Refused, script: Partial<AgentScript> = {}): Promise<Task> {
    const kind = await scriptedKind(fixture.stage.root, {
      turns: [[]],
      turnsOf: { [SECOND]: [second], '# Planning task': [first] },
      ...script,
    });
    fixture.settings = { ...fixture.settings, planner: kind.name, plannerPrompt: TEMPLATE };
    const changes: Promise<void>[] = [];
    fixture.beforeStage = (stage) => {
      if (stage === 'planStore' && what === 'with a circle') changes.push(changeCircle(task));
    };
    fixture.start(fixture.dispatcher([kind], { sessionHostPath: SESSION_HOST }));
    const task = await fixture.task();
    await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
    await Promise.all(changes);
    return task;
  }

  /** How the agents' sessions were opened, and the first part of each prompt. */
  async function journal(): Promise<{ readonly opened: string[]; readonly prompts: string[] }> {
    const text = await readFile(path.join(fixture.stage.root, 'scripted-journal'), 'utf8');
    const messages = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { method?: string; params?: { prompt?: { text: string }[] } });
    return {
      opened: messages.flatMap(({ method = '' }) => (/^session\/(new|resume)$/.test(method) ? [method] : [])),
      prompts: messages.flatMap(({ params }) => params?.prompt?.[0]?.text ?? []),
    };
  }

  for (const refused of REFUSED) {
    it(`continues its session with only what was wrong (${refused.what})`, async () => {
      const task = await planned(refused);
      const { opened, prompts } = await journal();
      assert.deepEqual(opened, ['session/new', 'session/resume']);
      assert.match(prompts[0] ?? '', /^# Planning task\n[^]*Tell people\./);
      const correct = 'Run `ic subtask list` first. You are done when it shows the whole plan. Then end.';
      const rest = 'Check what is done, fix what is wrong, and finish. Your previous instructions still apply.';
      const reason = fixture.attempts(task)[0]?.errorMessage ?? '';
      assert.match(reason, refused.reason);
      const retry = ['# Try again', '## Previous attempt', `${SECOND}${reason}`, rest, `${correct}\n`];
      assert.deepEqual(prompts.slice(1), [retry.join('\n\n')]);
      const statuses = fixture.attempts(task).map(({ status }) => status);
      assert.deepEqual(statuses, ['FAILED', 'SUCCEEDED']);
    });
  }

  it('gets the whole prompt in a new session where the agent has forgotten the one before, and its log says so', async () => {
    const [refused] = REFUSED;
    assert.ok(refused);
    const task = await planned(refused, { resume: 'unknown' });
    const { opened, prompts } = await journal();
    assert.deepEqual(opened, ['session/new', 'session/resume', 'session/new']);
    const [, second = ''] = prompts;
    assert.match(second, /^# Planning task\n[^]*Tell people\./);
    assert.ok(second.includes(`${SECOND}it has no subtasks`));
    const last = fixture.attempts(task).at(-1);
    const { log } = await filesOfDispatch(fixture.stage.storage, last?.dispatchId ?? '');
    const text = new LogText('acp');
    const shown = (await readFile(log, 'utf8')).split('\n').flatMap((line) => text.render(line));
    assert.ok(shown.some((line) => line.includes('new, because the earlier one is gone')));
  });
});
