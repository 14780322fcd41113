import assert from 'node:assert/strict';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { advanceRun } from '../../../../src/kernel/run/advance';
import { cyclePortfolio } from '../../../../src/services/portfolio/relay/relays';
import { portfolioReport } from '../../../../src/views/documents/portfolioReport';
import { IDLE_RELAY } from '../../../support/homes';
import { PortfolioFixture } from '../../../support/portfolio/portfolioFixture';
import { Projects } from '../../../support/projects';
import { atOnce } from '../../../support/tasks/steps';

describe('the relay of a portfolio as a row', () => {
  const projects = Projects.ofSuite();
  let fixture: PortfolioFixture;

  beforeEach(async () => {
    fixture = await PortfolioFixture.create(projects);
  });

  it('says how the relay does, in words', async () => {
    const made = await fixture.line();
    assert.equal(fixture.at('Ship it', 'Relay').description, 'not run yet');
    const api = await fixture.home.project('api');
    await api.write((u) => advanceRun(u, fixture.idOf(made, 'api'), { tier: 'none' }));
    fixture.relay = { ...IDLE_RELAY, isPaused: true, lastCycleAt: 1_767_225_600 };
    assert.equal(fixture.at('Ship it', 'Relay').description, 'paused · 1 event to relay');
    assert.match(fixture.at('Ship it').description ?? '', /relay paused$/);
    assert.match(fixture.at('Ship it').contextValue, /\+paused\b/);
    await cyclePortfolio(fixture.home.home, made.portfolio.id);
    fixture.relay = { ...fixture.relay, isPaused: false, relayed: 1 };
    assert.equal(fixture.at('Ship it', 'Relay').description, 'up to date · 1 relayed');
    assert.equal(fixture.at('Ship it', 'Relay').contextValue, 'intercore.relay+running+writable');
    const facts = new Map(fixture.view.tooltip(fixture.at('Ship it', 'Relay').ref)?.facts);
    assert.match(facts.get('Last cycle') ?? '', /2026|2025/);
    const error = new KernelError('DATABASE_BUSY', { path: '/p.db', waitedMs: 5 });
    fixture.relay = { ...fixture.relay, error };
    assert.match(fixture.at('Ship it', 'Relay').description ?? '', /^The database \/p\.db stayed locked/);
    assert.match(fixture.at('Ship it').description ?? '', /relay failing$/);
  });

  it('shows the events with the child they came from', async () => {
    const made = await fixture.line();
    await fixture.advance(made, 'api');
    const rows = fixture.view.children(fixture.at('Ship it', 'Events').ref);
    assert.match(
      rows.find(({ label }) => label === 'a → b')?.description ?? '',
      /^(child advanced · api|upstream changed) · /,
    );
    assert.equal(rows.filter(({ description }) => description?.startsWith('child advanced · api') === true).length, 1);
  });

  it('says of an event what its gate checked, with each child that was behind', async () => {
    const made = await fixture.line();
    await fixture.advance(made, 'web');
    await fixture.home.home.kernel.write((u) => advanceRun(u, made.portfolio.id, { tier: 'hard' }));
    const events = fixture.view.children(fixture.at('Ship it', 'Events').ref);
    const block = events.find(({ description }) => description?.startsWith('block · ') === true);
    assert.ok(block !== undefined);
    assert.deepEqual(fixture.view.tooltip(block.ref), {
      title: 'a → b · block',
      facts: [['All children at phase b or beyond', 'app (a), api (a)']],
    });
    const relayed = events.find(({ description }) => description?.startsWith('child advanced') === true);
    assert.ok(relayed !== undefined);
    assert.equal(fixture.view.tooltip(relayed.ref)?.text, 'from web');
    const report = atOnce(portfolioReport(fixture.context, { kind: 'portfolio', portfolioId: made.portfolio.id }));
    assert.match(report, /child advanced +a → b +from web/);
    assert.doesNotMatch(report, /relay:|child_/);
  });
});
