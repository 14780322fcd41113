import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import type { GateConditionResult } from '../../../../src/kernel/gate/model';
import { checkGate } from '../../../../src/kernel/gate/service';
import type { Run } from '../../../../src/kernel/run/record/model';
import { cancelRun } from '../../../../src/kernel/run/cancel';
import { advanceRun } from '../../../../src/kernel/run/advance';
import { createRun } from '../../../../src/kernel/run/record/runs';
import { getRun } from '../../../../src/kernel/run/record/queries';
import { createPortfolio, addDependency } from '../../../../src/kernel/portfolio/service';
import { PortfolioLinks, type PortfolioLinksDeps } from '../../../../src/services/portfolio/snapshot/links';
import type { ProjectKernel } from '../../../../src/services/record/projectKernel';
import { ic } from '../../../support/ic/ic';
import { isCode, Projects, testDeps } from '../../../support/projects';
import { LONG_CHAIN, RelayFixture } from '../../../support/portfolio/relayFixture';

describe('gates between projects', function () {
  this.timeout(60_000);
  const projects = Projects.ofSuite();

  function linksOf(options: Partial<PortfolioLinksDeps> = {}): PortfolioLinks {
    const links = new PortfolioLinks({ kernelDeps: testDeps(), openKernel: () => undefined, ...options });
    projects.closing(() => links.dispose());
    return links;
  }

  /** The last condition of a run's gate, judged for an action. */
  async function judged(links: PortfolioLinks, kernel: ProjectKernel, id: string): Promise<GateConditionResult> {
    const outsideFacts = await links.outsideFacts(kernel, id, 'hard');
    const { conditions } = kernel.read((r) => checkGate(r, id, { tier: 'hard', ...outsideFacts }));
    return conditions.at(-1) ?? assert.fail('no condition');
  }

  async function runOf(fixture: RelayFixture, name: string): Promise<{ kernel: ProjectKernel; run: Run }> {
    const kernel = await fixture.project(name);
    return { kernel, run: kernel.read((r) => getRun(r, fixture.childId(name))) };
  }

  describe('of a child', () => {
    it('hold it until its upstream projects have got there, as of this moment', async () => {
      const fixture = await RelayFixture.create(
        projects,
        ['api', 'lib', 'web'],
        [
          ['api', 'web'],
          ['lib', 'web'],
        ],
      );
      const { kernel, run } = await runOf(fixture, 'web');
      const links = linksOf();
      const closed = await judged(links, kernel, run.id);
      const [api, lib] = [fixture.at('api'), fixture.at('lib')];
      assert.deepEqual(
        { result: closed.result, count: closed.count, detail: closed.detail },
        { result: 'fail', count: 2, detail: `upstreams behind phase "p1": [${api} at p0 ${lib} at p0]` },
      );
      await Promise.all([fixture.advance('api'), fixture.advance('lib')]);
      assert.deepEqual(await judged(links, kernel, run.id), {
        check: 'upstreams_at_phase',
        phase: 'p1',
        result: 'pass',
        count: 0,
      });
    });

    it('do not wait for upstream projects that have ended or lack the phase', async () => {
      const fixture = await RelayFixture.create(projects, ['api', 'web'], [['api', 'web']]);
      const { kernel, run } = await runOf(fixture, 'web');
      await (await fixture.project('api')).write((u) => cancelRun(u, fixture.childId('api')));
      assert.equal((await judged(linksOf(), kernel, run.id)).result, 'pass');
    });

    it('fail where the database of an upstream project cannot be read, and say which and why', async () => {
      const fixture = await RelayFixture.create(projects, ['api', 'web'], [['api', 'web']]);
      const { kernel, run } = await runOf(fixture, 'web');
      await fixture.advance('api');
      await fixture.relay().cycle();
      await rm(fixture.database('api'));
      const condition = await judged(linksOf(), kernel, run.id);
      assert.deepEqual({ result: condition.result, count: condition.count }, { result: 'fail', count: 1 });
      assert.match(
        condition.detail ?? '',
        new RegExp(`^1 cannot be read: \\[${fixture.at('api')}: There is no Intercore`),
      );
      assert.deepEqual(
        condition.behind?.map(({ project, phase }) => [project, phase]),
        [[fixture.at('api'), 'p1']],
      );
      const blocked = await kernel.write((u) =>
        advanceRun(u, run.id, { tier: 'hard', upstreams: { kind: 'unreadable', problem: 'x' } }),
      );
      assert.equal(blocked.eventType, 'block');
    });

    it('fail where the portfolio cannot be read, or is not there any more', async () => {
      const fixture = await RelayFixture.create(projects, ['api', 'web'], [['api', 'web']]);
      const { kernel, run } = await runOf(fixture, 'web');
      const home = fixture.home.kernel.path;
      await writeFile(home, 'no database'.repeat(1000));
      assert.match((await judged(linksOf(), kernel, run.id)).detail ?? '', /is damaged/);
      await assert.rejects(linksOf().portfolioOf(run), isCode('DATABASE_DAMAGED'));
      await rm(home);
      assert.match((await judged(linksOf(), kernel, run.id)).detail ?? '', /^There is no Intercore database/);
    });

    it('are judged by what is known where the window may not write', async () => {
      const fixture = await RelayFixture.create(projects, ['api', 'web'], [['api', 'web']]);
      await fixture.advance('api');
      const { kernel, run } = await runOf(fixture, 'web');
      const links = linksOf({ kernelDeps: testDeps({ trusted: () => false }) });
      assert.equal((await judged(links, kernel, run.id)).result, 'fail');
      assert.equal((await judged(linksOf(), kernel, run.id)).result, 'pass');
    });

    it('are shown as the portfolio knew last, and a change tells when that is something else', async () => {
      const fixture = await RelayFixture.create(projects, ['api', 'web'], [['api', 'web']]);
      const { kernel, run } = await runOf(fixture, 'web');
      const links = linksOf();
      const loaded = new Promise<void>((resolve) => {
        links.onDidChange(() => {
          if (links.upstreams(run)?.kind === 'known') resolve();
        });
      });
      assert.equal(links.upstreams(run)?.kind, 'unreadable');
      await loaded;
      await fixture.advance('api');
      assert.deepEqual(links.upstreams(run), {
        kind: 'known',
        states: [{ projectDir: fixture.at('api'), status: 'active', phase: 'p0', phases: LONG_CHAIN }],
      });
      await links.refreshUpstreams(run);
      const shown = links.upstreams(run);
      assert.ok(shown?.kind === 'known' && shown.states[0]?.phase === 'p1');
      const single = await kernel.write((u) => createRun(u, { projectDir: kernel.folder, goal: 'alone' }));
      assert.equal(links.upstreams(single), undefined);
      assert.deepEqual(await links.outsideFacts(kernel, single.id, 'hard'), {});
    });
  });

  describe('of a portfolio', () => {
    it('hold it until its children have got there, as of this moment, and name each that is behind', async () => {
      const fixture = await RelayFixture.create(projects, ['api', 'lib', 'web']);
      const links = linksOf({ home: fixture.home });
      await fixture.advance('api');
      await (await fixture.project('web')).write((u) => cancelRun(u, fixture.childId('web')));
      const condition = await judged(links, fixture.home.kernel, fixture.portfolioId);
      assert.deepEqual(condition, {
        check: 'children_at_phase',
        phase: 'p1',
        result: 'fail',
        count: 1,
        detail: '1 children behind phase "p1"',
        behind: [{ project: fixture.at('lib'), phase: 'p0', status: 'active' }],
      });
      await fixture.advance('lib');
      assert.equal((await judged(links, fixture.home.kernel, fixture.portfolioId)).result, 'pass');
    });

    it('fail for a child that cannot be read, although its mirror was far enough', async () => {
      const fixture = await RelayFixture.create(projects, ['api', 'web']);
      const links = linksOf({ home: fixture.home });
      await Promise.all([fixture.advance('api', 2), fixture.advance('web', 2)]);
      assert.equal((await judged(links, fixture.home.kernel, fixture.portfolioId)).result, 'pass');
      await writeFile(fixture.database('web'), 'no database'.repeat(1000));
      const condition = await judged(links, fixture.home.kernel, fixture.portfolioId);
      assert.deepEqual({ result: condition.result, count: condition.count }, { result: 'fail', count: 1 });
      assert.match(condition.detail ?? '', /^1 cannot be read: \[.*web: The database .* is damaged/);
      const [web] = condition.behind ?? [];
      assert.deepEqual({ project: web?.project, phase: web?.phase }, { project: fixture.at('web'), phase: 'p2' });
      assert.match(web?.problem ?? '', /is damaged/);
    });

    it('do without databases where the children never had any', async () => {
      const kernel = await projects.create();
      const { portfolio, children } = await kernel.write((u) => {
        const made = createPortfolio(u, { goal: 'g', projects: ['/nowhere/a', '/nowhere/b'], phases: ['x', 'y'] });
        addDependency(u, made.portfolio.id, { upstream: '/nowhere/a', downstream: '/nowhere/b' });
        return made;
      });
      const [a, b] = children.map(({ id }) => id);
      const links = linksOf();
      assert.equal((await judged(links, kernel, portfolio.id)).count, 2);
      assert.equal((await judged(links, kernel, b ?? '')).result, 'fail');
      await kernel.write((u) => advanceRun(u, a ?? '', { tier: 'none' }));
      assert.equal((await judged(links, kernel, b ?? '')).result, 'pass');
    });
  });

  it('hold in ic as they do in the editor', async () => {
    const fixture = await RelayFixture.create(projects, ['api', 'web'], [['api', 'web']]);
    const web = fixture.childId('web');
    const at = (name: string, ...args: string[]) => ic(args, { cwd: fixture.at(name) });
    const closed = await at('web', 'run', 'advance', web, '--priority=0');
    assert.deepEqual({ code: closed.code, stdout: closed.stdout }, { code: 1, stdout: 'p0 (blocked: block)\n' });
    await fixture.advance('api');
    const checked = await at('web', 'gate', 'check', web);
    assert.deepEqual(
      { code: checked.code, stdout: checked.stdout },
      { code: 0, stdout: 'p0 → p1: pass (tier: soft)\n  [PASS] upstreams_at_phase (count: 0)\n' },
    );
    assert.equal((await at('web', 'run', 'advance', web, '--priority=0')).stdout, 'p0 → p1\n');
    await fixture.advance('web');
    const inHome = (...args: string[]) =>
      ic([`--db=.clavain/portfolio.db`, ...args], { cwd: fixture.workspace.folder });
    const parent = await inHome('gate', 'check', fixture.portfolioId, '--priority=0');
    assert.equal(parent.stdout, 'p0 → p1: pass (tier: hard)\n  [PASS] children_at_phase (count: 0)\n');
    await inHome('run', 'advance', fixture.portfolioId, '--priority=0');
    const behind = await inHome('gate', 'check', fixture.portfolioId, '--priority=0');
    assert.equal(
      behind.stdout,
      `p1 → p2: fail (tier: hard)\n  [FAIL] children_at_phase (count: 1) — 1 children behind phase "p2"\n` +
        `    ${fixture.at('api')} at p1\n`,
    );
    const json = await inHome('gate', 'check', fixture.portfolioId, '--json');
    assert.match(json.stdout, /"behind":\[\{"project":"[^"]*api","phase":"p1","status":"active"\}\]/);
  });
});
