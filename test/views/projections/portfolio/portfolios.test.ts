import assert from 'node:assert/strict';
import { cancelRun } from '../../../../src/kernel/run/cancel';
import { PAGE_SIZE } from '../../../../src/views/projections/pages';
import { blockedNames, portfolioSummary } from '../../../../src/views/projections/portfolio/portfolioSummary';
import { TreeState } from '../../../../src/views/trees/treeState';
import { CHAIN, PortfolioFixture } from '../../../support/portfolio/portfolioFixture';
import { Projects } from '../../../support/projects';
import { atOnce } from '../../../support/tasks/steps';

describe('the Portfolio view', () => {
  const projects = Projects.ofSuite();
  let fixture: PortfolioFixture;

  beforeEach(async () => {
    fixture = await PortfolioFixture.create(projects);
  });

  it('is empty where there is no portfolio', () => {
    assert.deepEqual(fixture.view.roots(), []);
  });

  it('shows a circle and the children on it, and children and portfolios that cannot be read', async () => {
    const made = await fixture.line();
    await fixture.home.home.kernel.write((u) => {
      const insert = `INSERT INTO project_deps (portfolio_run_id, upstream_project, downstream_project, created_at)
        VALUES (?, ?, ?, 1)`;
      u.db.run(insert, [made.portfolio.id, fixture.home.dir('app'), fixture.home.dir('web')]);
    });
    assert.match(fixture.at('Ship it').description ?? '', /circular dependency/);
    assert.deepEqual(fixture.at('Ship it', 'Dependencies', 'Circle').description, 'web → app → web');
    assert.equal(fixture.view.children(fixture.at('Ship it').ref).filter(({ ref }) => ref.kind === 'child').length, 3);
    await fixture.home.home.kernel.write((u) => {
      u.db.run("UPDATE runs SET status = 'odd' WHERE id = ?", [fixture.idOf(made, 'api')]);
    });
    assert.equal(fixture.at('Ship it', fixture.idOf(made, 'api')).ref.kind, 'invalidChild');
    await fixture.home.home.kernel.write((u) => {
      u.db.run("UPDATE runs SET status = 'odd' WHERE id = ?", [made.portfolio.id]);
    });
    assert.equal(fixture.at(made.portfolio.id).ref.kind, 'invalidPortfolio');
  });

  it('tells projects of the same name by their paths', async () => {
    await fixture.home.make(['one/lib', 'two/lib'], CHAIN);
    assert.ok(fixture.at('Work', fixture.home.dir('one/lib')).ref.kind === 'child');
  });

  it('redraws one row where one child changed, and nothing where nothing did', async () => {
    const made = await fixture.line();
    const state = new TreeState(fixture.view);
    const [portfolio] = state.showRoots();
    assert.ok(portfolio !== undefined);
    state.showChildren(portfolio);
    assert.deepEqual(state.refresh(), []);
    await fixture.dispatch(made, 'app');
    const redraw = state.refresh();
    // The portfolio counts it too, and it is redrawn with what is below it.
    assert.ok(redraw !== 'all');
    assert.deepEqual(
      redraw.map((ref) => state.row(ref)?.label),
      ['waits for app and 2 more · Ship it'],
    );
    state.showChildren(portfolio);
    const found = atOnce(state.find((ref) => ref.kind === 'child' && ref.projectDir === fixture.home.dir('web')));
    assert.ok(found !== undefined);
    assert.equal(state.parent(found), portfolio);
  });

  it('pages long lists of children', async () => {
    const names = Array.from({ length: PAGE_SIZE + 5 }, (_, index) => `p${index}`);
    await fixture.home.make(names, CHAIN);
    const more = fixture.at('Work', 'Show More…');
    assert.equal(more.description, '5');
    assert.deepEqual(
      fixture.view.children(more.ref).map(({ label }) => label),
      names.slice(PAGE_SIZE),
    );
    const behind = fixture.view.children(fixture.at('Work', 'Gate', 'All children at phase b or beyond').ref);
    assert.equal(behind.length, PAGE_SIZE + 1);
    assert.equal(fixture.view.children(behind.at(-1)?.ref ?? more.ref).length, 5);
  });

  it('puts ended portfolios under their day', async () => {
    const made = await fixture.line();
    await fixture.home.home.kernel.write((u) => cancelRun(u, made.portfolio.id));
    const [day, ...others] = fixture.view.roots();
    assert.ok(day !== undefined);
    assert.deepEqual(
      { kind: day.ref.kind, description: day.description, othersCount: others.length },
      { kind: 'group', description: '1 portfolio', othersCount: 0 },
    );
    const [ended] = fixture.view.children(day.ref);
    assert.match(ended?.description ?? '', /^cancelled .* · 3 children$/);
    assert.equal(blockedNames(fixture.context), undefined);
    assert.equal(portfolioSummary(fixture.context), undefined);
  });
});
