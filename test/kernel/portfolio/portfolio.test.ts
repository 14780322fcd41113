import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findCycle, kahnOrder } from '../../../src/kernel/portfolio/graph';
import type { CreatePortfolioInput } from '../../../src/kernel/portfolio/model';
import {
  addDependency,
  childrenOf,
  createPortfolio,
  listDependencies,
  portfolioStatus,
  removeDependency,
  topologicalOrder,
} from '../../../src/kernel/portfolio/service';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { createRun, setRun } from '../../../src/kernel/run/record/runs';
import { getRun, listRuns, phaseEvents } from '../../../src/kernel/run/record/queries';
import { openTestKernel } from '../../support/records/kernel';
import { depend, dependOnStranger, make, put } from '../../support/portfolio/portfolios';
import { refuses } from '../../support/hostile/refusals';

describe('creating a portfolio', () => {
  it('makes a parent without project and a child for each project, in order', async () => {
    const kernel = await openTestKernel();
    const input = {
      goal: 'g',
      projects: ['/b', '/a', '/b'],
      complexity: 2,
      tokenBudget: 9,
      budgetWarnPct: 50,
      maxDispatches: 3,
    };
    const { portfolio, children } = kernel.write((u) => createPortfolio(u, { ...input, scopeId: 's' }));
    assert.deepEqual(
      {
        projectDir: portfolio.projectDir,
        tokenBudget: portfolio.tokenBudget,
        maxDispatches: portfolio.maxDispatches,
        scopeId: portfolio.scopeId,
        parentRunId: portfolio.parentRunId,
      },
      { projectDir: '', tokenBudget: 9, maxDispatches: 3, scopeId: 's', parentRunId: null },
    );
    assert.deepEqual(
      children.map((c) => [
        c.projectDir,
        c.parentRunId,
        c.tokenBudget,
        c.maxDispatches,
        c.scopeId,
        c.complexity,
        c.budgetWarnPct,
      ]),
      ['/b', '/a', '/b'].map((dir, at) => [dir, portfolio.id, null, 0, children[at]?.id, 2, 50]),
    );
    assert.deepEqual(
      kernel.read((r) => childrenOf(r, portfolio.id)),
      children,
    );
    assert.equal(kernel.touched?.runs.size, 4);
  });

  const bad: Readonly<Record<string, readonly [string, Partial<CreatePortfolioInput>]>> = {
    'one project': ['projects', { projects: ['/a'] }],
    'an empty project': ['projects.1', { projects: ['/a', ''] }],
    'an empty goal': ['goal', { goal: '' }],
    'a chain of one': ['phases', { phases: ['a'] }],
    'a limit below 0': ['maxDispatches', { maxDispatches: -1 }],
  };
  for (const [what, [argument, input]] of Object.entries(bad)) {
    it(`refuses ${what}`, async () => {
      const kernel = await openTestKernel();
      const full = { goal: 'g', projects: ['/a', '/b'], ...input };
      assert.equal(refuses(kernel, 'INVALID_ARGUMENT', (u) => createPortfolio(u, full)).argument, argument);
    });
  }

  it('lets its limit be set', async () => {
    const kernel = await openTestKernel();
    const { portfolio } = make(kernel, ['/a', '/b']);
    assert.equal(kernel.write((u) => setRun(u, portfolio, { maxDispatches: 4 })).maxDispatches, 4);
  });
});

