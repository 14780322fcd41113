/**
 * Kills a window that orchestrates a village at the steps of its saves, again and again, until the task is done all the
 * same, and looks for lost commits, doubled agents and states without a way out.
 * `node out/bench/tortureVillage.js [villages] [kills of each]`; ends with code 1 at the first fault.
 */
import { VillageLane } from '../test/support/villageLane';

async function main(villages: number, kills: number): Promise<void> {
  const started = performance.now();
  let done = 0;
  for (let n = 1; n <= villages; n += 1) {
    const lane = await VillageLane.open();
    try {
      await lane.run(kills);
    } finally {
      await lane.close();
    }
    done += lane.kills;
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log(`${n} villages done, ${done} kills, nothing lost, ${seconds} s`);
  }
}

const [villages = 20, kills = 40] = process.argv.slice(2).map(Number);
main(villages, kills).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
