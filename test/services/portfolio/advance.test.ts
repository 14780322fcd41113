import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { withFileLock } from '../../../src/host/locks/fileLock';
import type { CreatePortfolioRun } from '../../../src/services/portfolio/create';
import { createPortfolio, addDependency } from '../../../src/kernel/portfolio/service';
import type { GateReport } from '../../../src/kernel/gate/model';
import type { Run } from '../../../src/kernel/run/record/model';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { advanceRun } from '../../../src/kernel/run/advance';
import { setRun } from '../../../src/kernel/run/record/runs';
import { getRun, phaseEvents } from '../../../src/kernel/run/record/queries';
import { addArtifact } from '../../../src/kernel/tracking/service';
import { advancePortfolioRun, planPortfolioAdvance } from '../../../src/services/portfolio/advance';
import { createPortfolioRun } from '../../../src/services/portfolio/create';
import type { PortfolioHome } from '../../../src/services/portfolio/home/home';
import { isCode, Projects } from '../../support/projects';
import { TestWorkspace } from '../../support/workspaces';

const PHASES = ['plan', 'build', 'done'];

describe('advancing a portfolio over several databases', () => {
  const projects = Projects.ofSuite();

  interface Made {
    readonly workspace: TestWorkspace;
    readonly home: PortfolioHome;
    readonly portfolio: Run;
    readonly children: readonly [Run, Run, Run];
  }

  /** api ← web ← docs: the later ones wait for the earlier ones. */
  const made = async (input: Partial<CreatePortfolioRun> = { phases: PHASES }): Promise<Made> => {
    const workspace = await TestWorkspace.create(projects, 'docs', 'web', 'api');
    const home = workspace.home({ busyTimeoutMs: 200 });
    const folders = ['docs', 'web', 'api'].map((name) => workspace.at(name));
    const [docs = '', web = '', api = ''] = folders;
    const dependencies = [
      { upstream: web, downstream: docs },
      { upstream: api, downstream: web },
    ];
    const { portfolio, children } = await createPortfolioRun(home, { goal: 'g', folders, dependencies, ...input });
    const [third, second, first] = children;
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    return { workspace, home, portfolio, children: [first, second, third] };
  };

  const own = (home: PortfolioHome, { id, projectDir }: Run): Run =>
    home.childKernel(projectDir).read((r) => getRun(r, id));

  it('plans the children upstream first and the gate as it would be then, and changes nothing', async () => {
    const { home, portfolio, children } = await made();
    const plan = await planPortfolioAdvance(home, portfolio.id, 'hard');
    assert.equal(plan.toPhase, 'build');
    assert.deepEqual(
      plan.children.map(({ run, kind, toPhase }) => [run.id, kind, toPhase]),
      children.map(({ id }) => [id, 'advance', 'build']),
    );
    assert.equal(plan.gate.result, 'pass');
    for (const child of children) assert.equal(own(home, child).phase, 'plan');
    assert.deepEqual(
      home.kernel.read((r) => phaseEvents(r, portfolio.id)),
      [],
    );
  });

  it('advances the children in their own databases and relays that, then the portfolio', async () => {
    const { home, portfolio, children } = await made();
    const outcome = await advancePortfolioRun(home, portfolio.id, { tier: 'hard', children: true });
    assert.equal(outcome.portfolio.advanced, true);
    assert.deepEqual(
      outcome.children.map(({ run, outcome: step }) => [run.id, step?.toPhase]),
      children.map(({ id }) => [id, 'build']),
    );
    for (const child of children) {
      assert.equal(own(home, child).phase, 'build');
      assert.equal(home.kernel.read((r) => getRun(r, child.id)).phase, 'build');
    }
    const events = home.kernel.read((r) => phaseEvents(r, portfolio.id)).map((event) => event.type);
    assert.deepEqual(events.filter((type) => type === 'child_advanced').length, 3);
    assert.equal(events.at(-1), 'advance');
  });

  it('brings a portfolio to its end with all its children', async () => {
    const { home, portfolio, children } = await made();
    await advancePortfolioRun(home, portfolio.id, { tier: 'hard', children: true });
    const last = await advancePortfolioRun(home, portfolio.id, { tier: 'hard', children: true });
    assert.equal(last.portfolio.completed, true);
    assert.deepEqual(
      children.map((child) => own(home, child).status),
      ['completed', 'completed', 'completed'],
    );
    await assert.rejects(planPortfolioAdvance(home, portfolio.id, 'hard'), isCode('RUN_TERMINAL'));
  });

  it('holds the portfolio and the downstream children if the gate of one child blocks, as planned', async () => {
    const { home, portfolio, children } = await made({});
    const [api, web, docs] = children;
    const artifact = (run: Run): Promise<unknown> =>
      home
        .childKernel(run.projectDir)
        .write((u) => addArtifact(u, { runId: run.id, phase: 'brainstorm', path: 'a.md', type: 'file' }));
    await artifact(api);
    await artifact(docs);
    await home.kernel.write((u) =>
      addArtifact(u, { runId: portfolio.id, phase: 'brainstorm', path: 'p.md', type: 'file' }),
    );
    const plan = await planPortfolioAdvance(home, portfolio.id, 'hard');
    assert.deepEqual(
      plan.children.map(({ kind }) => kind),
      ['advance', 'blocked', 'blocked'],
    );
    assert.deepEqual(
      plan.children[1]?.conditions.map(({ check, result }) => [check, result]),
      [
        ['artifact_exists', 'fail'],
        ['upstreams_at_phase', 'pass'],
      ],
    );
    assert.equal(plan.gate.result, 'fail');
    const outcome = await advancePortfolioRun(home, portfolio.id, { tier: 'hard', children: true });
    assert.equal(outcome.portfolio.eventType, 'block');
    const conditionsOf = ({ conditions }: Pick<GateReport, 'conditions'>): unknown[] =>
      conditions.map(({ check, result, count, detail }) => [check, result, count, detail]);
    assert.deepEqual(conditionsOf(outcome.portfolio), conditionsOf(plan.gate));
    assert.deepEqual(
      outcome.children.map(({ outcome: step }) => step?.eventType),
      ['advance', 'block', 'block'],
    );
    assert.deepEqual(
      outcome.children.map(({ outcome: step }) => step?.conditions),
      plan.children.map(({ conditions }) => conditions),
    );
    assert.equal(own(home, web).phase, 'brainstorm');
  });

  it('does not move children on request, and then reports which are behind', async () => {
    const { home, portfolio, children } = await made();
    await home.childKernel(children[0].projectDir).write((u) => advanceRun(u, children[0].id, { tier: 'none' }));
    const outcome = await advancePortfolioRun(home, portfolio.id, { tier: 'hard', children: false });
    assert.equal(outcome.portfolio.eventType, 'block');
    assert.deepEqual(outcome.children, []);
    assert.deepEqual(
      outcome.portfolio.conditions[0]?.behind?.map(({ project }) => project).sort(),
      [children[1].projectDir, children[2].projectDir].sort(),
    );
  });

  it('continues past children that have ended, are locked or gone', async () => {
    const { workspace, home, portfolio, children } = await made();
    const [api, web, docs] = children;
    await home.childKernel(api.projectDir).write((u) => cancelRun(u, api.id));
    await rm(workspace.at('docs/.clavain'), { recursive: true });
    const plan = await planPortfolioAdvance(home, portfolio.id, 'hard');
    assert.deepEqual(
      plan.children.map(({ run, kind, problem }) => [run.id, kind, problem?.code]),
      [
        [api.id, 'ended', undefined],
        [web.id, 'advance', undefined],
        [docs.id, 'unreadable', 'DATABASE_MISSING'],
      ],
    );
    const outcome = await withFileLock(home.childKernel(web.projectDir).path, { timeoutMs: 1000 }, () =>
      advancePortfolioRun(home, portfolio.id, { tier: 'hard', children: true }),
    );
    assert.deepEqual(
      outcome.children.map(({ run, problem }) => [run.id, problem?.code]),
      [
        [web.id, 'DATABASE_BUSY'],
        [docs.id, 'DATABASE_MISSING'],
      ],
    );
    assert.equal(outcome.portfolio.advanced, false);
  });

  it('moves nothing while the portfolio itself is paused', async () => {
    const { home, portfolio, children } = await made();
    await home.kernel.write((u) => setRun(u, portfolio.id, { autoAdvance: false }));
    const paused = await advancePortfolioRun(home, portfolio.id, { tier: 'hard', children: true });
    assert.deepEqual(
      { eventType: paused.portfolio.eventType, children: paused.children },
      { eventType: 'pause', children: [] },
    );
    assert.equal(own(home, children[0]).phase, 'plan');
    const reasoned = await advancePortfolioRun(home, portfolio.id, { tier: 'hard', children: true, skipReason: 'now' });
    assert.equal(reasoned.portfolio.advanced, true);
  });

  it('advances children that are rows alone', async () => {
    const workspace = await TestWorkspace.create(projects, 'api', 'web');
    const home = workspace.home();
    await home.kernel.initialize();
    const [web, api] = [workspace.at('web'), workspace.at('api')];
    const { portfolio } = await home.kernel.write((u) => {
      const created = createPortfolio(u, { goal: 'g', projects: [web, api], phases: [...PHASES] });
      addDependency(u, created.portfolio.id, { upstream: api, downstream: web });
      return created;
    });
    const outcome = await advancePortfolioRun(home, portfolio.id, { tier: 'hard', children: true });
    assert.equal(outcome.portfolio.advanced, true);
    assert.deepEqual(
      outcome.children.map(({ run }) => [run.projectDir, run.phase]),
      [
        [api, 'build'],
        [web, 'build'],
      ],
    );
  });
});
