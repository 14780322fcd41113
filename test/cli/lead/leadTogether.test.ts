/**
 * Several leaders of one folder, some of which are killed: one leads, the next continues, and every task is completed.
 */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { leaderStorage } from '../../../src/host/state/stateFolder';
import { announceStorage } from '../../../src/host/state/storages';
import { trustedFoldersOf } from '../../../src/host/trusted/trustedFolders';
import type { Task } from '../../../src/kernel/tasks/record/model';
import { leaderOf } from '../../../src/services/tasks/leader';
import { ic } from '../../support/ic/ic';
import {
  endLeader,
  KilledLeaders,
  leaderEnvironment,
  startLeader,
  untilLeads,
} from '../../support/tasks/killedLeaders';
import { inLong, itLong } from '../../support/long';
import { TaskLane } from '../../support/tasks/taskLane';
import { until } from '../../support/until';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../support/tasks/taskFixture';

describe('leaders of one folder', function () {
  this.timeout(180_000);
  let fixture: TaskFixture;
  let task: Task;
  const leaders: ChildProcess[] = [];
  const none = (): readonly string[] => [];
  const env = () => leaderEnvironment(fixture);
  const start = (...args: string[]): ChildProcess => {
    const child = startLeader(fixture, ...args);
    leaders.push(child);
    return child;
  };
  const leads = (pid: number | undefined) => untilLeads(fixture, pid);
  const begin = async (worker: string): Promise<void> => {
    await fixture.agents(SINGLE_PLANNER, `touch '${working()}'; ${worker}`);
    const args = ['task', 'create', '--title=Late parcels', '--body-file=-', '--auto-start', '--json'];
    const { stdout } = await ic(args, { cwd: fixture.stage.project, env: env(), input: 'Tell people.' });
    await fixture.kernel.refresh();
    task = fixture.read(JSON.parse(stdout) as Task).task;
  };
  const isBuilt = (): boolean => fixture.read(task).subtasks[0]?.status === 'COMPLETED';
  const working = (): string => path.join(fixture.stage.root, 'working');
  /** Its row is `RUNNING` before its process exists. A start that a killed leader did not finish is retried. */
  const untilItWorks = (): Promise<unknown> => until(() => Promise.resolve(existsSync(working())), Boolean);

  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(async () => {
    for (const child of leaders.splice(0)) await endLeader(child, 'SIGKILL');
    await fixture.close();
  });

  it('lead one at a time: another replaces a killed leader and follows its agent to the end', async () => {
    await begin(`sleep 4; ${GOOD_WORKER}`);
    const first = start();
    await leads(first.pid);
    const second = start();
    await untilItWorks();
    assert.equal((await leaderOf(fixture.kernel.path))?.pid, first.pid);
    await endLeader(first, 'SIGKILL');
    await leads(second.pid);
    await fixture.when('built', isBuilt);
    const subtask = fixture.read(task).subtasks[0];
    assert.equal(fixture.attempts(task, subtask?.id).length, 1, 'no second agent worked on it');
    await endLeader(second, 'SIGTERM');
    assert.equal(second.exitCode, 0);
    assert.equal(await leaderOf(fixture.kernel.path), undefined);
  });

  itLong('that are killed at random build every task exactly once', async () => {
    const lane = await TaskLane.open(new KilledLeaders());
    try {
      await lane.run(inLong(2, 4));
    } finally {
      await lane.close();
    }
  });

  itLong('hand over to a window, and take over from one, on request or when the other stops', async () => {
    await begin(`sleep 3; ${GOOD_WORKER}`);
    const { storage } = fixture.stage;
    await announceStorage(env(), storage);
    await trustedFoldersOf(env(), none, () => [storage]).noteStorages();
    const window = fixture.start(fixture.dispatcher([], { otherStorage: [leaderStorage(env())] }));
    await untilItWorks();
    assert.equal((await leaderOf(fixture.kernel.path))?.program, 'window');
    const leader = start('--take');
    await leads(leader.pid);
    assert.equal(window.isLeading, false);
    await fixture.when('built', isBuilt);
    await window.takeOver();
    await leads(process.pid);
    await window.handOver();
    assert.equal(window.isLeading, false);
    await leads(leader.pid);
    await endLeader(leader, 'SIGTERM');
    await leads(process.pid);
    assert.equal(fixture.attempts(task, fixture.read(task).subtasks[0]?.id).length, 1);
  });
});
