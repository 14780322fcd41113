/**
 * Kills the leader of a task, again and again, until the task is done all the same, and searches for lost commits, doubled
 * agents and states without a way out. A window is killed at the steps of its saves, `ic lead` at random moments; every
 * fourth `ic lead` sleeps until another one has taken over, and wakes.
 * `node out/bench/tortureTasks.js [taskServices] [kills of each] [window|lead]`; ends with code 1 at the first fault.
 */
import { KilledLeaders } from '../test/support/tasks/killedLeaders';
import { TaskLane } from '../test/support/tasks/taskLane';

const ONE_SLEEPS_OF = 4;

async function main(taskServices: number, kills: number, program: string): Promise<void> {
  const started = performance.now();
  let done = 0;
  for (let n = 1; n <= taskServices; n += 1) {
    const lane = await (program === 'lead' ? TaskLane.open(new KilledLeaders(ONE_SLEEPS_OF)) : TaskLane.open());
    try {
      await lane.run(kills);
    } finally {
      await lane.close();
    }
    done += lane.kills;
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log(`${n} taskServices done, ${done} kills, nothing lost, ${seconds} s`);
  }
}

const [taskServices = '20', kills = '40', program = 'window'] = process.argv.slice(2);
main(Number(taskServices), Number(kills), program).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
