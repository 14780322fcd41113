/** Agents that fail for a reason the work has no part in: nothing is counted, and work continues when it can. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentKind } from '../../../../src/contract/agentKinds';
import { AccountHolds } from '../../../../src/host/state/accountHolds';
import { systemClock } from '../../../../src/host/clock';
import { silentLog } from '../../../../src/host/log';
import { handOverPlan, handOverWork } from '../../../../src/kernel/tasks/upkeep/stageFailures';
import { findStageFailure, stageFailures } from '../../../../src/kernel/tasks/upkeep/stageHolds';
import { selectEvents } from '../../../../src/kernel/tasks/record/store';
import { accountOf } from '../../../../src/services/dispatch/context/accounts';
import { HeldAccounts, pauseAccounts, resumeAccounts } from '../../../../src/services/dispatch/context/heldAccounts';
import { environmentOf } from '../../../support/dispatch/environment';
import { itLong } from '../../../support/long';
import { until } from '../../../support/until';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';

const FAKE: AgentKind = { name: 'fake', command: 'sh', args: ['${promptFile}'], promptBy: 'file', parser: 'claude' };

describe('an agent that fails apart from its work', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;
  let marker: string;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
    fixture.settings = { ...fixture.settings, planner: 'fake', worker: 'fake' };
    marker = path.join(fixture.stage.root, 'tries');
  });
  afterEach(() => fixture.close());

  const says = (text: string): string =>
    `printf '%s\\n' '{"type":"result","subtype":"success","is_error":true,"result":"${text}"}'; exit 1`;
  /** Fails so often with a text, then works. */
  const failing = (times: number, text: string, work: string, file = marker): string =>
    `echo try >> ${file}; if [ "$(wc -l < ${file})" -le ${times} ]; then ${says(text)}; fi\n${work}`;

  const start = () => {
    const accounts = new AccountHolds(path.join(fixture.stage.root, 'accounts'));
    fixture.start(fixture.dispatcher([FAKE], { accounts }));
    return fixture.task({ autoStart: true });
  };
  /** A kind with an account of its own, and the files of its program and of the prompt that this may keep. */
  const otherKind = () => {
    const program = path.join(fixture.stage.root, 'other.sh');
    const env = { ANTHROPIC_API_KEY: 'other' };
    const other: AgentKind = { ...FAKE, name: 'other', args: [program], promptBy: 'stdin', env };
    return { other, program, prompt: path.join(fixture.stage.root, 'prompt') };
  };
  const reasons = (id: string) => fixture.kernel.read((r) => selectEvents(r, id, 0)).map(({ reason }) => reason ?? '');

  itLong('is tried again when its limit resets, planner and worker alike, and no attempt is used up', async () => {
    const limit = 'API Error: 429 too many requests, try again in 1 second';
    const planner = failing(1, limit, SINGLE_PLANNER, `${marker}-plan`);
    await fixture.agents(planner, failing(1, limit, GOOD_WORKER));
    const task = await start();
    await fixture.when('done', () => fixture.read(task).subtasks[0]?.status === 'COMPLETED');
    const [subtask] = fixture.read(task).subtasks;
    assert.ok(subtask);
    assert.deepEqual(
      fixture.attempts(task, subtask.id).map(({ attempt, status }) => [attempt, status]),
      [[1, 'SUCCEEDED']],
    );
    assert.equal(reasons(task.id).filter((reason) => reason.startsWith('attempt 1 is not counted: ')).length, 2);
    assert.deepEqual(fixture.kernel.read(stageFailures), []);
  });

  itLong('is tried again at once when its limit reset before the ending was judged', async () => {
    const limit = "Claude usage limit reached|'$(date +%s)'";
    await fixture.agents(SINGLE_PLANNER, failing(1, limit, GOOD_WORKER));
    const task = await start();
    await fixture.when('done', () => fixture.read(task).subtasks[0]?.status === 'COMPLETED');
    assert.equal(fixture.attempts(task, fixture.read(task).subtasks[0]?.id).length, 1);
  });

  it('waits with its account, takes no place, and continues when a person resumes that', async () => {
    const accounts = new AccountHolds(path.join(fixture.stage.root, 'accounts'));
    const environment = environmentOf({ ...process.env, HOME: fixture.stage.home });
    const held = new HeldAccounts({
      accounts,
      kinds: () => [FAKE],
      accountOf: (kind) => accountOf({ environment }, kind),
      clock: systemClock,
      log: silentLog,
    });
    fixture.held = held;
    await fixture.agents(SINGLE_PLANNER, failing(1, 'Claude usage limit reached, try again in 2 hours', GOOD_WORKER));
    const orchestrator = fixture.start(fixture.dispatcher([FAKE], { accounts, environment }));
    const task = await fixture.task({ autoStart: true });
    const found = () => fixture.kernel.read(stageFailures);
    await fixture.when('held', () => found()[0]?.stage === 'agent');
    const second = await fixture.task();
    await held.settled();
    pauseAccounts(accounts, 'fake', Date.now());
    await until(
      () => Promise.resolve(held.kinds.get('fake')?.untilMs === null && orchestrator.isAtRest()),
      (isAtRest) => isAtRest,
    );
    assert.deepEqual(
      { foundCount: found().length, attemptsCount: fixture.attempts(second, null).length },
      { foundCount: 1, attemptsCount: 0 },
    );
    resumeAccounts(accounts, 'fake', Date.now());
    await fixture.when('done', () => fixture.read(task).subtasks[0]?.status === 'COMPLETED');
    await fixture.when('planned', () => fixture.read(second).subtasks.length > 0);
    assert.deepEqual(found(), []);
    held.dispose();
  });

  it('is replaced by an agent of the kind that a person chose, which gets what the first one did', async () => {
    const accounts = new AccountHolds(path.join(fixture.stage.root, 'accounts'));
    const { other, program, prompt } = otherKind();
    await writeFile(program, `cat > '${prompt}'${GOOD_WORKER}`);
    const limit = `echo half > half.txt; ${says('Claude usage limit reached, try again in 2 hours')}`;
    fixture.settings = { ...fixture.settings, planner: 'shell' };
    await fixture.agents(SINGLE_PLANNER, limit);
    fixture.start(fixture.dispatcher([FAKE, other], { accounts }));
    const task = await fixture.task({ autoStart: true });
    await fixture.when('held', () => fixture.kernel.read(stageFailures)[0]?.stage === 'agent');
    const id = fixture.read(task).subtasks[0]?.id ?? assert.fail();
    await fixture.kernel.write((u) => handOverWork(u, id, 'other'));
    await fixture.when('done', () => fixture.subtask(id).status === 'COMPLETED');
    const text = await readFile(prompt, 'utf8');
    for (const part of [
      'An agent of the kind “fake” worked on this before',
      'usage limit reached',
      'untracked: half.txt',
    ]) {
      assert.ok(text.includes(part), part);
    }
    assert.deepEqual(
      fixture.attempts(task, id).map(({ attempt, status }) => [attempt, status]),
      [[1, 'SUCCEEDED']],
    );
  });

  it('is replaced by an agent of a kind that prints otherwise, which gets its last lines as text', async () => {
    const { other, program, prompt } = otherKind();
    await writeFile(program, `cat > '${prompt}'${GOOD_WORKER}`);
    const said = '{"type":"assistant","message":{"content":[{"type":"text","text":"Two tests fail."}]}}';
    fixture.settings = { ...fixture.settings, planner: 'shell', maxAttempts: 1 };
    await fixture.agents(SINGLE_PLANNER, `printf '%s\\n' '${said}'; exit 1`);
    fixture.start(fixture.dispatcher([FAKE, { ...other, parser: 'plain' }]));
    const task = await fixture.task({ autoStart: true });
    await fixture.when('failed', () => fixture.read(task).subtasks[0]?.blockedReason === 'FAILURE');
    const id = fixture.read(task).subtasks[0]?.id ?? assert.fail();
    await fixture.kernel.write((u) => handOverWork(u, id, 'other'));
    await fixture.when('done', () => fixture.subtask(id).status === 'COMPLETED');
    const text = await readFile(prompt, 'utf8');
    assert.match(text, /Its last output:\s+```text\s+Two tests fail\./);
  });

  it('is never replaced by a kind that would run texts of the record as a program', async () => {
    await fixture.agents(SINGLE_PLANNER, GOOD_WORKER);
    const task = await fixture.task({ autoStart: true });
    await fixture.kernel.write((u) => handOverPlan(u, task.id, 'shell'));
    fixture.start(fixture.dispatcher([FAKE], {}));
    const found = () => fixture.kernel.read(stageFailures);
    await fixture.when('refused', () => found().length > 0);
    assert.deepEqual(
      { codes: found().map(({ code }) => code), attempts: fixture.attempts(task, null) },
      { codes: ['INVALID_ARGUMENT'], attempts: [] },
    );
  });

  it('is never replaced by such a kind as a worker, either', async () => {
    const limit = says('Claude usage limit reached, try again in 2 hours');
    await fixture.agents(SINGLE_PLANNER, limit);
    const task = await start();
    await fixture.when('held', () => fixture.kernel.read(stageFailures)[0]?.stage === 'agent');
    const { id } = fixture.read(task).subtasks[0] ?? assert.fail();
    await fixture.kernel.write((u) => handOverWork(u, id, 'shell'));
    const refusal = () => fixture.kernel.read(stageFailures).find(({ stage }) => stage === 'start');
    await fixture.when('refused', () => refusal()?.code === 'INVALID_ARGUMENT');
    assert.deepEqual(fixture.attempts(task, id), []);
  });

  it('is replaced by a planner of the kind that a person chose, which gets the plan so far', async () => {
    const accounts = new AccountHolds(path.join(fixture.stage.root, 'accounts'));
    const { other, program, prompt } = otherKind();
    await writeFile(program, `cat > '${prompt}'`);
    await fixture.agents(`${SINGLE_PLANNER}\n${says('Claude usage limit reached, try again in 2 hours')}`, GOOD_WORKER);
    fixture.start(fixture.dispatcher([FAKE, other], { accounts }));
    const task = await fixture.task();
    await fixture.when('held', () => fixture.kernel.read(stageFailures)[0]?.stage === 'planAgent');
    await fixture.kernel.write((u) => handOverPlan(u, task.id, 'other'));
    await fixture.when('accepted', () => fixture.read(task).task.status === 'ACTIVE');
    const [subtask, ...rest] = fixture.read(task).subtasks;
    assert.ok(subtask);
    assert.deepEqual(rest, []);
    const text = await readFile(prompt, 'utf8');
    for (const part of ['## The plan so far', `# 1. ${subtask.title}`]) assert.ok(text.includes(part), part);
    assert.deepEqual(
      fixture.attempts(task, null).map(({ attempt, status }) => [attempt, status]),
      [[1, 'SUCCEEDED']],
    );
    assert.ok(reasons(task.id).includes('handed over to other'));
    assert.deepEqual(fixture.kernel.read(stageFailures), []);
  });

  itLong(
    'continues the session of the attempt that a limit broke off, and starts without one where that is gone',
    async () => {
      const sessions = ['11111111-2222-4333-8444-555555555555', '66666666-7777-4888-9999-000000000000'];
      const calls = path.join(fixture.stage.root, 'calls');
      const program = path.join(fixture.stage.root, 'agent.sh');
      const init = (id: string): string => `echo '{"type":"system","subtype":"init","session_id":"${id}"}'`;
      const limit = says('API Error: 429 too many requests, try again in 1 second');
      await writeFile(
        program,
        `read -r first; printf '%s|%s|%s\\n' "$PWD" "$*" "$first" >> ${calls}
      case "$(wc -l < ${calls} | tr -d ' ')" in
      1) ${init(sessions[0] ?? '')}; ${limit};;
      2) ${says('No conversation found with session ID: 1')};;
      3) ${init(sessions[1] ?? '')}; ${limit};;
      4) ${init('--hostile')}; ${limit};;
      *) ${init(sessions[1] ?? '')};;
      esac
      cat > /dev/null${GOOD_WORKER}`,
      );
      const kind: AgentKind = {
        ...FAKE,
        name: 'sessions',
        args: [program, '--resume=${session}'],
        promptBy: 'stdin',
      };
      fixture.settings = { ...fixture.settings, planner: 'shell', worker: 'sessions' };
      await fixture.agents(SINGLE_PLANNER, GOOD_WORKER);
      fixture.start(fixture.dispatcher([kind]));
      const task = await fixture.task({ autoStart: true });
      await fixture.when('done', () => fixture.read(task).subtasks[0]?.status === 'COMPLETED');
      const [subtask] = fixture.read(task).subtasks;
      assert.ok(subtask);
      const lines = (await readFile(calls, 'utf8')).trim().split('\n');
      const [first, second, third, fourth, fifth] = lines.map((line) => line.split('|'));
      assert.deepEqual(
        [first, second, third, fourth, fifth].map((call) => call?.[1]),
        ['', `--resume=${sessions[0]}`, '', `--resume=${sessions[1]}`, ''],
      );
      assert.deepEqual(
        { thirdSecond: second?.[2], thirdFourth: fourth?.[2] },
        { thirdSecond: '# Continue', thirdFourth: '# Continue' },
      );
      assert.deepEqual(
        { sessions: new Set(lines.map((line) => line.split('|')[0])).size, third: third?.[2] },
        { sessions: 1, third: first?.[2] },
      );
      assert.ok(reasons(task.id).some((reason) => /attempt 1 is not counted: No conversation found/.test(reason)));
      assert.deepEqual(
        fixture.attempts(task, subtask.id).map(({ attempt, status }) => [attempt, status]),
        [[1, 'SUCCEEDED']],
      );
    },
  );

  itLong('needs a person after three network failures in a row', async () => {
    await fixture.agents(SINGLE_PLANNER, failing(99, 'API Error: Connection error.', GOOD_WORKER));
    const task = await start();
    await fixture.when('planned', () => fixture.read(task).subtasks.length > 0);
    const id = fixture.read(task).subtasks[0]?.id ?? assert.fail();
    const found = () => fixture.kernel.read((r) => findStageFailure(r, 'agent', id));
    await fixture.when('held for a person', () => found()?.nextAt === null);
    assert.deepEqual(
      { tries: found()?.tries, attemptsCount: fixture.attempts(task, id).length },
      { tries: 3, attemptsCount: 0 },
    );
    assert.match(fixture.subtask(id).lastError ?? '', /Connection error/);
  });

  it('stops at once where it is not signed in, and says what to do', async () => {
    await fixture.agents(SINGLE_PLANNER, says('Not logged in · Please run /login'));
    const task = await start();
    await fixture.when('failed', () => fixture.read(task).subtasks[0]?.blockedReason === 'FAILURE');
    const [subtask] = fixture.read(task).subtasks;
    assert.ok(subtask);
    assert.match(subtask.lastError ?? '', /Not logged in.*type \/login/s);
    assert.equal(fixture.attempts(task, subtask.id).length, 1);
  });
});
