import assert from 'node:assert/strict';
import { setRun } from '../../../../src/kernel/run/record/runs';
import { CHAIN, PortfolioFixture } from '../../../support/portfolio/portfolioFixture';
import { Projects } from '../../../support/projects';

describe("a portfolio's row", () => {
  const projects = Projects.ofSuite();
  let fixture: PortfolioFixture;

  beforeEach(async () => {
    fixture = await PortfolioFixture.create(projects);
  });

  it('says where a portfolio stands, how many children are there and who is behind', async () => {
    const made = await fixture.line();
    assert.equal(fixture.at('Ship it').label, 'waits for app and 2 more · Ship it');
    assert.equal(fixture.at('Ship it').description, 'a · 0 of 3 children advanced');
    assert.equal(fixture.at('Ship it').contextValue, 'intercore.portfolio+active+blocked+writable');
    for (const name of ['api', 'web']) await fixture.advance(made, name);
    assert.equal(fixture.at('Ship it').label, 'waits for app · Ship it');
    assert.equal(fixture.at('Ship it').description, 'a · 2 of 3 children advanced');
    await fixture.advance(made, 'app');
    assert.equal(fixture.at('Ship it').label, 'a · Ship it');
    assert.equal(fixture.at('Ship it').description, '3 of 3 children advanced');
    assert.equal(fixture.at('Ship it').contextValue, 'intercore.portfolio+active+writable');
    assert.match(fixture.at('Ship it').spoken, /^Portfolio a · Ship it, active, 3 of 3/);
    const tooltip = fixture.view.tooltip(fixture.at('Ship it').ref);
    assert.equal(tooltip?.text, 'a · 3 of 3 children advanced');
    assert.equal(new Map(tooltip.facts).get('Phases'), CHAIN.join(' → '));
    const child = fixture.view.tooltip(fixture.at('Ship it', 'web').ref);
    assert.equal(new Map(child?.facts).get('Depends on'), 'api');
  });

  it('shows hostile goals and names as what they are', async () => {
    const goal = '$(bug) **x** <b>\nsecond line [a](command:b)';
    const made = await fixture.home.make(['api', '$(zap)`x`'], CHAIN, goal);
    assert.equal(fixture.at('$(bug) **x** <b>').ref.kind, 'portfolio');
    assert.equal(fixture.at('$(bug) **x** <b>', '$(zap)`x`').ref.kind, 'child');
    await fixture.home.home.kernel.write((u) => setRun(u, made.portfolio.id, { goal: 'x'.repeat(100_000) }));
    assert.match(fixture.view.roots()[0]?.label ?? '', / · x{119}…$/);
  });
});
