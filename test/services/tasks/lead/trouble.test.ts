/** What goes wrong around agents that work: each time it is reported, work continues where it can, and nothing is lost. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { groupRuns } from '../../../../src/host/process/processIdentity';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { deleteTask } from '../../../../src/kernel/tasks/project/removal';
import { failSubtask, retrySubtask, startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import { createTask, listProjects, retryPlanning } from '../../../../src/kernel/tasks/service';
import { stageFailures } from '../../../../src/kernel/tasks/upkeep/stageHolds';
import { listSubtasks } from '../../../../src/kernel/tasks/subtask/subtasks';
import type { Task } from '../../../../src/kernel/tasks/record/model';
import { mergeOnThisMachine } from '../../../../src/services/tasks/landing/branchLanding';
import { Disk } from '../../../support/hostile/disk';
import { HOSTILE_TITLE } from '../../../support/hostile/hostile';
import { itLong } from '../../../support/long';
import { GOOD_WORKER, SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';

/** Counts its attempts in `n`. */
const COUNTING = 'n=$(cat ../n 2>/dev/null || echo 0); n=$((n + 1)); echo $n > ../n';

describe('tasks in trouble', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;
  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(() => fixture.close());

  async function started(afterPlanning = (): unknown => undefined): Promise<{ task: Task; id: string }> {
    fixture.start();
    const task = await fixture.task();
    await fixture.when('planned', () => fixture.read(task).task.status !== 'PLANNING');
    const { task: planned, subtasks } = fixture.read(task);
    const id = subtasks[0]?.id ?? assert.fail(planned.planningError ?? 'no subtask');
    afterPlanning();
    await fixture.kernel.write((u) => startSubtask(u, id));
    return { task, id };
  }

  const whenStatus = (id: string, status: string): Promise<void> =>
    fixture.when(`${id} is ${status}`, () => fixture.subtask(id).status === status);
  const retry = (id: string): Promise<unknown> => fixture.kernel.write((u) => void retrySubtask(u, id));
  const merge = (id: string) => mergeOnThisMachine(fixture.deps(fixture.dispatcher()), id);

  itLong(
    'gets over agents that are killed before, within and after their commit, and counts what is closed',
    async () => {
      fixture.settings = { ...fixture.settings, maxAttempts: 9 };
      await fixture.agents(
        SINGLE_PLANNER,
        `${COUNTING}
       case $n in
         1) kill -9 $$ ;;
         2) echo work > "$INTERCORE_SUBTASK_ID.txt"; touch "$(git rev-parse --absolute-git-dir)/index.lock"; sleep 0.5; kill -9 0 ;;
         3) git add --all && git commit --quiet --message=Work; kill -9 $$ ;;
         4) ic subtask close --reason=done; kill -9 $$ ;;
       esac`,
      );
      const { task, id } = await started();
      await fixture.when('decided', () => fixture.subtask(id).status !== 'IN_PROGRESS');
      assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');
      assert.deepEqual(
        fixture.attempts(task, id).map(({ attempt, status }) => [attempt, status]),
        [
          [1, 'FAILED'],
          [2, 'FAILED'],
          [3, 'FAILED'],
          [4, 'SUCCEEDED'],
        ],
      );
      await merge(id);
      assert.equal(await fixture.git('show', `main:${id}.txt`), 'work');
    },
  );

  itLong(
    'gets over planners that are killed before, within and after the plan, and doubles nothing of it',
    async () => {
      fixture.settings = { ...fixture.settings, maxAttempts: 9 };
      const n = path.join(fixture.stage.root, 'n');
      await fixture.agents(
        `n=$(cat ${n} 2>/dev/null || echo 0); n=$((n + 1)); echo $n > ${n}
       [ $n = 1 ] && kill -9 $$
       have() { ic subtask list | grep -c "$1"; }
       [ "$(have 'Write A')" = 0 ] && ic subtask create --title="Write A"
       [ $n = 2 ] && kill -9 $$
       [ "$(have 'Write B')" = 0 ] && ic subtask create --title="Write B"
       set -- $(ic subtask list | cut -f2)
       ic subtask depend $2 --on=$1
       [ $n = 3 ] && kill -9 0
       exit 0`,
        GOOD_WORKER,
      );
      fixture.start();
      const task = await fixture.task();
      await fixture.when('decided', () => fixture.read(task).task.status !== 'PLANNING');
      const { task: found, subtasks } = fixture.read(task);
      assert.equal(found.status, 'ACTIVE', found.planningError ?? '');
      assert.deepEqual(
        subtasks.map(({ title, status }) => [title, status]),
        [
          ['Write A', 'READY'],
          ['Write B', 'BLOCKED'],
        ],
      );
      assert.deepEqual(
        fixture.attempts(task).map(({ status }) => status),
        ['FAILED', 'FAILED', 'FAILED', 'SUCCEEDED'],
      );
    },
  );

  itLong('makes the worktree again that was deleted by hand, with what was committed', async () => {
    await fixture.agents(
      SINGLE_PLANNER,
      `${COUNTING}
       if [ $n = 1 ]; then echo kept > kept.txt; git add --all; git commit --quiet --message=Half; rm -rf "$PWD"; exit 1; fi
       [ "$(cat kept.txt)" = kept ] || exit 2
       ${GOOD_WORKER}`,
    );
    const { id } = await started();
    await fixture.when('decided', () => fixture.subtask(id).status !== 'IN_PROGRESS');
    assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');
  });

  itLong('says that the branch is checked out elsewhere, and continues when it is not (D20)', async () => {
    await fixture.agents(SINGLE_PLANNER, `${COUNTING}; [ $n = 2 ] || exit 1; ${GOOD_WORKER}`);
    fixture.settings = { ...fixture.settings, maxAttempts: 1 };
    const { id } = await started();
    await whenStatus(id, 'BLOCKED');
    const { worktreePath, branchName } = fixture.subtask(id);
    await rm(worktreePath ?? '', { recursive: true });
    await fixture.git('worktree', 'prune');
    await fixture.git('checkout', '--quiet', branchName ?? '');
    await retry(id);
    await whenStatus(id, 'BLOCKED');
    assert.match(fixture.subtask(id).lastError ?? '', /already checked out/);
    await fixture.git('checkout', '--quiet', 'main');
    await retry(id);
    await whenStatus(id, 'COMPLETED');
  });

  it('brings the branch up to the base that moved, and names the files where both changed (D20)', async () => {
    await fixture.agents(SINGLE_PLANNER, `echo theirs > README.md; git commit -qam Half; exit 1`);
    fixture.settings = { ...fixture.settings, maxAttempts: 1 };
    const { id } = await started();
    await whenStatus(id, 'BLOCKED');
    await fixture.write('new-in-base.txt', 'base\n');
    await fixture.git('add', '--all', '--', 'new-in-base.txt');
    await fixture.git('commit', '--quiet', '--message=Base moves');
    await fixture.agents(SINGLE_PLANNER, `[ -e new-in-base.txt ] || exit 3; ${GOOD_WORKER}`);
    await retry(id);
    await fixture.when('decided', () => fixture.subtask(id).status !== 'IN_PROGRESS');
    assert.equal(fixture.subtask(id).status, 'COMPLETED', fixture.subtask(id).lastError ?? '');

    await fixture.write('README.md', 'mine, not committed\n');
    await assert.rejects(merge(id), (error) => KernelError.is(error, 'GIT_FAILED'));
    assert.equal(await readFile(path.join(fixture.stage.project, 'README.md'), 'utf8'), 'mine, not committed\n');
    await fixture.git('commit', '--quiet', '--all', '--message=Base moves again');
    const before = await fixture.git('rev-parse', 'main');
    await assert.rejects(merge(id), /README\.md/);
    assert.deepEqual(
      { git: await fixture.git('rev-parse', 'main'), status: fixture.subtask(id).status },
      { git: before, status: 'COMPLETED' },
    );
  });

  itLong('says that the disk is full, and continues when it is not', async function () {
    const disk = Disk.mount(fixture.stage.storage) ?? this.skip();
    try {
      const filler = path.join(fixture.stage.storage, 'filler');
      await writeFile(filler, Buffer.alloc(1 << 20)).catch(() => undefined);
      fixture.start();
      const task = await fixture.task();
      const isHeld = (): boolean =>
        fixture.kernel
          .read(stageFailures)
          .some(({ subject, reason }) => subject === task.id && /No space left|ENOSPC/.test(reason));
      await fixture.when('held', isHeld);
      await rm(filler);
      await fixture.when('active', () => fixture.read(task).task.status === 'ACTIVE');
    } finally {
      disk.unmount();
    }
  });

  it('says that the repository is gone, and continues when it is back', async () => {
    const [here, away] = ['.git', '.git-away'].map((name) => path.join(fixture.stage.project, name));
    await rename(here ?? '', away ?? '');
    fixture.start();
    const task = await fixture.task();
    await fixture.when('failed', () => fixture.read(task).task.status === 'PLANNING_FAILED');
    assert.match(fixture.read(task).task.planningError ?? '', /There is no git repository in/);
    await rename(away ?? '', here ?? '');
    await fixture.kernel.write((u) => void retryPlanning(u, task.id));
    await fixture.when('active', () => fixture.read(task).task.status === 'ACTIVE');
  });

  itLong('ends the agent of a task that is deleted under it (D26)', async () => {
    await fixture.agents(SINGLE_PLANNER, 'echo $$ > ../pid; exec sleep 600');
    const { task, id } = await started();
    await fixture.when('running', () => fixture.attempts(task, id)[0]?.status === 'RUNNING');
    const dispatches = await fixture.kernel.write((u) => deleteTask(u, task.id).dispatches);
    const statusOf = () => fixture.kernel.read((r) => r.db.rows('SELECT id, status FROM dispatches', []));
    await fixture.when('the agent has ended', () => {
      const mine = statusOf().filter((row) => dispatches.some((dispatch) => dispatch === row['id']));
      return mine.every((row) => row['status'] === 'cancelled');
    });
  });

  itLong('ends an agent at its time limit with all that it started (D10, D38)', async () => {
    await fixture.agents(SINGLE_PLANNER, 'setsid sleep 600 & echo $! > ../grandchild; wait');
    fixture.settings = { ...fixture.settings, maxAttempts: 1 };
    const { id } = await started(() => (fixture.settings = { ...fixture.settings, timeLimitMinutes: 1 / 60 }));
    await whenStatus(id, 'BLOCKED');
    assert.match(fixture.subtask(id).lastError ?? '', /took longer/);
    const pid = Number(await readFile(path.join(fixture.subtask(id).worktreePath ?? '', '..', 'grandchild'), 'utf8'));
    assert.equal(await groupRuns(pid), false);
  });

  itLong('reads ten megabytes without a line break, and gives up an agent that never closes (D10)', async () => {
    fixture.settings = { ...fixture.settings, maxAttempts: 2 };
    await fixture.agents(SINGLE_PLANNER, `head -c 10485760 /dev/zero | tr '\\0' x`);
    const { task, id } = await started();
    await whenStatus(id, 'BLOCKED');
    assert.equal(fixture.subtask(id).lastError, 'it ended without closing the subtask');
    assert.deepEqual(
      fixture.attempts(task, id).map(({ status }) => status),
      ['FAILED', 'FAILED'],
    );
  });

  it('takes any text for a text: quotes, substitutions, options, paths, markup and colors (D27)', async () => {
    const title = HOSTILE_TITLE;
    const description = `${title}\n\n--- </prompt>\n${'long '.repeat(20_000)}`;
    await writeFile(path.join(fixture.stage.root, 'title'), title);
    await writeFile(path.join(fixture.stage.root, 'body'), `## Spec\n${description}\n`);
    const files = `--title="$(cat ${fixture.stage.root}/title)" --body-file=${fixture.stage.root}/body`;
    await fixture.agents(`ic subtask create ${files}`, GOOD_WORKER);
    fixture.start();
    const task = await fixture.kernel.write((u) =>
      createTask(u, { projectId: listProjects(u)[0]?.id ?? '', title, description, autoStart: true }),
    );
    const first = () => fixture.kernel.read((r) => listSubtasks(r, task.id))[0];
    await fixture.when('decided', () => ['COMPLETED', 'BLOCKED'].includes(first()?.status ?? ''));
    const subtask = first() ?? assert.fail();
    assert.equal(subtask.status, 'COMPLETED', subtask.lastError ?? '');
    assert.equal(subtask.title, title);
    assert.match(subtask.branchName ?? '', /^[a-z0-9][a-z0-9-]*$/);
    assert.equal(path.dirname(subtask.worktreePath ?? '').startsWith(fixture.stage.storage), true);
    await merge(subtask.id);
    assert.match(await fixture.git('log', '-1', '--format=%B', 'main'), /\$\(touch pwned\)/);
    assert.equal((await fixture.git('log', '--all', '--name-only', '--format=')).includes('pwned'), false);
    for (const folder of [fixture.stage.project, fixture.stage.root, fixture.stage.storage]) {
      assert.equal(existsSync(path.join(folder, 'pwned')), false);
    }
  });

  itLong('keeps what a stopped agent wrote while the next round of it starts', async () => {
    await fixture.agents(
      SINGLE_PLANNER,
      `${COUNTING}; [ $n = 2 ] || { echo half > half.txt; exec sleep 600; }
      [ "$(cat half.txt)" = half ] || exit 1
      ${GOOD_WORKER}`,
    );
    const { task, id } = await started();
    const half = (): string => path.join(fixture.subtask(id).worktreePath ?? '', 'half.txt');
    await fixture.when('running', () => fixture.attempts(task, id)[0]?.status === 'RUNNING' && existsSync(half()));
    await fixture.kernel.write((u) => {
      failSubtask(u, id, 'stopped by a person');
      retrySubtask(u, id);
    });
    await whenStatus(id, 'COMPLETED');
    assert.deepEqual(
      fixture.attempts(task, id).map(({ status }) => status),
      ['CANCELLED', 'SUCCEEDED'],
    );
  });
});
