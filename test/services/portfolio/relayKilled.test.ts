import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import fc from 'fast-check';
import { SAVE_STEPS } from '../../../src/host/database/imageFile';
import { inLong } from '../../support/long';
import { Projects } from '../../support/projects';
import type { RelayTask } from '../../support/portfolio/relayProgram';
import { RelayScene } from '../../support/portfolio/relaying';
import { checkTold, playRelayStory, relayStories } from '../../support/portfolio/relayStory';

const PROGRAM = path.join(__dirname, '../../support/portfolio/relayProgram.js');

describe('relays that are killed', function () {
  this.timeout(180_000);
  const projects = Projects.ofSuite();

  it('tell each event once, whichever step of saving they die at', async () => {
    const scene = await RelayScene.create(projects, ['api', 'web'], [['api', 'web']]);
    for (const dieAt of SAVE_STEPS) {
      await Promise.all([scene.advance('api', 2), scene.advance('web')]);
      const task: RelayTask = { home: scene.workspace.folder, portfolioId: scene.portfolioId, dieAt };
      const child = spawn(process.execPath, [PROGRAM, JSON.stringify(task)], {
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL'], dieAt);
      await scene.relay().cycle();
      await checkTold(scene, ['api', 'web']);
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
