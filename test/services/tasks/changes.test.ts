/** What a subtask's work has changed, from a real worktree and from its branch alone. */
import assert from 'node:assert/strict';
import { testGit } from '../../support/git';
import { changesOf } from '../../../src/services/tasks/proof/changes';
import { SINGLE_PLANNER, VillageStage } from '../../support/tasks/taskFixture';

describe('the changes of a subtask', function () {
  this.timeout(60_000);

  it('are its commits and what is not committed yet, against where it began', async () => {
    const village = await VillageStage.open();
    try {
      await village.agents(
        SINGLE_PLANNER,
        `git mv README.md READ.md && echo new > "a b.txt" && git add --all && git commit --quiet -m Work
         echo loose > loose.txt; exit 1`,
      );
      village.settings = { ...village.settings, maxAttempts: 1 };
      village.start();
      const task = await village.task({ autoStart: true });
      await village.when('failed', () => village.read(task).subtasks[0]?.blockedReason === 'FAILURE');
      const [subtask] = village.read(task).subtasks;
      const changes = await changesOf({ kernel: village.kernel, git: testGit() }, subtask?.id ?? '');
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
      await village.close();
    }
  });
});
