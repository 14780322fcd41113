import assert from 'node:assert/strict';
import { blockedNames, portfolioSummary } from '../../../../src/views/projections/portfolio/portfolioSummary';
import { PortfolioFixture } from '../../../support/portfolio/portfolioFixture';
import { Projects } from '../../../support/projects';

describe('the portfolio in the status bar', () => {
  const projects = Projects.ofSuite();
  let fixture: PortfolioFixture;

  beforeEach(async () => {
    fixture = await PortfolioFixture.create(projects);
  });

  it('says in the status bar where the portfolio stands and where each child does', async () => {
    const made = await fixture.line();
    const first = portfolioSummary(fixture.context);
    assert.equal(first?.text, 'a · 0/3 · waits for app and 2 more');
    assert.equal(first.portfolioId, made.portfolio.id);
    assert.deepEqual({ icon: first.icon, needsPerson: first.needsPerson }, { icon: 'lock', needsPerson: true });
    assert.deepEqual(first.tooltip.facts[1], ['web', 'waits for api (at a, needs b) · a']);
    assert.equal(blockedNames(fixture.context), '2 children blocked: web, app');
    await fixture.dispatch(made, 'api');
    const working = portfolioSummary(fixture.context);
    assert.equal(working?.text, 'a · 0/3 · waits for app and 2 more · 1 running');
    assert.deepEqual(
      { icon: working.icon, needsPerson: working.needsPerson },
      { icon: 'sync~spin', needsPerson: false },
    );
  });
});
