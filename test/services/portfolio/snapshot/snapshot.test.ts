import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { createDispatch, recordProgress } from '../../../../src/kernel/dispatch/service';
import type { RunId } from '../../../../src/kernel/ids';
import { cancelRun } from '../../../../src/kernel/run/cancel';
import { skipPhase } from '../../../../src/kernel/run/skip';
import { advanceRun } from '../../../../src/kernel/run/advance';
import { findRun } from '../../../../src/kernel/run/record/queries';
import type { ChildSnapshot, PortfolioSnapshot } from '../../../../src/services/portfolio/home/model';
import { cyclePortfolio } from '../../../../src/services/portfolio/relay/relays';
import {
  activePortfolios,
  portfolioRuns,
  portfolioSnapshot,
} from '../../../../src/services/portfolio/snapshot/snapshot';
import { IDLE_RELAY, TestHome } from '../../../support/homes';
import { isCode, Projects } from '../../../support/projects';

const CHAIN = ['a', 'b', 'c', 'd'];

describe('the snapshot of a portfolio', () => {
  const projects = Projects.ofSuite();
  let home: TestHome;

  beforeEach(async () => {
    home = await TestHome.create(projects);
    for (const project of ['x', 'y', 'z']) await home.project(project);
  });

  const snapshot = (portfolioId: string): PortfolioSnapshot => portfolioSnapshot(home.home, IDLE_RELAY, portfolioId);

  function child(portfolioId: string, project: string): ChildSnapshot {
    const found = snapshot(portfolioId).children.find((one) => one.projectDir === home.dir(project));
    assert.ok(found !== undefined);
    return found;
  }

  /** Advances a child's own run. */
  async function advance(project: string, id: RunId): Promise<void> {
    const kernel = await home.project(project);
    await kernel.write((u) => advanceRun(u, id, { tier: 'none' }));
  }

  function idOf(made: { children: readonly { id: RunId; projectDir: string }[] }, project: string): RunId {
    const id = made.children.find((child) => child.projectDir === home.dir(project))?.id;
    assert.ok(id !== undefined);
    return id;
  }

  it('puts upstream projects first, and those without dependencies as they were added', async () => {
    const made = await home.make(['z', 'y', 'x'], CHAIN);
    await home.depend(made.portfolio.id, ['x', 'y']);
    const { children, edges, cycle } = snapshot(made.portfolio.id);
    assert.deepEqual(
      children.map((child) => child.projectDir),
      ['x', 'y', 'z'].map((name) => home.dir(name)),
    );
    assert.deepEqual(edges, [{ upstream: home.dir('x'), downstream: home.dir('y') }]);
    assert.equal(cycle, undefined);
  });

  it('takes a child from its own database, and counts what the relay has not carried over', async () => {
    const made = await home.make(['x', 'y'], CHAIN);
    await advance('x', idOf(made, 'x'));
    const x = child(made.portfolio.id, 'x');
    assert.deepEqual(
      { phase: x.run.phase, kind: x.source.kind, unrelayed: x.unrelayed, isOpen: x.isOpen },
      { phase: 'b', kind: 'own', unrelayed: 1, isOpen: true },
    );
    // The mirror is left to the relay.
    assert.equal(home.home.kernel.read((r) => findRun(r, x.run.id))?.phase, 'a');
  });

  it('takes the row where the project has no database or does not know the run', async () => {
    const made = await home.make(['x', 'nowhere'], CHAIN);
    const kernel = home.home.childKernel(home.dir('nowhere'));
    await kernel.load();
    assert.deepEqual(child(made.portfolio.id, 'nowhere').source, { kind: 'row' });
    assert.equal(child(made.portfolio.id, 'nowhere').isOpen, false);
    await home.home.kernel.write((u) => {
      u.db.run('UPDATE runs SET project_dir = ? WHERE id = ?', [home.dir('y'), idOf(made, 'nowhere')]);
    });
    assert.deepEqual(child(made.portfolio.id, 'y').source, { kind: 'row' });
  });

  it('keeps what was known last of a child that cannot be read, and says why', async () => {
    const made = await home.make(['x', 'y'], CHAIN);
    home.closeFolder('x');
    await writeFile(`${home.dir('x')}/.clavain/intercore.db`, 'no database');
    const loading = child(made.portfolio.id, 'x').source;
    assert.ok(loading.kind === 'unreadable' && isCode('DATABASE_LOADING')(loading.problem));
    await home.home.childKernel(home.dir('x')).load();
    const { source, run } = child(made.portfolio.id, 'x');
    assert.ok(source.kind === 'unreadable' && isCode('DATABASE_DAMAGED')(source.problem));
    assert.equal(run.phase, 'a');
  });

  it('believes the relay about a folder that is not open, and its own record about one that is', async () => {
    const made = await home.make(['x', 'y'], CHAIN);
    home.closeFolder('x');
    await home.home.childKernel(home.dir('x')).load();
    assert.equal(child(made.portfolio.id, 'x').source.kind, 'own');
    const gone = new KernelError('DATABASE_MISSING', { path: home.dir('x') });
    const problems = new Map(made.children.map(({ id }) => [id, gone]));
    const { children } = portfolioSnapshot(home.home, { ...IDLE_RELAY, problems }, made.portfolio.id);
    assert.deepEqual(
      children.map(({ source, run }) => [source, run.phase]),
      [
        [{ kind: 'unreadable', problem: gone }, 'a'],
        [{ kind: 'own' }, 'a'],
      ],
    );
  });

  it('says whom a child waits for, by the rule of its gate', async () => {
    const made = await home.make(['x', 'y', 'z'], CHAIN);
    const { id } = made.portfolio;
    await home.depend(id, ['x', 'y'], ['z', 'y']);
    const waits = () => child(id, 'y').waitsFor.map(({ projectDir, phase, needs }) => [projectDir, phase, needs]);
    assert.deepEqual(waits(), [
      [home.dir('x'), 'a', 'b'],
      [home.dir('z'), 'a', 'b'],
    ]);
    await advance('x', idOf(made, 'x'));
    const z = await home.project('z');
    await z.write((u) => cancelRun(u, idOf(made, 'z')));
    assert.deepEqual(waits(), []);
    // It would pass over `b`, so the upstream has to be in `c`.
    const y = await home.project('y');
    await y.write((u) => skipPhase(u, idOf(made, 'y'), { phase: 'b', reason: 'small' }));
    assert.deepEqual(waits(), [[home.dir('x'), 'b', 'c']]);
    await y.write((u) => cancelRun(u, idOf(made, 'y')));
    assert.deepEqual(waits(), []);
  });

  it('does not take the row for a child whose database is not there any more', async () => {
    const made = await home.make(['x', 'y'], CHAIN);
    await cyclePortfolio(home.home, made.portfolio.id);
    const x = await home.project('x');
    await rm(x.path);
    await x.refresh();
    const { source } = child(made.portfolio.id, 'x');
    assert.ok(source.kind === 'unreadable' && isCode('DATABASE_MISSING')(source.problem));
  });

  it('waits for an upstream that cannot be read, wherever its mirror stands', async () => {
    const made = await home.make(['x', 'y'], CHAIN);
    await home.depend(made.portfolio.id, ['x', 'y']);
    await home.home.kernel.write((u) => advanceRun(u, idOf(made, 'x'), { tier: 'none' }));
    home.closeFolder('x');
    await writeFile(`${home.dir('x')}/.clavain/intercore.db`, 'no database');
    await home.home.childKernel(home.dir('x')).load();
    assert.deepEqual(child(made.portfolio.id, 'y').waitsFor, [{ projectDir: home.dir('x'), phase: 'b', needs: 'b' }]);
  });

  it('counts the active dispatches of a child and the tokens of all', async () => {
    const made = await home.make(['x', 'y'], CHAIN);
    const x = await home.project('x');
    await x.write((u) => {
      const run = { agentType: 'claude', projectDir: home.dir('x'), scopeId: idOf(made, 'x') };
      const { id } = createDispatch(u, run);
      recordProgress(u, id, { inputTokens: 30, outputTokens: 12 });
      createDispatch(u, { ...run, scopeId: 'another run' });
    });
    const seen = child(made.portfolio.id, 'x');
    assert.deepEqual(
      { activeDispatches: seen.activeDispatches, tokens: seen.tokens },
      { activeDispatches: 1, tokens: 42 },
    );
  });

  it('shows all children where another program stored a circle, and the circle', async () => {
    const made = await home.make(['x', 'y', 'z'], CHAIN);
    await home.depend(made.portfolio.id, ['x', 'y'], ['y', 'z']);
    await home.home.kernel.write((u) => {
      const insert = `INSERT INTO project_deps (portfolio_run_id, upstream_project, downstream_project, created_at)
         VALUES (?, ?, ?, 1)`;
      u.db.run(insert, [made.portfolio.id, home.dir('z'), home.dir('y')]);
    });
    const { children, cycle } = snapshot(made.portfolio.id);
    assert.equal(children.length, 3);
    assert.deepEqual(cycle, [home.dir('y'), home.dir('z'), home.dir('y')]);
  });

  it('names a stored child that cannot be read beside the others', async () => {
    const made = await home.make(['x', 'y'], CHAIN);
    await home.home.kernel.write((u) => {
      u.db.run("UPDATE runs SET status = 'odd' WHERE id = ?", [idOf(made, 'x')]);
    });
    const { children, invalid } = snapshot(made.portfolio.id);
    assert.deepEqual(
      children.map(({ projectDir }) => projectDir),
      [home.dir('y')],
    );
    assert.deepEqual(
      invalid.map(({ id, column }) => [id, column]),
      [[idOf(made, 'x'), 'status']],
    );
  });

  it('lists portfolios newest first, and refuses what is none', async () => {
    const one = await home.make(['x', 'y'], CHAIN, 'One');
    const two = await home.make(['x', 'y'], CHAIN, 'Two');
    await home.home.kernel.write((u) => cancelRun(u, one.portfolio.id));
    assert.deepEqual(
      portfolioRuns(home.home)
        .map((run) => run.goal)
        .sort(),
      ['One', 'Two'],
    );
    assert.deepEqual(
      activePortfolios(home.home).map((run) => run.id),
      [two.portfolio.id],
    );
    assert.throws(() => snapshot('unknown'), isCode('NOT_FOUND'));
    assert.throws(() => snapshot(idOf(two, 'x')), isCode('NOT_FOUND'));
    await rm(home.home.kernel.path);
    await home.home.kernel.refresh();
    assert.deepEqual(portfolioRuns(home.home), []);
    assert.throws(() => snapshot(two.portfolio.id), isCode('DATABASE_MISSING'));
  });
});
