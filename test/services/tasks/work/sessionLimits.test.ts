/** A usage limit in a session: the account is held, and the work continues in the same session after the reset. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AccountHolds } from '../../../../src/host/state/accountHolds';
import { SESSION_HOST } from '../../../support/sessions/hostedSession';
import { scriptedKind } from '../../../support/sessions/scriptedKind';
import { SINGLE_PLANNER, GOOD_WORKER, TaskFixture } from '../../../support/tasks/taskFixture';
import { until } from '../../../support/until';

const LIMIT = { code: -32603, message: "You've hit your usage limit. Try again in 1 second." };

describe('a usage limit in a session', function () {
  this.timeout(60_000);
  let fixture: TaskFixture;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(() => fixture.close());

  it('holds the account, and is followed by a turn in the same session', async () => {
    const accounts = new AccountHolds(path.join(fixture.stage.root, 'accounts'));
    const kind = await scriptedKind(fixture.stage.root, { turns: [[{ say: 'Half of it' }, { fail: LIMIT }]] });
    fixture.settings = { ...fixture.settings, worker: kind.name };
    await fixture.agents(SINGLE_PLANNER, GOOD_WORKER);
    fixture.start(fixture.dispatcher([kind], { sessionHostPath: SESSION_HOST, accounts }));
    const task = await fixture.task({ autoStart: true });
    const [hold] = await until(
      () => Promise.resolve(accounts.list()),
      (held) => held.length > 0,
    );
    assert.ok(hold?.kind === kind.name && hold.untilMs !== null, JSON.stringify(hold));
    const journal = await until(
      () => readFile(path.join(fixture.stage.root, 'scripted-journal'), 'utf8'),
      (text) => /# Continue/.test(text),
    );
    assert.match(journal, /"session\/resume","params":\{"sessionId":"session-1"/);
    assert.match(journal, /interrupted, and not by anything you did: You've hit your usage limit\./);
    const [subtask] = fixture.read(task).subtasks;
    const attempts = fixture.attempts(task, subtask?.id).map(({ attempt }) => attempt);
    assert.ok(
      attempts.every((attempt) => attempt === 1),
      JSON.stringify(attempts),
    );
  });
});
