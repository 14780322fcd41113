/** A record that others keep busy for longer than a person would wait for it. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { withFileLock } from '../../../../src/host/locks/fileLock';
import { IcProject } from '../../../support/records/icProject';

const HELD_MS = 6000;

describe('a record that stays locked', function () {
  this.timeout(60_000);

  it('is waited for longer by an agent, so that its attempt is not lost', async () => {
    const project = await IcProject.open();
    try {
      const env = { INTERCORE_DISPATCH_ID: 'd1', INTERCORE_DB: project.database };
      const [person, agent] = await withFileLock(project.database, { timeoutMs: 5000 }, async () => {
        const calls = [
          project.run(['run', 'create', '--goal=person']),
          project.run(['run', 'create', '--goal=agent'], { env }),
        ];
        await delay(HELD_MS);
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
