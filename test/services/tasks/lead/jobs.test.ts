/** Jobs that repeat while a program leads: a failure of one ends neither it nor the program. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { silentLog, type Log } from '../../../../src/host/log';
import { startAgain } from '../../../../src/services/tasks/lead/jobs';
import { Stage } from '../../../support/dispatch/dispatchFixture';

function recordingLog(): { readonly log: Log; readonly problems: unknown[] } {
  const problems: unknown[] = [];
  return { log: { ...silentLog, error: (_, fields) => problems.push(fields?.['problem']) }, problems };
}

describe('a job that repeats while a program leads', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.open();
  });
  afterEach(() => stage.close());

  it('starts again after each failure, says so, and ends when the program leads no longer', async () => {
    const { log, problems } = recordingLog();
    const stop = new AbortController();
    let starts = 0;
    await startAgain(
      { kernel: await stage.kernel(), log },
      'tidying',
      stop.signal,
      async () => {
        starts += 1;
        if (starts < 3) throw new Error('The record cannot be read.');
        setImmediate(() => stop.abort());
        await once(stop.signal, 'abort');
      },
      1,
    );
    assert.equal(starts, 3);
    assert.deepEqual(problems, ['The record cannot be read.', 'The record cannot be read.']);
  });

  it('does not start again when its program stopped leading in its pause, or it failed of that', async () => {
    const { log, problems } = recordingLog();
    const kernel = await stage.kernel();
    for (const stopIn of ['work', 'pause']) {
      const stop = new AbortController();
      let starts = 0;
      await startAgain(
        { kernel, log },
        'syncing',
        stop.signal,
        () => {
          starts += 1;
          if (stopIn === 'work') stop.abort();
          else setImmediate(() => stop.abort());
          return Promise.reject(new Error('Refused.'));
        },
        60_000,
      );
      assert.equal(starts, 1);
    }
    assert.deepEqual(problems, ['Refused.']);
  });
});
