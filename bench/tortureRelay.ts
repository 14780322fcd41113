/**
 * Kills `ic portfolio relay` at random moments beside another relay, hundreds of times, over random graphs of projects
 * that move meanwhile, and compares each portfolio with its children. `node out/bench/tortureRelay.js [kills]`; ends
 * with code 1 at the first difference.
 */
import fc from 'fast-check';
import { Projects } from '../test/support/projects';
import { playRelayStory, relayStories } from '../test/support/portfolio/relayStory';

const KILLS = 200;
const KILLS_A_STORY = 20;

async function main(kills: number): Promise<void> {
  const started = performance.now();
  const projects = new Projects();
  let done = 0;
  const story = fc.asyncProperty(relayStories(KILLS_A_STORY), async (played) => {
    await playRelayStory(projects, played);
    await projects.clear();
    done += KILLS_A_STORY;
    console.log(`${done} kills, no event lost or doubled, ${((performance.now() - started) / 1000).toFixed(0)} s`);
  });
  await fc.assert(story, { numRuns: Math.ceil(kills / KILLS_A_STORY), endOnFailure: true });
}

main(Number(process.argv[2] ?? KILLS)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