describe('cancelling a portfolio', () => {
  it('cancels its active children with it, and leaves the others as they ended', async () => {
    const kernel = await openTestKernel();
    const { portfolio, child } = make(kernel, ['/a', '/b', '/c']);
    put(kernel, child('/b'), 'd', 'completed');
    const outcome = kernel.write((u) => cancelRun(u, portfolio));
    assert.deepEqual(outcome, { runId: portfolio, children: [child('/a'), child('/c')] });
    const statuses = kernel.read((r) => childrenOf(r, portfolio)).map((run) => run.status);
    assert.deepEqual(statuses, ['cancelled', 'completed', 'cancelled']);
    const reasons = kernel.read((r) =>
      childrenOf(r, portfolio).map((run) => phaseEvents(r, run.id).map((e) => e.reason)),
    );
    assert.deepEqual(reasons, [['portfolio cancelled'], [], ['portfolio cancelled']]);
    assert.equal(kernel.touched?.runs.size, 3);
    refuses(kernel, 'RUN_TERMINAL', (u) => cancelRun(u, portfolio));
  });

  it('cancels all or nothing', async () => {
    const kernel = await openTestKernel();
    const { portfolio, child } = make(kernel, ['/a', '/b']);
    kernel.exec(`CREATE TRIGGER stuck BEFORE UPDATE ON runs WHEN old.id = '${child('/b')}'
      BEGIN SELECT raise(ABORT, 'stuck'); END`);
    refuses(kernel, 'SQL_FAILED', (u) => cancelRun(u, portfolio));
  });

  it('leaves the portfolio when a child is cancelled', async () => {
    const kernel = await openTestKernel();
    const { portfolio, child } = make(kernel, ['/a', '/b']);
    kernel.write((u) => cancelRun(u, child('/a')));
    assert.equal(kernel.read((r) => listRuns(r, { status: 'active' })).runs.length, 2);
    assert.equal(kernel.read((r) => getRun(r, portfolio)).status, 'active');
  });
});

describe('dependencies', () => {
  it('are added, listed in order and removed', async () => {
    const kernel = await openTestKernel();
    const { portfolio } = make(kernel, ['/a', '/b', '/z']);
    depend(kernel, portfolio, ['/b', '/a'], ['/a', '/z']);
    assert.equal(kernel.touched?.other, true);
    const edges = (): string[] =>
      kernel.read((r) => listDependencies(r, portfolio)).map((d) => `${d.upstream} ${d.downstream}`);
    assert.deepEqual(edges(), ['/b /a', '/a /z']);
    kernel.write((u) => removeDependency(u, portfolio, { upstream: '/b', downstream: '/a' }));
    assert.deepEqual(edges(), ['/a /z']);
    assert.deepEqual(
      kernel.read((r) => listDependencies(r, 'nope')),
      [],
    );
  });

  it('are refused where they would go in a circle, with its way', async () => {
    const kernel = await openTestKernel();
    const { portfolio } = make(kernel, ['/a', '/b', '/c', '/q', '/x']);
    depend(kernel, portfolio, ['/a', '/b'], ['/b', '/c'], ['/x', '/c']);
    const circle = refuses(kernel, 'DEPENDENCY_CYCLE', (u) =>
      addDependency(u, portfolio, { upstream: '/c', downstream: '/a' }),
    );
    assert.equal(circle.path, 'c → a → b → c');
    const self = refuses(kernel, 'DEPENDENCY_CYCLE', (u) =>
      addDependency(u, portfolio, { upstream: '/q', downstream: '/q' }),
    );
    assert.equal(self.path, 'q → q');
    depend(kernel, make(kernel, ['/a', '/c']).portfolio, ['/c', '/a']);
  });

  it('are refused to a project without a child, unless there is no child at all', async () => {
    const kernel = await openTestKernel();
    const { portfolio } = make(kernel, ['/a', '/b']);
    for (const edge of [
      { upstream: '/a', downstream: '/z' },
      { upstream: '/z', downstream: '/a' },
    ]) {
      refuses(kernel, 'NOT_FOUND', (u) => addDependency(u, portfolio, edge));
    }
    const { id } = kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g' }));
    depend(kernel, id, ['/a', '/z']);
  });

  it('are refused twice, for an unknown run, or without a name', async () => {
    const kernel = await openTestKernel();
    const { portfolio } = make(kernel, ['/a', '/b']);
    const edge = { upstream: '/a', downstream: '/b' };
    depend(kernel, portfolio, ['/a', '/b']);
    refuses(kernel, 'DEPENDENCY_EXISTS', (u) => addDependency(u, portfolio, edge));
    refuses(kernel, 'NOT_FOUND', (u) => addDependency(u, 'nope', edge));
    refuses(kernel, 'INVALID_ARGUMENT', (u) => addDependency(u, portfolio, { ...edge, upstream: '' }));
    refuses(kernel, 'NOT_FOUND', (u) => removeDependency(u, 'nope', edge));
    refuses(kernel, 'NOT_FOUND', (u) => removeDependency(u, portfolio, { upstream: '/b', downstream: '/a' }));
  });
});

