/** Real agents of every kind in sessions, offline, against a scripted model: what docs/sessions.md says of them. */
import assert from 'node:assert/strict';
import { seenKinds } from '../../../../scripts/kinds/kindTraits';
import { describeLong } from '../../../support/long';
import { KindTrial } from '../../../support/sessions/kindTrial';
import { installedAgent, REAL_AGENTS } from '../../../support/sessions/realAgents';

describeLong('a session with a real agent', function () {
  this.timeout(400_000);

  for (const agent of REAL_AGENTS) {
    it(`asks, continues, and counts as the documented table says: ${agent.kind.name}`, async function () {
      const installed = await installedAgent(agent);
      if ('reason' in installed) {
        console.warn(`      skipped: ${installed.reason}`);
        return this.skip();
      }
      const trial = await KindTrial.start(agent, installed);
      try {
        const traits = await trial.run();
        const documented = seenKinds().find(({ kind }) => kind === agent.kind.name)?.traits;
        assert.deepEqual(traits, documented, JSON.stringify(traits));
        assert.deepEqual(trial.errors, []);
      } catch (error) {
        console.error(await trial.log());
        throw error;
      } finally {
        await trial.dispose();
      }
    });
  }
});
