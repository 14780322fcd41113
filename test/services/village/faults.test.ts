import { VillageLane } from '../../support/villageLane';

describe('a village whose window is killed', function () {
  this.timeout(300_000);

  it('comes to the same end after 20 kills, with agents at work', async () => {
    const lane = await VillageLane.open();
    try {
      await lane.run(20);
    } finally {
      await lane.close();
    }
  });
});
