import assert from 'node:assert/strict';
import { cancelRun } from '../../../../src/kernel/run/cancel';
import { cyclePortfolio } from '../../../../src/services/portfolio/relay/relays';
import { PortfolioFixture } from '../../../support/portfolio/portfolioFixture';
import { Projects } from '../../../support/projects';

describe('the groups below a portfolio', () => {
  const projects = Projects.ofSuite();
  let fixture: PortfolioFixture;

  beforeEach(async () => {
    fixture = await PortfolioFixture.create(projects);
  });

  it('names each child that is behind under the condition of the gate', async () => {
    const made = await fixture.line();
    await fixture.advance(made, 'api');
    const web = await fixture.home.project('web');
    await web.write((u) => cancelRun(u, fixture.idOf(made, 'web')));
    await cyclePortfolio(fixture.home.home, made.portfolio.id);
    assert.equal(fixture.at('Ship it', 'Gate').description, 'gate to b blocked, 1 of 1 missing');
    const condition = fixture.at('Ship it', 'Gate', 'All children at phase b or beyond');
    assert.equal(condition.contextValue, 'intercore.portfolioCondition+fail');
    assert.deepEqual(
      fixture.view.children(condition.ref).map(({ label, description }) => [label, description]),
      [['app', 'at a']],
    );
    assert.match(fixture.view.tooltip(condition.ref)?.text ?? '', /Advance the children that are behind/);
  });
});
