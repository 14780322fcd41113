import assert from 'node:assert/strict';
import { silentLog } from '../../../src/host/log';
import { TakingUp } from '../../../src/services/leader/takingUp';
import { Stage } from '../../support/dispatch/dispatchFixture';

describe('adopting the agents of a record', () => {
  it('is tried again where it failed', async () => {
    const stage = await Stage.open();
    try {
      const kernel = await stage.kernel();
      let tries = 0;
      const triesUntilTakenUp = await new Promise<number>((resolve) => {
        const adopt = () => {
          tries += 1;
          const report = { adopted: [], settled: [], left: [] };
          return tries < 3 ? Promise.reject(new Error('The record is busy.')) : Promise.resolve(report);
        };
        const tookUp = (): void => resolve(tries);
        const deps = {
          dispatcher: { adopt, storages: [] },
          log: silentLog,
          trusted: () => true,
          tookUp,
          againAfterMs: 1,
          rules: () => undefined,
          by: 'ada',
        };
        new TakingUp(deps).look(kernel);
      });
      assert.equal(triesUntilTakenUp, 3);
    } finally {
      await stage.close();
    }
  });
});
