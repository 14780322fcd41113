import { inLong } from '../../support/long';
import { VillageLane } from '../../support/tasks/taskLane';

/** Each step of a save at least once. */
const KILLS = inLong(8, 20);

describe('a village whose window is killed', function () {
  this.timeout(300_000);

  it('comes to the same end after each kill, with agents at work', async () => {
    const lane = await VillageLane.open();
    try {
      await lane.run(KILLS);
    } finally {
      await lane.close();
    }
  });
});
