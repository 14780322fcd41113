/** A program that follows events while writers keep the record busy for longer than it waits. */
import assert from 'node:assert/strict';
import { withFileLock } from '../../../../src/host/locks/fileLock';
import { Follower } from '../../../support/dispatch/follower';
import { IcProject } from '../../../support/records/icProject';

describe('a follower of events', function () {
  this.timeout(60_000);

  it('continues while the record stays locked, and stores its cursor afterwards', async () => {
    const project = await IcProject.open();
    try {
      await project.ok('run', 'create', '--goal=first');
      await project.ok('run', 'advance', (await project.ok('run', 'create', '--goal=second')).trim());
      let follower: Follower | undefined;
      await withFileLock(project.database, { timeoutMs: 5000 }, async () => {
        follower = new Follower(project.folder, '--consumer=patient', '--timeout=200ms');
        await follower.until(1);
        await follower.whenNoted(/the cursor is not stored yet/);
      });
      while (!(await project.ok('events', 'cursor', 'list')).includes('patient'));
      assert.equal((await follower?.stop())?.length, 1);
    } finally {
      await project.close();
    }
  });
});
