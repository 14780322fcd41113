/** The lease of a folder's leader: a program that slept while another took over writes and starts nothing more. */
import assert from 'node:assert/strict';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { leaderLock } from '../../../../src/services/tasks/leader';
import { TaskFixture } from '../../../support/tasks/taskFixture';

describe('a leader that slept', function () {
  this.timeout(60_000);
  let fixture: TaskFixture;

  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(() => fixture.close());

  const lock = (): string => `${leaderLock(fixture.kernel.path)}.lock`;
  const freeLease = async (): Promise<void> => {
    for (const draft of await readdir(lock())) await rm(path.join(lock(), draft));
  };
  /** What a program on another machine does that takes the lease of a holder without a sign of life. */
  const takeLease = async (): Promise<void> => {
    await freeLease();
    await writeFile(path.join(lock(), `1-${'f'.repeat(12)}-${'a'.repeat(16)}`), '');
  };
  const rows = (table: string): unknown[] => fixture.kernel.read((r) => r.db.rows(`SELECT * FROM ${table}`, []));

  it('starts and records nothing until it is its turn again, and then continues', async () => {
    const task = await fixture.task();
    let before: unknown;
    // It sleeps after it has recorded which dispatch it will start.
    const mayStart = async (): Promise<void> => {
      if (before !== undefined) return;
      await takeLease();
      before = rows('agent_runs');
    };
    const leader = fixture.start(fixture.dispatcher([], { mayStart }));
    await new Promise<void>((resolve) => {
      leader.onDidChange(() => {
        if (!leader.isLeading) resolve();
      });
    });
    assert.deepEqual(rows('dispatches'), []);
    assert.deepEqual(rows('agent_runs'), before);
    await freeLease();
    await fixture.when('planned', () => fixture.read(task).task.status === 'ACTIVE');
    assert.deepEqual(
      { attemptsCount: fixture.attempts(task).length, rowsCount: rows('dispatches').length },
      { attemptsCount: 1, rowsCount: 1 },
    );
  });
});
