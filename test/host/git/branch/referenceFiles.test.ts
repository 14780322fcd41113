/**
 * A repository whose references are not in files (`extensions.refStorage=reftable`): nothing is concluded from its `HEAD`
 * file. The git of a test may be too old to make one, so the files are as a newer git leaves them.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../../../../scripts/demo/repositories';
import { lossOf } from '../../../../src/host/git/snapshot/treeLoss';
import { gitFolder } from '../../../support/git';
import { commitIn, makeRepository } from '../../../support/tasks/nested';
import { isCode } from '../../../support/projects';
import { SnapshotStage } from '../../../support/tasks/snapshotStage';

const ELSEWHERE = 'ref: refs/heads/.invalid\n';

describe('a repository whose references are not in files', function () {
  this.timeout(60_000);
  let stage: SnapshotStage;
  let files: string;

  beforeEach(async () => {
    stage = await SnapshotStage.open();
    await stage.makeTree();
    files = path.join(stage.clone, '.git', 'worktrees', 'work');
  });
  afterEach(() => stage.close());

  it('keeps what it has of a deleted worktree whose head is unknown', async () => {
    await git(stage.tree, ['checkout', '--quiet', '--detach']);
    await commitIn(stage.tree, 'alone.txt');
    await rm(stage.tree, { recursive: true });
    await writeFile(path.join(files, 'HEAD'), ELSEWHERE);
    await assert.rejects(stage.worktrees.remove(stage.tree, 'gone'), isCode('GIT_FAILED'));
    assert.ok(existsSync(path.join(files, 'index')));
  });

  it('is kept whole where it is below a worktree', async () => {
    const app = path.join(stage.tree, 'build', 'app');
    await makeRepository(app);
    await git(app, ['update-ref', 'refs/remotes/origin/main', 'main']);
    await git(app, ['config', 'extensions.refStorage', 'reftable']);
    await writeFile(path.join(app, '.git', 'HEAD'), ELSEWHERE);
    const { losses } = await lossOf(stage.repository, await gitFolder(stage.tree));
    assert.deepEqual(
      losses.map(({ kind, path: place }) => `${kind} ${place}`),
      ['unreadable build/app'],
    );
    const folder = await stage.restored();
    assert.ok(existsSync(path.join(folder, 'build', 'app', '.git', 'objects')));
  });
});
