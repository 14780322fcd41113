import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { silentLog } from '../../../../src/host/log';
import { Emitter } from '../../../../src/kernel/emitter';
import { createDispatch } from '../../../../src/kernel/dispatch/service';
import { KernelError } from '../../../../src/kernel/errors/errors';
import type { GateTier } from '../../../../src/kernel/gate/model';
import { cancelRun } from '../../../../src/kernel/run/cancel';
import { advanceRun } from '../../../../src/kernel/run/advance';
import { setRun } from '../../../../src/kernel/run/record/runs';
import type { RelayState } from '../../../../src/services/portfolio/home/model';
import { cyclePortfolio } from '../../../../src/services/portfolio/relay/relays';
import { PortfolioSnapshots } from '../../../../src/services/portfolio/snapshot/snapshots';
import { FolderRecord } from '../../../../src/views/projections/record/folderRecord';
import { portfolioReport } from '../../../../src/views/documents/portfolioReport';
import { PAGE_SIZE } from '../../../../src/views/projections/pages';
import { droppedEdges } from '../../../../src/views/projections/portfolio/portfolioEdges';
import { PortfolioRecord } from '../../../../src/views/projections/record/portfolioRecord';
import { PortfoliosProjection } from '../../../../src/views/projections/portfolio/portfolios';
import { blockedNames, portfolioSummary } from '../../../../src/views/projections/portfolio/portfolioSummary';
import type { ViewContext } from '../../../../src/views/projections/viewContext';
import type { Row } from '../../../../src/views/rows/row';
import { TreeState } from '../../../../src/views/trees/treeState';
import { IDLE_RELAY, TestHome, type MadePortfolio } from '../../../support/homes';
import { Projects } from '../../../support/projects';
import { viewContextOf } from '../../../support/records/viewFixture';
import { rowNamed } from '../../../support/views/rows';
import { atOnce } from '../../../support/tasks/steps';

const CHAIN = ['a', 'b', 'c', 'd'];

