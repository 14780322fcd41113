/**
 * Kills writing processes at random moments, hundreds of times, and checks after each that the file is sound and holds
 * every acknowledged write. `node out/bench/torture.js [kills] [lanes]`; ends with code 1 at the first loss.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { KillLane } from '../test/support/tasks/killLane';

const KILLS = 500;
/** A lane starts again now and then, so that its file stays small and its processes young. */
const KILLS_A_FILE = 25;

async function main(kills: number, lanes: number): Promise<void> {
  const started = performance.now();
  let left = kills;
  let done = 0;
  let acknowledged = 0;
  const run = async (): Promise<void> => {
    while (left > 0) {
      const share = Math.min(left, KILLS_A_FILE);
      left -= share;
      const folder = await mkdtemp(path.join(tmpdir(), 'intercore-torture-'));
      const lane = await KillLane.open(folder);
      while (lane.kills < share - 1) await lane.killOnce();
      await lane.close();
      await rm(folder, { recursive: true });
      done += lane.kills;
      acknowledged += lane.acknowledged;
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      console.log(`${done} kills, ${acknowledged} acknowledged writes, none lost, ${seconds} s`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, run));
}

const [kills = KILLS, lanes = availableParallelism()] = process.argv.slice(2).map(Number);
main(kills, lanes).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
