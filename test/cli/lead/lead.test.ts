/** Agents work without a window: `ic lead` plans, builds and reports what needs a person. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { dispatchId } from '../../../src/kernel/ids';
import type { Task } from '../../../src/kernel/tasks/record/model';
import { isWaitedFor } from '../../../src/services/tasks/leader';
import { ic, type IcResult } from '../../support/ic/ic';
import { createDispatch } from '../../support/records/agentRows';
import { sqlite3 } from '../../support/records/sqlite3';
import { scriptedKind } from '../../support/sessions/scriptedKind';
import { endLeader, startLeader, untilLeads } from '../../support/tasks/killedLeaders';
import { until } from '../../support/until';
import { TaskFixture } from '../../support/tasks/taskFixture';

describe('ic lead', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;
  let task: Task;
  const run = (...args: string[]): Promise<IcResult> =>
    ic(args, {
      cwd: fixture.stage.project,
      input: 'Tell people.',
      env: { XDG_STATE_HOME: path.join(fixture.stage.root, 'state'), HOME: fixture.stage.home },
    });
  const settings = (): string[] => {
    const { plannerPrompt, workerPrompt } = fixture.settings;
    const given = {
      'agents.default': 'shell',
      'tasks.plannerPrompt': plannerPrompt,
      'tasks.workerPrompt': workerPrompt,
    };
    return Object.entries(given).flatMap(([name, value]) => ['--set', `${name}=${JSON.stringify(value)}`]);
  };
  const status = (): string => fixture.read(task).task.status;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(() => fixture.close());

  it('plans and builds a task, and exits with 1 until the person has done their part', async () => {
    const created = await run('task', 'create', '--title=Late parcels', '--body-file=-', '--auto-start', '--json');
    assert.equal(created.code, 0, created.stderr);
    await fixture.kernel.refresh();
    task = fixture.read(JSON.parse(created.stdout) as Task).task;
    const first = await run('lead', '--once', '--json', ...settings());
    assert.equal(first.code, 1, first.stdout + first.stderr);
    const events = first.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const needs = events.filter(({ event }) => event === 'needs a person');
    assert.deepEqual(
      needs.map(({ heading }) => heading),
      ['Ready to merge'],
    );
    await fixture.kernel.refresh();
    const [subtask] = fixture.read(task).subtasks;
    assert.deepEqual({ task: status(), subtask: subtask?.status }, { task: 'ACTIVE', subtask: 'COMPLETED' });
    assert.equal((await run('subtask', 'merge', subtask?.id ?? '')).code, 0);
    const second = await run('lead', '--once', ...settings());
    assert.equal(second.code, 0, second.stdout + second.stderr);
    await fixture.kernel.refresh();
    assert.equal(status(), 'DONE');
  });

  describe('with an agent in a session', () => {
    const ask = { does: 'ic subtask create --title=A && true' };
    let once: readonly string[];

    beforeEach(async () => {
      const kind = await scriptedKind(fixture.stage.root, { turns: [[ask]] });
      assert.equal((await run('task', 'create', '--title=Late parcels', '--body-file=-')).code, 0);
      const kinds = ['--set', `agents.kinds=${JSON.stringify([kind])}`, '--set', `agents.default="${kind.name}"`];
      once = ['lead', '--once', '--json', `--allow-agents=${kind.name}`, ...settings(), ...kinds];
    });

    it('is shown by ic task show with its request, and the command that answers it', async () => {
      await run(...once);
      const [task] = JSON.parse((await run('task', 'list', '--json')).stdout) as { id: string }[];
      const id = task?.id ?? '';
      const shown = await run('task', 'show', id);
      const line = /^request\t`ic subtask create --title=A && true`\tic (dispatch answer \w+ 1 allow)$/m.exec(
        shown.stdout,
      );
      assert.ok(line, shown.stdout + shown.stderr);
      const answered = await run(...(line[1] ?? '').split(' '));
      assert.equal(answered.code, 0, answered.stderr);
      await until(
        () => run('task', 'show', id, '--json'),
        ({ stdout }) => stdout.includes('"requests":[]'),
      );
    });

    it('ends with 1 if other planners have to wait for the slot of an agent that waits', async () => {
      assert.equal((await run('task', 'create', '--title=Lost parcels', '--body-file=-')).code, 0);
      const ended = await run(...once, '--set', 'tasks.maxConcurrent=1');
      assert.equal(ended.code, 1, ended.stdout + ended.stderr);
      assert.equal(ended.stdout.split('"agent waits for a person"').length, 2, ended.stdout);
    });

    it('ends with 1 if the limit of all agents is reached by one that waits, and says so', async () => {
      assert.equal((await run('task', 'create', '--title=Lost parcels', '--body-file=-')).code, 0);
      const ended = await run(...once, '--set', 'dispatch.maxConcurrent=1');
      assert.equal(ended.code, 1, ended.stdout + ended.stderr);
      assert.match(ended.stdout, /"agents that wait for a person keep all places","maxConcurrent":1/);
    });

    it('ends with 1 if the places of a portfolio are taken by an agent that waits, and says so', async () => {
      const created = await run('run', 'create', '--projects=/p/a,/p/b', '--goal=g', '--max-dispatches=1');
      const [portfolio = ''] = created.stdout.split('\n');
      assert.equal((await run('task', 'create', '--title=Lost parcels', '--body-file=-')).code, 0);
      await sqlite3(
        fixture.kernel.path,
        `UPDATE runs SET parent_run_id = '${portfolio}' WHERE id IN (SELECT run_id FROM tasks)`,
      );
      const ended = await run(...once);
      assert.equal(ended.code, 1, ended.stdout + ended.stderr);
      assert.equal(ended.stdout.split('"agent waits for a person"').length, 2, ended.stdout);
      assert.match(ended.stdout, /"event":"work waits for room".*"limit":"DISPATCH_LIMIT"/);
    });

    it('ends with 1 if the budget of a run is used up, and says so', async () => {
      const paid = await run('task', 'create', '--title=Lost parcels', '--body-file=-', '--token-budget=10', '--json');
      const { run_id: runId = '' } = JSON.parse(paid.stdout) as Record<string, string>;
      const dispatch = dispatchId.parse('spent001');
      await createDispatch(fixture.kernel.path, dispatch, { agentType: 'claude', scopeId: runId });
      await sqlite3(
        fixture.kernel.path,
        `UPDATE dispatches SET status = 'completed', input_tokens = 20 WHERE id = '${dispatch}'`,
      );
      const ended = await run(...once);
      assert.equal(ended.code, 1, ended.stdout + ended.stderr);
      assert.match(ended.stdout, /"event":"work waits for room".*"limit":"RUN_BUDGET"/);
    });

    it('ends with 1 once only agents that wait for an answer are left, and continues after the answer', async () => {
      const first = await run(...once);
      assert.equal(first.code, 1, first.stdout + first.stderr);
      const waits = first.stdout.split('\n').filter((line) => line.includes('"agent waits for a person"'));
      assert.equal(waits.length, 1, first.stdout);
      const [, id = ''] = /"dispatchId":"(\w+)".*ic dispatch answer \1 1 allow/.exec(waits[0] ?? '') ?? [];
      assert.match(first.stdout, new RegExp(`"event":"needs a person","heading":"Permission requested".*"${id}"`));
      const answered = await run('dispatch', 'answer', id, '1', 'allow');
      assert.equal(answered.code, 0, answered.stderr);
      const second = await run(...once);
      assert.equal(second.code, 1, second.stdout + second.stderr);
      assert.doesNotMatch(second.stdout, /agent waits for a person/);
      assert.match(second.stdout, /"heading":"Ready to start"/);
    });
  });

  it('uses the first agent that is installed where no setting names one', async () => {
    assert.equal((await run('task', 'create', '--title=Late parcels', '--body-file=-')).code, 0);
    const programs = path.join(fixture.stage.root, 'programs');
    await mkdir(programs);
    for (const name of ['codex', 'codex-acp']) await writeFile(path.join(programs, name), '', { mode: 0o755 });
    const home = { XDG_STATE_HOME: path.join(fixture.stage.root, 'state'), HOME: fixture.stage.home };
    const { stdout } = await ic(['lead', '--once', '--json', '--set=agents.default=""'], {
      cwd: fixture.stage.project,
      env: { ...home, PATH: `${programs}:/usr/bin:/bin`, TERM: 'dumb', SHLVL: '1' },
    });
    assert.match(stdout, /"agents wait for permission".*"kinds":\["codex-acp"\]/);
  });

  it('waits for permission of its agents, which ic needs lists, and leads once they are allowed', async () => {
    const created = await run('task', 'create', '--title=Late parcels', '--body-file=-');
    assert.equal(created.code, 0, created.stderr);
    // It is not installed here, so it has no effect.
    const leader = startLeader(fixture, '--set=agents.default="claude"');
    try {
      await until(
        () => isWaitedFor(fixture.kernel.path),
        (is) => is,
      );
      const [need] = JSON.parse((await run('needs', '--json')).stdout) as Record<string, unknown>[];
      const { kind, title } = need ?? {};
      assert.deepEqual({ kind, title }, { kind: 'agentsNotInstalled', title: 'parcels' });
      await run('agent', 'allow', 'claude');
      await untilLeads(fixture, leader.pid);
      assert.equal(await isWaitedFor(fixture.kernel.path), false);
    } finally {
      // Like a terminal that is closed.
      await endLeader(leader, 'SIGHUP');
    }
    assert.equal(leader.exitCode, 0);
  });
});