describe('the topological order', () => {
  it("is Kahn's, first by name, then by what each project frees", async () => {
    const kernel = await openTestKernel();
    const { portfolio } = make(kernel, ['/a', '/b', '/m', '/q', '/y', '/z']);
    depend(kernel, portfolio, ['/z', '/y'], ['/z', '/b'], ['/m', '/a'], ['/b', '/q'], ['/a', '/q']);
    assert.deepEqual(
      kernel.read((r) => topologicalOrder(r, portfolio)),
      ['/m', '/z', '/a', '/b', '/y', '/q'],
    );
    assert.deepEqual(
      kernel.read((r) => topologicalOrder(r, 'nope')),
      [],
    );
  });

  it('sorts by bytes, as the original', () => {
    const edges = ['/B', '/a', '/é', '/\u{1F680}', '/\uFFFD', '/a/b'].map((upstream) => ({
      upstream,
      downstream: '/end',
    }));
    assert.deepEqual(kahnOrder(edges), ['/B', '/a', '/a/b', '/é', '/\uFFFD', '/\u{1F680}', '/end']);
  });

  it('names the circle that another program stored', async () => {
    const kernel = await openTestKernel();
    const { portfolio } = make(kernel, ['/a', '/b']);
    kernel.exec(`INSERT INTO project_deps (portfolio_run_id, upstream_project, downstream_project)
      VALUES ('${portfolio}', '/s', '/a'), ('${portfolio}', '/a', '/b'), ('${portfolio}', '/b', '/a')`);
    assert.throws(() => kernel.read((r) => topologicalOrder(r, portfolio)), {
      code: 'DEPENDENCY_CYCLE',
      facts: { portfolioId: portfolio, path: 'a → b → a' },
    });
  });

  it('has every project after all it waits for, or there is a circle', () => {
    const project = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const edges = fc.uniqueArray(fc.record({ upstream: project, downstream: project }), {
      selector: (edge) => edge.upstream + edge.downstream,
    });
    fc.assert(
      fc.property(edges, (graph) => {
        const order = kahnOrder(graph);
        const circle = findCycle(graph);
        const nodes = new Set(graph.flatMap((edge) => [edge.upstream, edge.downstream]));
        assert.equal(order.length === nodes.size, circle === undefined);
        if (circle !== undefined) {
          assert.equal(circle.at(0), circle.at(-1));
          for (const [at, from] of circle.slice(0, -1).entries()) {
            assert.ok(graph.some((edge) => edge.upstream === from && edge.downstream === circle[at + 1]));
          }
        } else {
          for (const edge of graph) assert.ok(order.indexOf(edge.upstream) < order.indexOf(edge.downstream));
        }
      }),
    );
  });
});

describe('the status of a portfolio', () => {
  it('says who is ready and who is held up by whom', async () => {
    const kernel = await openTestKernel();
    const { portfolio, child } = make(kernel, ['/a', '/b', '/c']);
    depend(kernel, portfolio, ['/b', '/c'], ['/a', '/c'], ['/a', '/b']);
    dependOnStranger(kernel, portfolio, '/gone', '/a');
    put(kernel, child('/c'), 'b');
    const held = (): unknown =>
      kernel
        .read((r) => portfolioStatus(r, portfolio))
        .map((s) => [s.projectDir, s.ready, s.blockedBy.map((b) => `${b.projectDir} ${b.phase}`)]);
    assert.deepEqual(held(), [
      ['/a', true, []],
      ['/b', true, []],
      ['/c', false, ['/b a', '/a a']],
    ]);
    put(kernel, child('/a'), 'a', 'failed');
    put(kernel, child('/b'), 'c');
    assert.deepEqual(held(), [
      ['/a', true, []],
      ['/b', true, []],
      ['/c', true, []],
    ]);
    assert.deepEqual(
      kernel.read((r) => portfolioStatus(r, 'nope')),
      [],
    );
  });

  it('does not hold up a child that has ended', async () => {
    const kernel = await openTestKernel();
    const { portfolio, child } = make(kernel, ['/a', '/b']);
    depend(kernel, portfolio, ['/a', '/b']);
    put(kernel, child('/b'), 'c', 'cancelled');
    assert.equal(kernel.read((r) => portfolioStatus(r, portfolio))[1]?.ready, true);
  });
});
