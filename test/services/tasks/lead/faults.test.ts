import { itLong } from '../../../support/long';
import { TaskLane } from '../../../support/tasks/taskLane';

/** Each step of a save at least once. */
const KILLS = 20;

describe('a task whose window is killed', function () {
  this.timeout(300_000);

  // In every run, `stages` and `races` kill windows, where it tells most.
  itLong('comes to the same end after each kill, with running agents', async () => {
    const lane = await TaskLane.open();
    try {
      await lane.run(KILLS);
    } finally {
      await lane.close();
    }
  });
});