describe('the Portfolio view', () => {
  const projects = Projects.ofSuite();
  let home: TestHome;
  let context: ViewContext;
  let view: PortfoliosProjection;
  let tier: GateTier;
  let relay: RelayState;
  let records: FolderRecord[];

  beforeEach(async () => {
    home = await TestHome.create(projects);
    tier = 'hard';
    relay = IDLE_RELAY;
    records = [];
    for (const name of ['api', 'web', 'app']) await open(name);
    const onDidChange = new Emitter<void>((error) => assert.fail(String(error))).event;
    const snapshots = new PortfolioSnapshots({
      home: home.home,
      relays: { state: () => relay, onDidChange },
      log: silentLog,
    });
    projects.closing(() => {
      snapshots.dispose();
      return Promise.resolve();
    });
    const record = new PortfolioRecord({ home: home.home, snapshots, tier: () => tier, trusted: () => true });
    context = { ...viewContextOf(), records: () => records, portfolios: record };
    view = new PortfoliosProjection(context, record);
  });

  async function open(name: string): Promise<void> {
    const kernel = await home.project(name);
    const record = new FolderRecord(
      kernel,
      () => tier,
      () => true,
    );
    kernel.onDidChange((change) => record.note(change));
    records.push(record);
  }

  /** Three projects in one line: `web` waits for `api`, `app` for `web`. */
  async function line(): Promise<MadePortfolio> {
    const made = await home.make(['app', 'web', 'api'], CHAIN, 'Ship it');
    await home.depend(made.portfolio.id, ['api', 'web'], ['web', 'app']);
    return made;
  }

  function idOf(made: MadePortfolio, name: string): string {
    return made.children.find(({ projectDir }) => projectDir === home.dir(name))?.id ?? '';
  }

  async function advance(made: MadePortfolio, name: string): Promise<void> {
    const kernel = await home.project(name);
    await kernel.write((u) => advanceRun(u, idOf(made, name), { tier: 'none' }));
    await cyclePortfolio(home.home, made.portfolio.id);
  }

  /** The row at the end of a path of labels. */
  function at(...labels: readonly string[]): Row {
    const [first = '', ...others] = labels;
    return others.reduce((above, label) => rowNamed(view.children(above.ref), label), rowNamed(view.roots(), first));
  }

  const below = (...labels: readonly string[]): string[] =>
    view.children(at(...labels).ref).map(({ label, description }) => `${label}: ${description}`);

  it('is empty where there is no portfolio', () => {
    assert.deepEqual(view.roots(), []);
  });

  it('says where a portfolio stands, how many children are there and who is behind', async () => {
    const made = await line();
    assert.equal(at('Ship it').label, 'waits for app and 2 more · Ship it');
    assert.equal(at('Ship it').description, 'a · 0 of 3 children advanced');
    assert.equal(at('Ship it').contextValue, 'intercore.portfolio+active+blocked+writable');
    for (const name of ['api', 'web']) await advance(made, name);
    assert.equal(at('Ship it').label, 'waits for app · Ship it');
    assert.equal(at('Ship it').description, 'a · 2 of 3 children advanced');
    await advance(made, 'app');
    assert.equal(at('Ship it').label, 'a · Ship it');
    assert.equal(at('Ship it').description, '3 of 3 children advanced');
    assert.equal(at('Ship it').contextValue, 'intercore.portfolio+active+writable');
    assert.match(at('Ship it').spoken, /^Portfolio a · Ship it, active, 3 of 3/);
    const tooltip = view.tooltip(at('Ship it').ref);
    assert.equal(tooltip?.text, 'a · 3 of 3 children advanced');
    assert.equal(new Map(tooltip.facts).get('Phases'), CHAIN.join(' → '));
    const child = view.tooltip(at('Ship it', 'web').ref);
    assert.equal(new Map(child?.facts).get('Depends on'), 'api');
  });

  it('shows the children upstream first, with whom they wait for and what they need of it', async () => {
    const made = await line();
    const rows = view.children(at('Ship it').ref).filter(({ ref }) => ref.kind === 'child');
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
      { folder: home.dir('web'), runId: idOf(made, 'web'), portfolioId: made.portfolio.id },
    );
  });

  it('says what else the gate of a child lacks where its folder is open', async () => {
    await home.make(['api', 'elsewhere'], ['planned', 'executing', 'done']);
    assert.equal(at('Work', 'api').description, 'planned · needs an artifact');
    await home.home.childKernel(home.dir('elsewhere')).load();
    assert.equal(at('Work', 'elsewhere').description, 'planned · no record of its own · folder not open');
    assert.equal(at('Work').label, 'needs an artifact, waits for api and 1 more · Work');
    assert.equal(at('Work').description, 'planned · 0 of 2 children advanced');
  });

  it('shows the dependencies of a child both ways, and all of them in words', async () => {
    const made = await line();
    assert.deepEqual(below('Ship it', 'web'), [
      'Depends on api: waits: at a, needs b',
      'Needed by app: waits: at a, needs b',
    ]);
    assert.deepEqual(below('Ship it', 'Dependencies'), [
      'api → web: api at a, needs b',
      'web → app: web at a, needs b',
    ]);
    await advance(made, 'api');
    assert.equal(below('Ship it', 'web')[0], 'Depends on api: at b');
    assert.equal(below('Ship it', 'Dependencies')[0], 'api → web: satisfied');
    const edge = at('Ship it', 'Dependencies', 'api → web');
    assert.equal(edge.contextValue, 'intercore.dependency+writable');
    assert.equal(edge.spoken, 'web depends on api, satisfied');
    assert.ok(edge.ref.kind === 'dependency');
    assert.deepEqual(
      { upstream: edge.ref.upstream, downstream: edge.ref.downstream },
      { upstream: home.dir('api'), downstream: home.dir('web') },
    );
  });

  it('names each child that is behind under the condition of the gate', async () => {
    const made = await line();
    await advance(made, 'api');
    const web = await home.project('web');
    await web.write((u) => cancelRun(u, idOf(made, 'web')));
    await cyclePortfolio(home.home, made.portfolio.id);
    assert.equal(at('Ship it', 'Gate').description, 'gate to b blocked, 1 of 1 missing');
    const condition = at('Ship it', 'Gate', 'All children at phase b or beyond');
    assert.equal(condition.contextValue, 'intercore.portfolioCondition+fail');
    assert.deepEqual(
      view.children(condition.ref).map(({ label, description }) => [label, description]),
      [['app', 'at a']],
    );
    assert.match(view.tooltip(condition.ref)?.text ?? '', /Advance the children that are behind/);
  });

  it('shows running dispatches, and that there are some where the folder is not open', async () => {
    const made = await line();
    const api = await home.project('api');
    await api.write((u) => {
      createDispatch(u, { agentType: 'claude', name: 'Fix', projectDir: api.folder, scopeId: idOf(made, 'api') });
    });
    assert.match(at('Ship it').description ?? '', /1 dispatch running$/);
    assert.equal(at('Ship it', 'api').description, 'a · 1 dispatch running');
    const dispatch = at('Ship it', 'api', 'Fix');
    assert.ok(dispatch.ref.kind === 'dispatch' && dispatch.ref.folder === home.dir('api'));
    assert.equal(view.tooltip(dispatch.ref)?.title, 'Fix');

    home.closeFolder('api');
    records = records.filter(({ folder }) => folder !== home.dir('api'));
    assert.equal(at('Ship it', 'api').description, 'a · loading · folder not open');
    await home.home.childKernel(home.dir('api')).load();
    assert.equal(at('Ship it', 'api').description, 'a · 1 dispatch running · folder not open');
    assert.ok(below('Ship it', 'api').includes('Dispatches: 1 dispatch running; open the folder to see them'));
  });

  it('says why a child cannot be read, wherever that holds others up', async () => {
    await line();
    home.closeFolder('api');
    records = records.filter(({ folder }) => folder !== home.dir('api'));
    await writeFile(`${home.dir('api')}/.clavain/intercore.db`, 'no database');
    at('Ship it', 'api');
    await home.home.childKernel(home.dir('api')).load();
    assert.equal(at('Ship it', 'api').description, 'a · cannot be read · folder not open');
    assert.match(at('Ship it', 'api').contextValue, /\+unreadable\b/);
    assert.match(below('Ship it', 'api')[0] ?? '', /^Cannot be read: The database .* is damaged/);
    assert.match(
      at('Ship it', 'Gate', 'All children at phase b or beyond', 'api').description ?? '',
      /^cannot be read: /,
    );
    assert.equal(blockedNames(context), '3 children blocked: api, web, app');
  });

  it('says how the relay does, in words', async () => {
    const made = await line();
    assert.equal(at('Ship it', 'Relay').description, 'not run yet');
    const api = await home.project('api');
    await api.write((u) => advanceRun(u, idOf(made, 'api'), { tier: 'none' }));
    relay = { ...IDLE_RELAY, isPaused: true, lastCycleAt: 1_767_225_600 };
    assert.equal(at('Ship it', 'Relay').description, 'paused · 1 event to relay');
    assert.match(at('Ship it').description ?? '', /relay paused$/);
    assert.match(at('Ship it').contextValue, /\+paused\b/);
    await cyclePortfolio(home.home, made.portfolio.id);
    relay = { ...relay, isPaused: false, relayed: 1 };
    assert.equal(at('Ship it', 'Relay').description, 'up to date · 1 relayed');
    assert.equal(at('Ship it', 'Relay').contextValue, 'intercore.relay+running+writable');
    const facts = new Map(view.tooltip(at('Ship it', 'Relay').ref)?.facts);
    assert.match(facts.get('Last cycle') ?? '', /2026|2025/);
    const error = new KernelError('DATABASE_BUSY', { path: '/p.db', waitedMs: 5 });
    relay = { ...relay, error };
    assert.match(at('Ship it', 'Relay').description ?? '', /^The database \/p\.db stayed locked/);
    assert.match(at('Ship it').description ?? '', /relay failing$/);
  });

  it('shows the events with the child they came from', async () => {
    const made = await line();
    await advance(made, 'api');
    const rows = view.children(at('Ship it', 'Events').ref);
    assert.match(
      rows.find(({ label }) => label === 'a → b')?.description ?? '',
      /^(child advanced · api|upstream changed) · /,
    );
    assert.equal(rows.filter(({ description }) => description?.startsWith('child advanced · api') === true).length, 1);
  });

  it('says of an event what its gate checked, with each child that was behind', async () => {
    const made = await line();
    await advance(made, 'web');
    await home.home.kernel.write((u) => advanceRun(u, made.portfolio.id, { tier: 'hard' }));
    const events = view.children(at('Ship it', 'Events').ref);
    const block = events.find(({ description }) => description?.startsWith('block · ') === true);
    assert.ok(block !== undefined);
    assert.deepEqual(view.tooltip(block.ref), {
      title: 'a → b · block',
      facts: [['All children at phase b or beyond', 'app (a), api (a)']],
    });
    const relayed = events.find(({ description }) => description?.startsWith('child advanced') === true);
    assert.ok(relayed !== undefined);
    assert.equal(view.tooltip(relayed.ref)?.text, 'from web');
    const report = atOnce(portfolioReport(context, { kind: 'portfolio', portfolioId: made.portfolio.id }));
    assert.match(report, /child advanced +a → b +from web/);
    assert.doesNotMatch(report, /relay:|child_/);
  });

  it('puts ended portfolios under their day', async () => {
    const made = await line();
    await home.home.kernel.write((u) => cancelRun(u, made.portfolio.id));
    const [day, ...others] = view.roots();
    assert.ok(day !== undefined);
    assert.deepEqual(
      { kind: day.ref.kind, description: day.description, othersCount: others.length },
      { kind: 'group', description: '1 portfolio', othersCount: 0 },
    );
    const [ended] = view.children(day.ref);
    assert.match(ended?.description ?? '', /^cancelled .* · 3 children$/);
    assert.equal(blockedNames(context), undefined);
    assert.equal(portfolioSummary(context), undefined);
  });

  it('shows a circle and the children on it, and children and portfolios that cannot be read', async () => {
    const made = await line();
    await home.home.kernel.write((u) => {
      const insert = `INSERT INTO project_deps (portfolio_run_id, upstream_project, downstream_project, created_at)
        VALUES (?, ?, ?, 1)`;
      u.db.run(insert, [made.portfolio.id, home.dir('app'), home.dir('web')]);
    });
    assert.match(at('Ship it').description ?? '', /circular dependency/);
    assert.deepEqual(at('Ship it', 'Dependencies', 'Circle').description, 'web → app → web');
    assert.equal(view.children(at('Ship it').ref).filter(({ ref }) => ref.kind === 'child').length, 3);
    await home.home.kernel.write((u) => {
      u.db.run("UPDATE runs SET status = 'odd' WHERE id = ?", [idOf(made, 'api')]);
    });
    assert.equal(at('Ship it', idOf(made, 'api')).ref.kind, 'invalidChild');
    await home.home.kernel.write((u) => {
      u.db.run("UPDATE runs SET status = 'odd' WHERE id = ?", [made.portfolio.id]);
    });
    assert.equal(at(made.portfolio.id).ref.kind, 'invalidPortfolio');
  });

  it('shows hostile goals and names as what they are', async () => {
    const goal = '$(bug) **x** <b>\nsecond line [a](command:b)';
    const made = await home.make(['api', '$(zap)`x`'], CHAIN, goal);
    assert.equal(at('$(bug) **x** <b>').ref.kind, 'portfolio');
    assert.equal(at('$(bug) **x** <b>', '$(zap)`x`').ref.kind, 'child');
    await home.home.kernel.write((u) => setRun(u, made.portfolio.id, { goal: 'x'.repeat(100_000) }));
    assert.match(view.roots()[0]?.label ?? '', / · x{119}…$/);
  });

  it('tells projects of the same name by their paths', async () => {
    await home.make(['one/lib', 'two/lib'], CHAIN);
    assert.ok(at('Work', home.dir('one/lib')).ref.kind === 'child');
  });

  it('redraws one row where one child changed, and nothing where nothing did', async () => {
    const made = await line();
    const state = new TreeState(view);
    const [portfolio] = state.showRoots();
    assert.ok(portfolio !== undefined);
    state.showChildren(portfolio);
    assert.deepEqual(state.refresh(), []);
    const app = await home.project('app');
    await app.write((u) => {
      createDispatch(u, { agentType: 'claude', projectDir: app.folder, scopeId: idOf(made, 'app') });
    });
    const redraw = state.refresh();
    // The portfolio counts it too, and it is redrawn with what is below it.
    assert.ok(redraw !== 'all');
    assert.deepEqual(
      redraw.map((ref) => state.row(ref)?.label),
      ['waits for app and 2 more · Ship it'],
    );
    state.showChildren(portfolio);
    const found = atOnce(state.find((ref) => ref.kind === 'child' && ref.projectDir === home.dir('web')));
    assert.ok(found !== undefined);
    assert.equal(state.parent(found), portfolio);
  });

  it('pages long lists of children', async () => {
    const names = Array.from({ length: PAGE_SIZE + 5 }, (_, index) => `p${index}`);
    await home.make(names, CHAIN);
    const more = at('Work', 'Show More…');
    assert.equal(more.description, '5');
    assert.deepEqual(
      view.children(more.ref).map(({ label }) => label),
      names.slice(PAGE_SIZE),
    );
    const behind = view.children(at('Work', 'Gate', 'All children at phase b or beyond').ref);
    assert.equal(behind.length, PAGE_SIZE + 1);
    assert.equal(view.children(behind.at(-1)?.ref ?? more.ref).length, 5);
  });

  it('says in the status bar where the portfolio stands and where each child does', async () => {
    const made = await line();
    const first = portfolioSummary(context);
    assert.equal(first?.text, 'a · 0/3 · waits for app and 2 more');
    assert.equal(first.portfolioId, made.portfolio.id);
    assert.deepEqual({ icon: first.icon, needsPerson: first.needsPerson }, { icon: 'lock', needsPerson: true });
    assert.deepEqual(first.tooltip.facts[1], ['web', 'waits for api (at a, needs b) · a']);
    assert.equal(blockedNames(context), '2 children blocked: web, app');
    const api = await home.project('api');
    await api.write((u) => {
      createDispatch(u, { agentType: 'claude', projectDir: api.folder, scopeId: idOf(made, 'api') });
    });
    const working = portfolioSummary(context);
    assert.equal(working?.text, 'a · 0/3 · waits for app and 2 more · 1 running');
    assert.deepEqual(
      { icon: working.icon, needsPerson: working.needsPerson },
      { icon: 'sync~spin', needsPerson: false },
    );
  });

  it('lets a child that is dropped on another of its portfolio wait for it', async () => {
    await line();
    const [api, web] = [at('Ship it', 'api').ref, at('Ship it', 'web').ref];
    assert.ok(web.kind === 'child' && api.kind === 'child');
    assert.deepEqual(droppedEdges([web], api), [{ upstream: home.dir('api'), downstream: home.dir('web') }]);
    assert.deepEqual(droppedEdges([web], web), []);
    assert.deepEqual(droppedEdges([web], at('Ship it').ref), []);
    assert.deepEqual(droppedEdges([web], undefined), []);
    assert.deepEqual(droppedEdges([{ ...web, portfolioId: 'another' }], api), []);
  });
});
