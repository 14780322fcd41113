import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KernelError } from '../../src/kernel/errors';
import { checkGate, parseEvidence, upstreamStandings } from '../../src/kernel/gate/service';
import { runId } from '../../src/kernel/ids';
import { findCycle, kahnOrder } from '../../src/kernel/portfolio/graph';
import type { CreatePortfolioInput } from '../../src/kernel/portfolio/model';
import {
  addDependency,
  childrenOf,
  createPortfolio,
  listDependencies,
  portfolioStatus,
  removeDependency,
  topologicalOrder,
} from '../../src/kernel/portfolio/service';
import { advanceRun, cancelRun, createRun, getRun, listRuns, phaseEvents, setRun } from '../../src/kernel/run/service';
import { openTestKernel, type TestKernel } from '../support/kernel';
import { refuses } from '../support/refusals';

const CHAIN = ['a', 'b', 'c', 'd'];

interface Made {
  readonly portfolio: string;
  /** Child ids by project. */
  readonly child: (project: string) => string;
}

function make(kernel: TestKernel, projects: readonly string[], input: Partial<CreatePortfolioInput> = {}): Made {
  const made = kernel.write((u) => createPortfolio(u, { goal: 'g', projects: [...projects], phases: CHAIN, ...input }));
  return {
    portfolio: made.portfolio.id,
    child: (project) => made.children.find((run) => run.projectDir === project)?.id ?? assert.fail(project),
  };
}

function depend(kernel: TestKernel, portfolio: string, ...edges: readonly (readonly [string, string])[]): void {
  for (const [upstream, downstream] of edges)
    kernel.write((u) => addDependency(u, portfolio, { upstream, downstream }));
}

function put(kernel: TestKernel, id: string, phase: string, status = 'active'): void {
  kernel.exec(`UPDATE runs SET phase = '${phase}', status = '${status}' WHERE id = '${id}'`);
}

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
      [portfolio.projectDir, portfolio.tokenBudget, portfolio.maxDispatches, portfolio.scopeId, portfolio.parentRunId],
      ['', 9, 3, 's', null],
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
    const { portfolio } = make(kernel, ['/a', '/b']);
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
    const { portfolio } = make(kernel, ['/a', '/b']);
    depend(kernel, portfolio, ['/a', '/b'], ['/b', '/c'], ['/x', '/c']);
    const circle = refuses(kernel, 'DEPENDENCY_CYCLE', (u) =>
      addDependency(u, portfolio, { upstream: '/c', downstream: '/a' }),
    );
    assert.equal(circle.path, 'c → a → b → c');
    const self = refuses(kernel, 'DEPENDENCY_CYCLE', (u) =>
      addDependency(u, portfolio, { upstream: '/q', downstream: '/q' }),
    );
    assert.equal(self.path, 'q → q');
    depend(kernel, make(kernel, ['/a', '/b']).portfolio, ['/c', '/a']);
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
    const { portfolio } = make(kernel, ['/a', '/b']);
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
    depend(kernel, portfolio, ['/b', '/c'], ['/a', '/c'], ['/a', '/b'], ['/gone', '/a']);
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

