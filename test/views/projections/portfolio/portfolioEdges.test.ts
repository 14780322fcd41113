import assert from 'node:assert/strict';
import { droppedEdges } from '../../../../src/views/projections/portfolio/portfolioEdges';
import { PortfolioFixture } from '../../../support/portfolio/portfolioFixture';
import { Projects } from '../../../support/projects';

describe('the dependencies of a portfolio as rows', () => {
  const projects = Projects.ofSuite();
  let fixture: PortfolioFixture;

  beforeEach(async () => {
    fixture = await PortfolioFixture.create(projects);
  });

  it('shows the dependencies of a child both ways, and all of them in words', async () => {
    const made = await fixture.line();
    assert.deepEqual(fixture.below('Ship it', 'web'), [
      'Depends on api: waits: at a, needs b',
      'Needed by app: waits: at a, needs b',
    ]);
    assert.deepEqual(fixture.below('Ship it', 'Dependencies'), [
      'api → web: api at a, needs b',
      'web → app: web at a, needs b',
    ]);
    await fixture.advance(made, 'api');
    assert.equal(fixture.below('Ship it', 'web')[0], 'Depends on api: at b');
    assert.equal(fixture.below('Ship it', 'Dependencies')[0], 'api → web: satisfied');
    const edge = fixture.at('Ship it', 'Dependencies', 'api → web');
    assert.equal(edge.contextValue, 'intercore.dependency+writable');
    assert.equal(edge.spoken, 'web depends on api, satisfied');
    assert.ok(edge.ref.kind === 'dependency');
    assert.deepEqual(
      { upstream: edge.ref.upstream, downstream: edge.ref.downstream },
      { upstream: fixture.home.dir('api'), downstream: fixture.home.dir('web') },
    );
  });

  it('lets a child that is dropped on another of its portfolio wait for it', async () => {
    await fixture.line();
    const [api, web] = [fixture.at('Ship it', 'api').ref, fixture.at('Ship it', 'web').ref];
    assert.ok(web.kind === 'child' && api.kind === 'child');
    assert.deepEqual(droppedEdges([web], api), [
      { upstream: fixture.home.dir('api'), downstream: fixture.home.dir('web') },
    ]);
    assert.deepEqual(droppedEdges([web], web), []);
    assert.deepEqual(droppedEdges([web], fixture.at('Ship it').ref), []);
    assert.deepEqual(droppedEdges([web], undefined), []);
    assert.deepEqual(droppedEdges([{ ...web, portfolioId: 'another' }], api), []);
  });
});
