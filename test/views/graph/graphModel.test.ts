import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { graphCommand, type GraphNode, type GraphPicture } from '../../../src/contract/pages/graph';
import { createDispatch } from '../../../src/kernel/dispatch/service';
import { KernelError } from '../../../src/kernel/errors/errors';
import { insertDependency } from '../../../src/kernel/portfolio/store';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { advanceRun } from '../../../src/kernel/run/advance';
import type { PortfolioSnapshot, RelayState } from '../../../src/services/portfolio/home/model';
import { portfolioSnapshot } from '../../../src/services/portfolio/snapshot/snapshot';
import { graphPicture, projectOfNode } from '../../../src/views/graph/graphModel';
import { IDLE_RELAY, TestHome, type MadePortfolio } from '../../support/homes';
import { Projects } from '../../support/projects';
import { viewContextOf } from '../../support/records/viewFixture';

const CHAIN = ['plan', 'build', 'done'];

describe('the picture of a portfolio', () => {
  const projects = Projects.ofSuite();
  let home: TestHome;

  beforeEach(async () => {
    home = await TestHome.create(projects);
  });

  const look = (made: MadePortfolio, relay: RelayState = IDLE_RELAY): PortfolioSnapshot =>
    portfolioSnapshot(home.home, relay, made.portfolio.id);

  const draw = (made: MadePortfolio, relay?: RelayState): GraphPicture =>
    graphPicture(viewContextOf(), look(made, relay));

  function named(picture: GraphPicture, name: string): GraphNode {
    const found = picture.nodes.find((node) => node.name === name);
    assert.ok(found, `${name} is drawn`);
    return found;
  }

  /** Another program's edge, which was not checked. */
  async function store(made: MadePortfolio, upstream: string, downstream: string): Promise<void> {
    const edge = { upstream: home.dir(upstream), downstream: home.dir(downstream) };
    await home.home.kernel.write((u) => insertDependency(u, made.portfolio.id, edge));
  }

  it('is what both sides agreed on', async () => {
    const made = await home.make(['api', 'web'], CHAIN, 'Ship it\nwith a second line');
    await home.depend(made.portfolio.id, ['api', 'web']);
    const picture = draw(made);
    assert.deepEqual(graphCommand.parse({ type: 'draw', seq: 1, picture }).picture, picture);
    assert.equal(picture.title, 'Ship it');
    assert.equal(picture.summary, 'plan · active · 0 of 2 projects completed · 1 waiting');
  });

  it('says of a project who holds it back, in the node and at the line', async () => {
    const made = await home.make(['api', 'web'], CHAIN);
    await home.depend(made.portfolio.id, ['api', 'web']);
    const picture = draw(made);
    const [api, web] = [named(picture, 'api'), named(picture, 'web')];
    assert.deepEqual(picture.edges, [{ from: api.id, to: web.id, kind: 'holds', label: 'needs build' }]);
    assert.deepEqual({ status: api.status, notice: api.notice }, { status: 'active', notice: '' });
    assert.deepEqual(
      { status: web.status, state: web.state, notice: web.notice },
      { status: 'waiting', state: 'plan · active', notice: 'waits for api' },
    );
    assert.equal(web.spoken, 'web, phase plan, active, waits for api (at plan, needs build), depends on api');
  });

  it('frees the line when the upstream project is far enough', async () => {
    const made = await home.make(['api', 'web'], CHAIN);
    await home.depend(made.portfolio.id, ['api', 'web']);
    const api = made.children.find(({ projectDir }) => projectDir === home.dir('api'));
    await home.home.kernel.write((u) => advanceRun(u, api?.id ?? '', { tier: 'none' }));
    const picture = draw(made);
    assert.deepEqual({ kind: picture.edges[0]?.kind, label: picture.edges[0]?.label }, { kind: 'free', label: '' });
    assert.equal(named(picture, 'web').status, 'active');
    assert.deepEqual(
      picture.legend.edges.map(({ kind }) => kind),
      ['free'],
    );
  });

  it('shows running dispatches and how a project ended', async () => {
    const made = await home.make(['api', 'web'], CHAIN);
    const [first, second] = made.children;
    await home.home.kernel.write((u) => {
      createDispatch(u, { agentType: 'claude', projectDir: home.dir('api'), scopeId: first?.id ?? '' });
      return cancelRun(u, second?.id ?? '');
    });
    const picture = draw(made);
    assert.equal(named(picture, 'api').dispatches, 1);
    assert.match(named(picture, 'api').spoken, /1 dispatch running/);
    assert.deepEqual(
      { status: named(picture, 'web').status, state: named(picture, 'web').state },
      { status: 'cancelled', state: 'plan · cancelled' },
    );
  });

  it('marks a project whose record cannot be read, and says why', async () => {
    const kernel = await home.project('api');
    const made = await home.make(['api', 'web'], CHAIN);
    home.closeFolder('api');
    await kernel.dispose();
    await writeFile(kernel.path, 'no database at all');
    await home.home.childKernel(home.dir('api')).load();
    const node = named(draw(made), 'api');
    assert.equal(node.status, 'unreadable');
    assert.match(node.notice, /^cannot be read: /);
    assert.ok(node.spoken.includes(node.notice));
    assert.match(draw(made).summary, /1 cannot be read/);
  });

  it('draws a circle that another program stored, and names it', async () => {
    const made = await home.make(['api', 'web', 'docs'], CHAIN);
    await store(made, 'api', 'web');
    await store(made, 'web', 'api');
    await store(made, 'web', 'docs');
    const picture = draw(made);
    assert.deepEqual(
      picture.edges.map(({ kind }) => kind),
      ['circle', 'circle', 'holds'],
    );
    const [notice] = picture.notices;
    assert.equal(notice?.tone, 'warning');
    assert.match(notice.text, /^Circular dependency: (api → web → api|web → api → web)\./);
  });

  it('draws a project that is only named by a dependency, and finds every node again', async () => {
    const made = await home.make(['api', 'web'], CHAIN);
    await store(made, 'gone', 'web');
    const picture = draw(made);
    const gone = named(picture, 'gone');
    assert.deepEqual(
      { status: gone.status, notice: gone.notice },
      { status: 'missing', notice: 'not in this portfolio' },
    );
    assert.equal(picture.edges[0]?.from, gone.id);
    const found = picture.nodes.map(({ id }) => path.basename(projectOfNode(look(made), id) ?? ''));
    assert.deepEqual(found.sort(), ['api', 'gone', 'web']);
    assert.equal(projectOfNode(look(made), 'nothing'), undefined);
  });

  it('draws a line to each run of a project that is in the portfolio twice', async () => {
    const made = await home.make(['api', 'web', 'web'], CHAIN);
    await home.depend(made.portfolio.id, ['api', 'web']);
    const { edges, nodes } = draw(made);
    assert.equal(new Set(nodes.map(({ id }) => id)).size, 3);
    assert.equal(new Set(edges.map(({ to }) => to)).size, 2);
  });

  it('shows how to start without dependencies, and that the relay does not work', async () => {
    const made = await home.make(['api', 'web'], CHAIN);
    assert.match(draw(made).notices[0]?.text ?? '', /^No dependencies yet\. .*Add Dependency/);
    await home.depend(made.portfolio.id, ['api', 'web']);
    assert.deepEqual(draw(made).notices, []);
    const error = new KernelError('DATABASE_BUSY', { path: '/p', waitedMs: 5 });
    const tones = draw(made, { ...IDLE_RELAY, isPaused: true, error }).notices.map(({ tone }) => tone);
    assert.deepEqual(tones, ['warning', 'info']);
  });
});
