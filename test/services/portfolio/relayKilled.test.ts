import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import fc from 'fast-check';
import { SAVE_STEPS } from '../../../src/host/image/imageFile';
import { inLong, IS_LONG } from '../../support/long';
import { Projects } from '../../support/projects';
import type { RelayTask } from '../../support/portfolio/relayProgram';
import { RelayFixture } from '../../support/portfolio/relayFixture';
import { checkRelayed, playRelayStory, relayStories } from '../../support/portfolio/relayStory';

/** In every run the last step before a save counts, and the first after. */
const DEATHS = IS_LONG ? SAVE_STEPS : (['held', 'renamed'] as const);
const PROGRAM = path.join(__dirname, '../../support/portfolio/relayProgram.js');

describe('relays that are killed', function () {
  this.timeout(180_000);
  const projects = Projects.ofSuite();

  it('tell each event once, whichever step of saving they die at', async () => {
    const fixture = await RelayFixture.create(projects, ['api', 'web'], [['api', 'web']]);
    for (const dieAt of DEATHS) {
      await Promise.all([fixture.advance('api', 2), fixture.advance('web')]);
      const task: RelayTask = { home: fixture.workspace.folder, portfolioId: fixture.portfolioId, dieAt };
      const child = spawn(process.execPath, [PROGRAM, JSON.stringify(task)], {
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL'], dieAt);
      await fixture.relay().cycle();
      await checkRelayed(fixture, ['api', 'web']);
    }
  });

  it('leave a portfolio whose events and mirrors are those of its children, whatever happens there', async () => {
    await fc.assert(
      fc.asyncProperty(relayStories(6), async (story) => {
        await playRelayStory(projects, story);
      }),
      { numRuns: inLong(1, 4), endOnFailure: true },
    );
  });
});
