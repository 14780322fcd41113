/** What a subtask's work has changed, from a real worktree and from its branch alone. */
import assert from 'node:assert/strict';
import { testGit } from '../../../support/git';
import { changesOf } from '../../../../src/services/tasks/proof/changes';
import { SINGLE_PLANNER, TaskFixture } from '../../../support/tasks/taskFixture';

describe('the changes of a subtask', function () {
  this.timeout(60_000);

  it('are its commits and what is not committed yet, against where it started', async () => {
    const fixture = await TaskFixture.open();
    try {
      await fixture.agents(
        SINGLE_PLANNER,
        `git mv README.md READ.md && echo new > "a b.txt" && git add --all && git commit --quiet -m Work
         echo loose > loose.txt; exit 1`,
      );
      fixture.settings = { ...fixture.settings, maxAttempts: 1 };
      fixture.start();
      const task = await fixture.task({ autoStart: true });
      await fixture.when('failed', () => fixture.read(task).subtasks[0]?.blockedReason === 'FAILURE');
      const [subtask] = fixture.read(task).subtasks;
      const changes = await changesOf({ kernel: fixture.kernel, git: testGit() }, subtask?.id ?? '');
      assert.equal(changes.worktree, subtask?.worktreePath);
      assert.deepEqual(
        changes.commits.map(({ subject }) => subject),
        ['Work'],
      );
      assert.deepEqual(
        [...changes.files].sort((a, b) => String(a.after).localeCompare(String(b.after))),
        [
          { before: null, after: 'a b.txt' },
          { before: null, after: 'loose.txt' },
          { before: 'README.md', after: 'READ.md' },
        ],
      );
    } finally {
      await fixture.close();
    }
  });
});
