/** A task from a plan to merged work by agents in sessions: a failed proof and a limit continue the same session. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { OpenRequest } from '../../../../src/contract/sessions';
import { AccountHolds } from '../../../../src/host/state/accountHolds';
import { findDispatchFiles } from '../../../../src/host/launcher/dispatchFiles';
import { readSessionState, giveCommand } from '../../../../src/host/session/files/sessionFiles';
import { listDecisions } from '../../../../src/kernel/dispatch/decisions';
import type { AgentRun, Task } from '../../../../src/kernel/tasks/record/model';
import type { TaskDeps } from '../../../../src/services/tasks/deps';
import { mergeOnThisMachine } from '../../../../src/services/tasks/landing/branchLanding';
import { filesOfDispatch } from '../../../support/dispatch/ownFiles';
import { SESSION_HOST } from '../../../support/sessions/hostedSession';
import type { AgentScript } from '../../../support/sessions/scriptedAgent';
import { scriptedKind } from '../../../support/sessions/scriptedKind';
import { TaskFixture } from '../../../support/tasks/taskFixture';
import { until } from '../../../support/until';

const SOURCE = path.resolve(__dirname, '../../../../..');
const LIMIT = { code: -32603, message: "You've hit your usage limit. Try again in 1 second." };
const COMMIT = [{ does: 'git add --all' }, { does: 'git commit -m Work' }];

describe('a task of agents in sessions', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(() => fixture.close());

  function attemptsOf(task: Task): readonly AgentRun[] {
    const [subtask] = fixture.read(task).subtasks;
    return subtask === undefined ? [] : fixture.attempts(task, subtask.id);
  }

  /** The prompts that the agent got, and how its sessions were opened. */
  async function journal(): Promise<string[]> {
    const lines = (await readFile(path.join(fixture.stage.root, 'scripted-journal'), 'utf8')).trim().split('\n');
    return lines
      .map((line) => JSON.parse(line) as { method?: string; params: { prompt: { text: string }[] } })
      .flatMap(({ method, params }) => {
        if (method === 'session/prompt') return (params.prompt[0]?.text ?? '').split('\n', 1);
        return method === 'session/new' || method === 'session/resume' ? [method] : [];
      });
  }

  async function started(script: AgentScript): Promise<{ deps: TaskDeps; accounts: AccountHolds; task: Task }> {
    const kind = await scriptedKind(fixture.stage.root, script);
    const prompt = (name: string) => path.join(SOURCE, 'prompts', `${name}.md`);
    fixture.settings = {
      ...fixture.settings,
      planner: kind.name,
      worker: kind.name,
      checks: [['test', '-f', 'proof.txt']],
      plannerPrompt: prompt('planner'),
      workerPrompt: prompt('worker'),
    };
    const accounts = new AccountHolds(path.join(fixture.stage.root, 'accounts'));
    const checks = () => fixture.settings.checks;
    const permissions = () => ({ policy: 'freeInside', rules: [], checks }) as const;
    const dispatcher = fixture.dispatcher([kind], { sessionHostPath: SESSION_HOST, accounts, permissions });
    const deps = fixture.deps(dispatcher);
    fixture.start(dispatcher);
    return { deps, accounts, task: await fixture.task({ autoStart: true }) };
  }

  it('is planned, built, proven after another attempt and a limit, and merged', async () => {
    const { deps, accounts, task } = await started({
      turns: [[]],
      turnsOf: {
        '# Planning task': [[{ does: 'ic subtask create --title="Write A"' }]],
        '# Implementation task': [[{ run: 'echo a > a.txt' }, ...COMMIT, { does: 'ic subtask close' }]],
        '# Try again': [[{ run: 'echo b > proof.txt' }, ...COMMIT, { fail: LIMIT }]],
        '# Continue': [[{ does: 'test -f proof.txt' }, { does: 'make all' }], [{ does: 'ic subtask close' }]],
      },
    });
    await fixture.when('tried again', () => attemptsOf(task).length === 2);
    const [hold] = await until(
      () => Promise.resolve(accounts.list()),
      (held) => held.length > 0,
    );
    assert.ok(hold?.kind === 'scripted' && hold.untilMs !== null, JSON.stringify(hold));
    const { id, request } = await asked(task);
    assert.equal(request.title, 'make all');
    await giveCommand(await filesOfDispatch(fixture.stage.storage, id), {
      kind: 'answer',
      number: request.number,
      answer: 'deny',
      reason: 'There is no makefile.',
      by: 'Ada',
    });
    await fixture.when('proven', () => fixture.read(task).subtasks[0]?.status === 'COMPLETED');
    const [subtask] = fixture.read(task).subtasks;
    assert.ok(subtask);
    assert.deepEqual(
      attemptsOf(task).map(({ attempt, status }) => [attempt, status]),
      [
        [1, 'FAILED'],
        [2, 'SUCCEEDED'],
      ],
    );
    assert.deepEqual(await journal(), [
      ...['session/new', '# Planning task', 'session/new', '# Implementation task'],
      ...['session/resume', '# Try again', 'session/resume', '# Continue', 'There is no makefile.'],
    ]);
    const decisions = fixture.kernel.read((r) => listDecisions(r, id).sound);
    assert.deepEqual(
      decisions.map(({ answer, by }) => [answer, by]),
      [
        ['allow', 'policy'],
        ['deny', 'person'],
        ['allow', 'policy'],
      ],
    );
    await mergeOnThisMachine(deps, subtask.id);
    assert.equal(fixture.read(task).task.status, 'DONE');
    assert.equal(await fixture.git('show', 'main:proof.txt'), 'b');
  });

  /** The request that the last attempt at the task's subtask waits with. */
  async function asked(task: Task): Promise<{ readonly id: string; readonly request: OpenRequest }> {
    const found = await until(
      async () => {
        const id = attemptsOf(task).at(-1)?.dispatchId;
        if (id === undefined || id === null) return undefined;
        const files = await findDispatchFiles([fixture.stage.storage], id);
        return { id, request: files && (await readSessionState(files))?.requests[0] };
      },
      (last) => last?.request !== undefined,
    );
    assert.ok(found?.request);
    return { id: found.id, request: found.request };
  }
});
