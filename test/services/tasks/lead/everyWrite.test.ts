/** A fault in every write of every stage, before and after it is durable, with a real leader: work is done all the same. */
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { foreignText } from '../../../../src/kernel/errors/reasons/problem';
import { stageFailures } from '../../../../src/kernel/tasks/upkeep/stageHolds';
import { holdsWork, type StageName } from '../../../../src/kernel/tasks/stage/stages';
import { describeLong } from '../../../support/long';
import { GOOD_WORKER, TaskFixture } from '../../../support/tasks/taskFixture';

interface Visit {
  readonly stage: StageName;
  writes: number;
  hasFailed: boolean;
}

/** As every planner is asked to, it looks first at what is there: one whose start was not stored may have written it. */
const PLANNER = '[ -n "$(ic subtask list)" ] || ic subtask create --title="Write A"';

describeLong('every write of a stage, where it fails', function () {
  this.timeout(180_000);
  let fixture: TaskFixture;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(() => fixture.close());

  for (const when of ['before', 'after'] as const) {
    it(`${when} it is durable, is a state of its stage, and the work is done all the same`, async () => {
      const visits = new AsyncLocalStorage<Visit>();
      const failed = new Set<string>();
      const counted = new Set<StageName>();
      /** One fault a visit of a stage, so that the failure itself can be recorded. */
      const isDue = (): boolean => {
        const visit = visits.getStore();
        if (visit === undefined || visit.hasFailed) return false;
        const point = `${visit.stage} ${(visit.writes += 1)}`;
        if (failed.has(point)) return false;
        failed.add(point);
        visit.hasFailed = true;
        return true;
      };
      const { kernel } = fixture;
      const fault = () =>
        new KernelError('DATABASE_WRITE_FAILED', {
          path: kernel.path,
          reason: 'disk-full',
          problem: foreignText<string>('ENOSPC'),
        });
      const write = kernel.write.bind(kernel);
      kernel.write = async (work) => {
        const fails = isDue();
        if (fails && when === 'before') throw fault();
        const result = await write(work);
        if (fails) throw fault();
        return result;
      };
      fixture.beforeStage = (stage) => visits.enterWith({ stage, writes: 0, hasFailed: false });
      kernel.onDidChange(() => {
        for (const { stage, reason, tries } of kernel.read(stageFailures)) {
          assert.ok(reason !== '' && tries > 0);
          counted.add(stage);
        }
      });
      await fixture.agents(PLANNER, GOOD_WORKER);
      fixture.start();
      const task = await fixture.task({ autoStart: true });
      await fixture.when('done', () => fixture.read(task).subtasks[0]?.status === 'COMPLETED');
      const [subtask, ...others] = fixture.read(task).subtasks;
      assert.deepEqual(others, [], 'one plan');
      assert.ok(fixture.attempts(task, subtask?.id).length <= fixture.settings.maxAttempts);
      const left = kernel.read(stageFailures).filter(({ stage }) => holdsWork(stage));
      assert.deepEqual(left, []);
      const reached = new Set([...failed].map((point) => point.split(' ')[0]));
      // An agent's claim may be read at a visit that has failed already, after the end of its attempt was stored.
      for (const stage of ['planStart', 'planStore', 'prepare', 'start', 'check', 'publish']) {
        assert.ok(reached.has(stage), `no write of ${stage} was reached: ${[...failed].join(', ')}`);
      }
      assert.ok(counted.size > 0);
    });
  }
});
