/** A record that other processes keep busy for longer than a person would wait. */
import assert from 'node:assert/strict';
import { withFileLock } from '../../../../src/host/locks/fileLock';
import { IcProject } from '../../../support/records/icProject';

describe('a record that stays locked', function () {
  this.timeout(60_000);

  it('makes an agent wait longer, so that its attempt is not lost', async () => {
    const project = await IcProject.open();
    try {
      const env = { INTERCORE_DISPATCH_ID: 'd1', INTERCORE_DB: project.database };
      const [person, agent] = await withFileLock(project.database, { timeoutMs: 5000 }, async () => {
        const calls = [
          project.run(['run', 'create', '--goal=person']),
          project.run(['run', 'create', '--goal=agent'], { env }),
        ];
        await calls[0];
        return calls;
      });
      assert.equal((await person)?.code, 2);
      assert.match((await person)?.stderr ?? '', /stayed locked for 5\d{3} ms/);
      assert.equal((await agent)?.code, 0, (await agent)?.stderr);
      assert.match(await project.ok('run', 'list'), /agent/);
    } finally {
      await project.close();
    }
  });
});
