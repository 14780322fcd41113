/** The fence of a lease: its check goes along with whatever is done inside, and ends with it. */
import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { checkFence, fenceCheck, outsideFence, withinFence } from '../../../src/host/locks/fence';
import { processStarter } from '../../../src/host/process/startProcess';
import { testGit } from '../../support/git';

describe('the fence of a lease', () => {
  let isLost: boolean;
  const check = (): void => {
    if (isLost) throw new Error('lost');
  };
  beforeEach(() => {
    isLost = false;
  });

  it('refuses every start of a program inside once the lease is lost', async () => {
    const git = testGit();
    const folder = await git.places.gitFolder(realpathSync(os.tmpdir()));
    await withinFence(check, async () => {
      processStarter(() => true, 'test');
      isLost = true;
      await delay(1);
      assert.throws(() => processStarter(() => true, 'test'), /lost/);
      await assert.rejects(() => git.run(folder, ['version']), /lost/);
    });
  });

  it('does not hold what is outside, what is left behind, and what is done for several callers', async () => {
    isLost = true;
    checkFence();
    const left = await withinFence(check, async () => {
      await Promise.resolve();
      outsideFence(checkFence);
      assert.throws(checkFence, /lost/);
      return { later: delay(5).then(checkFence), kept: fenceCheck() };
    });
    await left.later;
    left.kept?.();
  });
});
