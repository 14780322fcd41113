/** A task is deleted in every instant of an agent's start: no agent is left, whoever dies meanwhile. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { activeDispatches } from '../../../src/kernel/dispatch/service';
import { runningAgentRuns } from '../../../src/kernel/tasks/subtask/agentRuns';
import { deleteTask } from '../../../src/kernel/tasks/project/removal';
import { PATIENCE_MS } from '../../support/dispatch/dispatching';
import { GOOD_WORKER, VillageStage } from '../../support/tasks/taskFixture';
import { isThere, windowThatDies } from '../../support/tasks/taskWindow';

/** In a row, each without an agent. */
const QUIET_LOOKS = 5;

describe('a task that is deleted while its agent starts', function () {
  this.timeout(120_000);
  let village: VillageStage;
  beforeEach(async () => {
    village = await VillageStage.open();
    // Each agent leaves its process id, and would work on and on.
    await village.agents(`echo $$ > ${village.stage.root}/agent-$$; exec sleep 600`, GOOD_WORKER);
  });
  afterEach(() => village.close());

  const dispatches = (status: string) =>
    village.kernel.read((r) => r.db.rows('SELECT id FROM dispatches WHERE status = ?', [status])).length;

  const INSTANTS: readonly (readonly [string, () => boolean])[] = [
    ['the attempt is written down', () => village.kernel.read((r) => runningAgentRuns(r)).length > 0],
    ['its dispatch is', () => dispatches('spawned') > 0],
    ['its process is', () => dispatches('running') > 0],
  ];
  for (const [what, isNow] of INSTANTS) {
    it(`leaves no agent when ${what}`, async () => {
      village.start();
      const task = await village.task();
      await village.when(what, isNow);
      // The record alone: whoever deleted it has gone before it could end an agent.
      await village.kernel.write((u) => void deleteTask(u, task.id));
      await nothingIsLeft(village);
    });
  }

  // The saves of a window that plans: the attempt, the dispatch, the process.
  for (const save of [1, 2, 3]) {
    for (const step of ['locked', 'renamed'] as const) {
      it(`leaves no agent when the window dies at save ${save}, ${step}, and the next one begins`, async () => {
        const task = await village.task();
        await windowThatDies(village, { step, save });
        await village.kernel.refresh();
        await village.kernel.write((u) => void deleteTask(u, task.id));
        const dispatcher = village.dispatcher();
        village.start(dispatcher);
        await dispatcher.adopt(village.kernel);
        await nothingIsLeft(village);
      });
    }
  }
});

async function nothingIsLeft(village: VillageStage): Promise<void> {
  // One that its window was about to start when it died is given up after half a minute.
  const isOver = (): boolean =>
    village.kernel.read((r) => activeDispatches(r)).every(({ status }) => status === 'spawned');
  await village.when('no dispatch is at work', isOver);
  const until = Date.now() + PATIENCE_MS;
  // One may be about to start, and ends itself then: one look that finds none shows nothing.
  let agents: readonly number[] = [];
  for (let quiet = 0; quiet < QUIET_LOOKS && Date.now() < until;) {
    await delay(100);
    agents = await agentsOf(village);
    quiet = agents.length === 0 ? quiet + 1 : 0;
  }
  assert.deepEqual(agents, []);
  assert.deepEqual(
    village.kernel.read((r) => runningAgentRuns(r)),
    [],
  );
}

/** Process ids of agents that live. */
async function agentsOf({ stage }: VillageStage): Promise<number[]> {
  const names = (await readdir(stage.root)).filter((name) => name.startsWith('agent-'));
  const pids = await Promise.all(
    names.map(async (name) => Number(await readFile(path.join(stage.root, name), 'utf8'))),
  );
  return pids.filter((pid) => pid > 0 && isThere(pid));
}