describe('the gates of a portfolio', () => {
  function condition(kernel: TestKernel, id: string): unknown {
    return kernel.read((r) => checkGate(r, id, { tier: 'hard' })).conditions.at(-1);
  }

  it('holds the parent until every living child has got there', async () => {
    const kernel = await openTestKernel();
    const { portfolio, child } = make(kernel, ['/a', '/b', '/c']);
    const at = (project: string, phase: string, status = 'active') => ({ project, phase, status });
    const behind = (...projects: readonly ReturnType<typeof at>[]) => ({
      check: 'children_at_phase',
      phase: 'b',
      result: 'fail',
      count: projects.length,
      detail: `${projects.length} children behind phase "b"`,
      behind: projects,
    });
    assert.deepEqual(condition(kernel, portfolio), behind(at('/a', 'a'), at('/b', 'a'), at('/c', 'a')));
    put(kernel, child('/a'), 'b');
    put(kernel, child('/b'), 'a', 'cancelled');
    put(kernel, child('/c'), 'a', 'failed');
    assert.deepEqual(condition(kernel, portfolio), behind(at('/c', 'a', 'failed')));
    const blocked = kernel.write((u) => advanceRun(u, portfolio, { tier: 'hard' }));
    assert.equal(blocked.eventType, 'block');
    assert.equal(
      blocked.reason,
      '{"conditions":[{"check":"children_at_phase","phase":"b","result":"fail","count":1,' +
        '"detail":"1 children behind phase \\"b\\"","behind":[{"project":"/c","phase":"a","status":"failed"}]}]}',
    );
    assert.deepEqual(parseEvidence(blocked.reason), blocked.conditions);
    put(kernel, child('/c'), 'nowhere');
    assert.deepEqual(condition(kernel, portfolio), behind(at('/c', 'nowhere')));
    put(kernel, child('/c'), 'c');
    const pass = { check: 'children_at_phase', phase: 'b', result: 'pass', count: 0 };
    assert.deepEqual(condition(kernel, portfolio), pass);
    kernel.exec(`UPDATE runs SET phases = '["x","y"]', phase = 'x' WHERE id = '${child('/c')}'`);
    assert.deepEqual(condition(kernel, portfolio), pass);
  });

  it('holds a child until its upstream projects have got there, named in order', async () => {
    const kernel = await openTestKernel();
    const { portfolio, child } = make(kernel, ['/c', '/b', '/a']);
    assert.deepEqual(condition(kernel, child('/c')), {
      check: 'upstreams_at_phase',
      phase: 'b',
      result: 'pass',
      detail: 'no upstream dependencies',
    });
    depend(kernel, portfolio, ['/b', '/c'], ['/a', '/c'], ['/gone', '/c']);
    assert.deepEqual(condition(kernel, child('/c')), {
      check: 'upstreams_at_phase',
      phase: 'b',
      result: 'fail',
      count: 2,
      detail: 'upstreams behind phase "b": [/a at a /b at a]',
      behind: ['/a', '/b'].map((project) => ({ project, phase: 'a', status: 'active' })),
    });
    put(kernel, child('/a'), 'a', 'failed');
    put(kernel, child('/b'), 'b');
    const pass = { check: 'upstreams_at_phase', phase: 'b', result: 'pass', count: 0 };
    assert.deepEqual(condition(kernel, child('/c')), pass);
  });

  describe('of children whose own database cannot be read', () => {
    const unreadable = (...ids: readonly string[]) =>
      new Map(ids.map((id) => [runId.parse(id), new KernelError('DATABASE_MISSING', { path: '/gone' })]));
    const problem = new KernelError('DATABASE_MISSING', { path: '/gone' }).message;

    it('hold the parent, with those that are behind and why', async () => {
      const kernel = await openTestKernel();
      const { portfolio, child } = make(kernel, ['/a', '/b', '/c']);
      put(kernel, child('/a'), 'b');
      put(kernel, child('/c'), 'c');
      const options = { tier: 'hard', unreadable: unreadable(child('/a')) } as const;
      assert.deepEqual(kernel.read((r) => checkGate(r, portfolio, options)).conditions.at(-1), {
        check: 'children_at_phase',
        phase: 'b',
        result: 'fail',
        count: 2,
        detail: `1 children behind phase "b"; 1 cannot be read: [/a: ${problem}]`,
        behind: [
          { project: '/a', phase: 'b', status: 'active', problem },
          { project: '/b', phase: 'a', status: 'active' },
        ],
      });
      const blocked = kernel.write((u) => advanceRun(u, portfolio, options));
      assert.equal(blocked.eventType, 'block');
      assert.deepEqual(parseEvidence(blocked.reason), blocked.conditions);
    });

    it('hold nobody where they have ended, or their chain lacks the phase', async () => {
      const kernel = await openTestKernel();
      const { portfolio, child } = make(kernel, ['/a', '/b', '/c']);
      put(kernel, child('/a'), 'a', 'completed');
      put(kernel, child('/b'), 'a', 'cancelled');
      kernel.exec(`UPDATE runs SET phases = '["x","y"]', phase = 'x' WHERE id = '${child('/c')}'`);
      const options = { tier: 'hard', unreadable: unreadable(child('/a'), child('/b'), child('/c')) } as const;
      assert.equal(kernel.read((r) => checkGate(r, portfolio, options)).result, 'pass');
    });

    it('hold a child that waits for them', async () => {
      const kernel = await openTestKernel();
      const { portfolio, child } = make(kernel, ['/a', '/b', '/c']);
      depend(kernel, portfolio, ['/a', '/c'], ['/b', '/c']);
      put(kernel, child('/a'), 'c');
      put(kernel, child('/b'), 'a', 'failed');
      const judge = (...ids: readonly string[]) =>
        kernel.read((r) => checkGate(r, child('/c'), { tier: 'hard', unreadable: unreadable(...ids) }));
      assert.equal(judge(child('/b')).result, 'pass');
      const { result, conditions } = judge(child('/a'));
      assert.equal(result, 'fail');
      assert.equal(conditions.at(-1)?.detail, `1 cannot be read: [/a: ${problem}]`);
    });
  });

  it('takes the earliest of several runs in one project', async () => {
    const kernel = await openTestKernel();
    const { portfolio, child } = make(kernel, ['/a', '/a', '/b']);
    depend(kernel, portfolio, ['/a', '/b']);
    put(kernel, child('/a'), 'b');
    assert.equal(kernel.read((r) => checkGate(r, child('/b'), { tier: 'hard' })).result, 'pass');
  });

  it('fails where the portfolio is elsewhere and nobody read it, and believes who did', async () => {
    const home = await openTestKernel();
    const { portfolio, child } = make(home, ['/a', '/b']);
    depend(home, portfolio, ['/a', '/b']);
    const project = await openTestKernel();
    const id = child('/b');
    const copy = { id, projectDir: '/b', goal: 'g', phases: CHAIN, parentRunId: portfolio };
    project.write((u) => createRun(u, copy));
    assert.deepEqual(condition(project, id), {
      check: 'upstreams_at_phase',
      phase: 'b',
      result: 'fail',
      detail: `portfolio ${portfolio} is not in this database`,
    });
    const standings = home.read((r) => upstreamStandings(r, portfolio, '/b'));
    const known = { kind: 'known', standings } as const;
    assert.equal(
      project.write((u) => advanceRun(u, id, { tier: 'hard', upstreams: known })).reason,
      '{"conditions":[{"check":"upstreams_at_phase","phase":"b","result":"fail","count":1,"detail":"upstreams behind phase \\"b\\": [/a at a]"}]}',
    );
    const unreadable = { kind: 'unreadable', problem: 'portfolio.db is damaged' } as const;
    assert.equal(
      project.write((u) => advanceRun(u, id, { tier: 'hard', upstreams: unreadable })).conditions[0]?.detail,
      'portfolio.db is damaged',
    );
  });
});
