import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { blockedNames } from '../../../../src/views/projections/portfolio/portfolioSummary';
import { PortfolioFixture } from '../../../support/portfolio/portfolioFixture';
import { Projects } from '../../../support/projects';

describe('the children of a portfolio as rows', () => {
  const projects = Projects.ofSuite();
  let fixture: PortfolioFixture;

  beforeEach(async () => {
    fixture = await PortfolioFixture.create(projects);
  });

  it('shows the children upstream first, with whom they wait for and what they need of it', async () => {
    const made = await fixture.line();
    const rows = fixture.view.children(fixture.at('Ship it').ref).filter(({ ref }) => ref.kind === 'child');
    assert.deepEqual(
      rows.map(({ label, description }) => [label, description]),
      [
        ['api', 'a'],
        ['web', 'waits for api (at a, needs b) · a'],
        ['app', 'waits for web (at a, needs b) · a'],
      ],
    );
    const [api, web] = rows;
    assert.equal(api?.contextValue, 'intercore.child+active+own+open+writable');
    assert.equal(web?.contextValue, 'intercore.child+active+own+open+waiting+writable');
    const { ref } = web;
    assert.ok(ref.kind === 'child');
    assert.deepEqual(
      { folder: ref.folder, runId: ref.runId, portfolioId: ref.portfolioId },
      { folder: fixture.home.dir('web'), runId: fixture.idOf(made, 'web'), portfolioId: made.portfolio.id },
    );
  });

  it('says what else the gate of a child lacks where its folder is open', async () => {
    await fixture.home.make(['api', 'elsewhere'], ['planned', 'executing', 'done']);
    assert.equal(fixture.at('Work', 'api').description, 'planned · needs an artifact');
    await fixture.home.home.childKernel(fixture.home.dir('elsewhere')).load();
    assert.equal(fixture.at('Work', 'elsewhere').description, 'planned · no record of its own · folder not open');
    assert.equal(fixture.at('Work').label, 'needs an artifact, waits for api and 1 more · Work');
    assert.equal(fixture.at('Work').description, 'planned · 0 of 2 children advanced');
  });

  it('shows running dispatches, and that there are some where the folder is not open', async () => {
    const made = await fixture.line();
    await fixture.dispatch(made, 'api', 'Fix');
    assert.match(fixture.at('Ship it').description ?? '', /1 dispatch running$/);
    assert.equal(fixture.at('Ship it', 'api').description, 'a · 1 dispatch running');
    const dispatch = fixture.at('Ship it', 'api', 'Fix');
    assert.ok(dispatch.ref.kind === 'dispatch' && dispatch.ref.folder === fixture.home.dir('api'));
    assert.equal(fixture.view.tooltip(dispatch.ref)?.title, 'Fix');

    fixture.close('api');
    assert.equal(fixture.at('Ship it', 'api').description, 'a · loading · folder not open');
    await fixture.home.home.childKernel(fixture.home.dir('api')).load();
    assert.equal(fixture.at('Ship it', 'api').description, 'a · 1 dispatch running · folder not open');
    assert.ok(fixture.below('Ship it', 'api').includes('Dispatches: 1 dispatch running; open the folder to see them'));
  });

  it('says why a child cannot be read, wherever that holds others up', async () => {
    await fixture.line();
    fixture.close('api');
    await writeFile(`${fixture.home.dir('api')}/.clavain/intercore.db`, 'no database');
    fixture.at('Ship it', 'api');
    await fixture.home.home.childKernel(fixture.home.dir('api')).load();
    assert.equal(fixture.at('Ship it', 'api').description, 'a · cannot be read · folder not open');
    assert.match(fixture.at('Ship it', 'api').contextValue, /\+unreadable\b/);
    assert.match(fixture.below('Ship it', 'api')[0] ?? '', /^Cannot be read: The database .* is damaged/);
    assert.match(
      fixture.at('Ship it', 'Gate', 'All children at phase b or beyond', 'api').description ?? '',
      /^cannot be read: /,
    );
    assert.equal(blockedNames(fixture.context), '3 children blocked: api, web, app');
  });
});
