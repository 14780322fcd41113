/** A task is deleted at every step of an agent's start: no agent is left, even if a process dies meanwhile. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { activeDispatches } from '../../../../src/kernel/dispatch/service';
import { runningAgentRuns } from '../../../../src/kernel/tasks/subtask/agentRuns';
import { deleteTask } from '../../../../src/kernel/tasks/project/removal';
import { PATIENCE_MS } from '../../../support/dispatch/dispatchFixture';
import { itLongIf } from '../../../support/long';
import { GOOD_WORKER, TaskFixture } from '../../../support/tasks/taskFixture';
import { isThere, windowThatDies } from '../../../support/tasks/taskWindow';

/** In a row, each without an agent. */
const QUIET_LOOKS = 5;

describe('a task that is deleted while its agent starts', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;
  beforeEach(async () => {
    fixture = await TaskFixture.open();
    // Each agent leaves its process id, and would work on and on.
    await fixture.agents(`echo $$ > ${fixture.stage.root}/agent-$$; exec sleep 600`, GOOD_WORKER);
  });
  afterEach(() => fixture.close());

  const dispatches = (status: string) =>
    fixture.kernel.read((r) => r.db.rows('SELECT id FROM dispatches WHERE status = ?', [status])).length;

  const INSTANTS: readonly (readonly [string, () => boolean])[] = [
    ['the attempt is written down', () => fixture.kernel.read((r) => runningAgentRuns(r)).length > 0],
    ['its dispatch is', () => dispatches('spawned') > 0],
    ['its process is', () => dispatches('running') > 0],
  ];
  for (const [what, isNow] of INSTANTS) {
    it(`leaves no agent when ${what}`, async () => {
      fixture.start();
      const task = await fixture.task();
      await fixture.when(what, isNow);
      // Only the record: the deleting program exited before it could end an agent.
      await fixture.kernel.write((u) => void deleteTask(u, task.id));
      await nothingIsLeft(fixture);
    });
  }

  // The saves of a window that plans: the attempt, the dispatch, the process. All but one in the long run only.
  for (const save of [1, 2, 3]) {
    for (const step of ['locked', 'renamed'] as const) {
      const itThen = itLongIf(step !== 'locked' || save !== 2);
      itThen(`leaves no agent when the window dies at save ${save}, ${step}, and the next one starts`, async () => {
        const task = await fixture.task();
        await windowThatDies(fixture, { step, save });
        await fixture.kernel.refresh();
        await fixture.kernel.write((u) => void deleteTask(u, task.id));
        const dispatcher = fixture.dispatcher();
        fixture.start(dispatcher);
        await dispatcher.adopt(fixture.kernel);
        await nothingIsLeft(fixture);
      });
    }
  }
});

async function nothingIsLeft(fixture: TaskFixture): Promise<void> {
  // One that its window was about to start when it died is given up after half a minute.
  const isOver = (): boolean =>
    fixture.kernel.read((r) => activeDispatches(r)).every(({ status }) => status === 'spawned');
  await fixture.when('no dispatch is running', isOver);
  const until = Date.now() + PATIENCE_MS;
  // One may be about to start, and ends itself then: one look that finds none shows nothing.
  let agents: readonly number[] = [];
  for (let quiet = 0; quiet < QUIET_LOOKS && Date.now() < until;) {
    await delay(100);
    agents = await agentsOf(fixture);
    quiet = agents.length === 0 ? quiet + 1 : 0;
  }
  assert.deepEqual(agents, []);
  assert.deepEqual(
    fixture.kernel.read((r) => runningAgentRuns(r)),
    [],
  );
}

/** Process ids of agents that live. */
async function agentsOf({ stage }: TaskFixture): Promise<number[]> {
  const names = (await readdir(stage.root)).filter((name) => name.startsWith('agent-'));
  const pids = await Promise.all(
    names.map(async (name) => Number(await readFile(path.join(stage.root, name), 'utf8'))),
  );
  return pids.filter((pid) => pid > 0 && isThere(pid));
}
