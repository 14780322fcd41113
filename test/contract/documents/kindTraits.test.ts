/** The table of agents in docs/sessions.md. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { withAgents } from '../../../scripts/docs';
import { seenKinds } from '../../../scripts/kinds/kindTraits';
import { inProject } from '../../../tools/project';
import { REAL_AGENTS } from '../../support/sessions/realAgents';

describe('the table of agents', () => {
  it('is in docs/sessions.md as the tests saw them', () => {
    const page = readFileSync(inProject('docs/sessions.md'), 'utf8');
    assert.equal(page, withAgents(page), 'out of date: run scripts/docs');
  });

  it('has the versions that are installed, of each agent that is tested', () => {
    const seen = seenKinds().map(({ kind, package: name, version }) => ({ kind, name, version }));
    const tested = REAL_AGENTS.map(({ kind, recipe }) => ({
      kind: kind.name,
      name: recipe.package,
      version: recipe.version,
    }));
    assert.deepEqual(seen, tested, 'run test/services/agents/acp/realSessions.test.ts in the long run');
  });

  it('has agents only that ask, and do what is decided', () => {
    const faulty = seenKinds().filter(({ traits }) => !(traits.asks && traits.allows && traits.denies));
    assert.deepEqual(faulty, []);
  });
});
