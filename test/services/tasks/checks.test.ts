/** Checks that run while their window is killed: their time limit holds, and no two run at once. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { groupRuns } from '../../../src/host/process/processIdentity';
import { listArtifacts } from '../../../src/kernel/tracking/service';
import { startSubtask } from '../../../src/kernel/tasks/subtask/progress';
import { PATIENCE_MS } from '../../support/dispatch/dispatching';
import { isThere, killedWindow } from '../../support/tasks/taskWindow';
import { GOOD_WORKER, SINGLE_PLANNER, VillageStage } from '../../support/tasks/taskFixture';

describe('checks of a village', function () {
  this.timeout(120_000);
  let village: VillageStage;
  beforeEach(async () => {
    village = await VillageStage.open();
    await village.agents(SINGLE_PLANNER, GOOD_WORKER);
  });
  afterEach(() => village.close());

  const at = (name: string): string => path.join(village.stage.root, name);
  /** Says that it is there, and notes where another one is at work. */
  const check = (work: string): [string, ...string[]] => {
    const alone = `if [ -e ${at('pid')} ] && kill -0 $(cat ${at('pid')}) 2>/dev/null; then touch ${at('double')}; fi`;
    return ['sh', '-c', `${alone}; echo $$ > ${at('pid.new')}; mv ${at('pid.new')} ${at('pid')}; ${work}`];
  };
  const killWindowInCheck = async (): Promise<number> => {
    await village.task({ autoStart: true });
    await killedWindow(village, () => existsSync(at('pid')));
    return Number(await readFile(at('pid'), 'utf8'));
  };

  it('end at the time limit with nobody there to end them', async () => {
    village.settings = { ...village.settings, timeLimitMinutes: 0.2, checks: [check('exec sleep 600')] };
    const pid = await killWindowInCheck();
    process.kill(pid, 0);
    const until = Date.now() + PATIENCE_MS;
    while (isThere(pid) && Date.now() < until) await delay(200);
    assert.equal(isThere(pid), false);
  });

  it('are ended by the next window, which runs them again, one at a time', async () => {
    village.settings = { ...village.settings, checks: [check(`[ -e ${at('go')} ] || exec sleep 600`)] };
    const pid = await killWindowInCheck();
    await writeFile(at('go'), '');
    await village.kernel.refresh();
    const dispatcher = village.dispatcher();
    village.start(dispatcher);
    await dispatcher.adopt(village.kernel);
    const completed = (): boolean =>
      village.kernel.read((r) => r.db.rows("SELECT id FROM subtasks WHERE status = 'COMPLETED'", [])).length === 1;
    await village.when('completed', completed);
    assert.deepEqual([isThere(pid), await groupRuns(pid), existsSync(at('double'))], [false, false, false]);
  });

  it('say that a program is not there, and when they took too long', async () => {
    village.settings = { ...village.settings, maxAttempts: 1, checks: [['no-such-program']] };
    village.start();
    const task = await village.task();
    await village.when('planned', () => village.read(task).task.status === 'ACTIVE');
    const id = village.read(task).subtasks[0]?.id ?? assert.fail();
    await village.kernel.write((u) => startSubtask(u, id));
    await village.when('decided', () => village.subtask(id).status !== 'IN_PROGRESS');
    assert.match(village.subtask(id).lastError ?? '', /`no-such-program` failed: there is no such program/);
    const [artifact] = village.kernel.read((r) => listArtifacts(r, task.runId)).filter(({ type }) => type === 'check');
    assert.notEqual(artifact, undefined);
  });
});
