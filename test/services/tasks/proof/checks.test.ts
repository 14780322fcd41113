/** Checks that run while their window is killed: their time limit holds, and no two run at once. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { groupRuns } from '../../../../src/host/process/processIdentity';
import { listArtifacts } from '../../../../src/kernel/tracking/service';
import { startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import { PATIENCE_MS } from '../../../support/dispatch/dispatchFixture';
import { itLong } from '../../../support/long';
import { isThere, killedWindow } from '../../../support/tasks/taskWindow';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';

describe('checks of a task', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;
  beforeEach(async () => {
    fixture = await TaskFixture.open();
    await fixture.agents(SINGLE_PLANNER, GOOD_WORKER);
  });
  afterEach(() => fixture.close());

  const at = (name: string): string => path.join(fixture.stage.root, name);
  /** Says that it is there, and notes where another one is running. */
  const check = (work: string): [string, ...string[]] => {
    const alone = `if [ -e ${at('pid')} ] && kill -0 $(cat ${at('pid')}) 2>/dev/null; then touch ${at('double')}; fi`;
    return ['sh', '-c', `${alone}; echo $$ > ${at('pid.new')}; mv ${at('pid.new')} ${at('pid')}; ${work}`];
  };
  const killWindowInCheck = async (): Promise<number> => {
    await fixture.task({ autoStart: true });
    await killedWindow(fixture, () => existsSync(at('pid')));
    return Number(await readFile(at('pid'), 'utf8'));
  };

  itLong('end at the time limit without a running window', async () => {
    fixture.settings = { ...fixture.settings, timeLimitMinutes: 0.2, checks: [check('exec sleep 600')] };
    const pid = await killWindowInCheck();
    process.kill(pid, 0);
    const until = Date.now() + PATIENCE_MS;
    while (isThere(pid) && Date.now() < until) await delay(200);
    assert.equal(isThere(pid), false);
  });

  itLong('are ended by the next window, which runs them again, one at a time', async () => {
    fixture.settings = { ...fixture.settings, checks: [check(`[ -e ${at('go')} ] || exec sleep 600`)] };
    const pid = await killWindowInCheck();
    await writeFile(at('go'), '');
    await fixture.kernel.refresh();
    const dispatcher = fixture.dispatcher();
    fixture.start(dispatcher);
    await dispatcher.adopt(fixture.kernel);
    const completed = (): boolean =>
      fixture.kernel.read((r) => r.db.rows("SELECT id FROM subtasks WHERE status = 'COMPLETED'", [])).length === 1;
    await fixture.when('completed', completed);
    assert.deepEqual(
      { isThere: isThere(pid), groupRuns: await groupRuns(pid), atExists: existsSync(at('double')) },
      { isThere: false, groupRuns: false, atExists: false },
    );
  });

  it('say that a program is not there, and when they took too long', async () => {
    fixture.settings = { ...fixture.settings, maxAttempts: 1, checks: [['no-such-program']] };
    fixture.start();
    const task = await fixture.task();
    await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
    const id = fixture.read(task).subtasks[0]?.id ?? assert.fail();
    await fixture.kernel.write((u) => startSubtask(u, id));
    await fixture.when('decided', () => fixture.subtask(id).status !== 'IN_PROGRESS');
    assert.match(fixture.subtask(id).lastError ?? '', /`no-such-program` failed: there is no such program/);
    const [artifact] = fixture.kernel.read((r) => listArtifacts(r, task.runId)).filter(({ type }) => type === 'check');
    assert.notEqual(artifact, undefined);
  });
});
