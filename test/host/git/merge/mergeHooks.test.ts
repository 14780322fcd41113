/** Which hooks a merge would have run, so that the confirmation names exactly these. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git, PARCEL_API } from '../../../../scripts/demo/repositories';
import { mergeHooks } from '../../../../src/host/git/merge/mergeHooks';
import { Repository } from '../../../../src/host/git/repository';
import { gitFolder, testGit } from '../../../support/git';

describe('the hooks of a merge', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-hooks-')));
    await createRepository(folder, PARCEL_API);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function hook(file: string, mode = 0o755): Promise<void> {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), '#!/bin/sh\nexit 1\n', { mode });
  }
  const hooks = async (): Promise<string[]> => mergeHooks(new Repository(testGit(), await gitFolder(folder)));

  it('are those that git would run: of a merge, and executable', async () => {
    await hook('.git/hooks/pre-push');
    await hook('.git/hooks/pre-merge-commit.sample');
    await hook('.git/hooks/commit-msg', 0o644);
    assert.deepEqual(await hooks(), []);
    await hook('.git/hooks/post-merge');
    await hook('.git/hooks/pre-merge-commit');
    assert.deepEqual(await hooks(), ['pre-merge-commit', 'post-merge']);
  });

  it('are found where core.hooksPath names them, also by Husky', async () => {
    await hook('.git/hooks/post-merge');
    await hook('tools/hooks/commit-msg');
    await git(folder, ['config', 'core.hooksPath', 'tools/hooks']);
    assert.deepEqual(await hooks(), ['commit-msg']);
    for (const name of ['h', 'commit-msg', 'post-merge', 'pre-merge-commit']) await hook(`.husky/_/${name}`);
    await hook('.husky/post-merge', 0o644);
    await git(folder, ['config', 'core.hooksPath', '.husky/_']);
    assert.deepEqual(await hooks(), ['post-merge']);
  });
});
