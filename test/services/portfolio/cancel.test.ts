import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { withFileLock } from '../../../src/host/locks/fileLock';
import { activeDispatches, createDispatch, endDispatch } from '../../../src/kernel/dispatch/service';
import { dispatchId, type DispatchId } from '../../../src/kernel/ids';
import { enqueue, listQueued } from '../../../src/kernel/queue/service';
import { createPortfolio } from '../../../src/kernel/portfolio/service';
import type { Run } from '../../../src/kernel/run/record/model';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { getRun, phaseEvents } from '../../../src/kernel/run/record/queries';
import { cancelPortfolioRun, planPortfolioCancel, type EndDispatches } from '../../../src/services/portfolio/cancel';
import { createPortfolioRun } from '../../../src/services/portfolio/create';
import type { PortfolioHome } from '../../../src/services/portfolio/home/home';
import { isCode, Projects } from '../../support/projects';
import { TestWorkspace } from '../../support/workspaces';

describe('cancelling a portfolio over several databases', () => {
  const projects = Projects.ofSuite();

  interface Made {
    readonly workspace: TestWorkspace;
    readonly home: PortfolioHome;
    readonly portfolio: Run;
    readonly children: readonly [Run, Run, Run];
  }

  const made = async (): Promise<Made> => {
    const workspace = await TestWorkspace.create(projects, 'api', 'web', 'docs');
    const home = workspace.home({ busyTimeoutMs: 200 });
    const folders = ['api', 'web', 'docs'].map((name) => workspace.at(name));
    const { portfolio, children } = await createPortfolioRun(home, { goal: 'g', folders });
    const [api, web, docs] = children;
    assert.ok(api !== undefined && web !== undefined && docs !== undefined);
    return { workspace, home, portfolio, children: [api, web, docs] };
  };

  /** An active dispatch of the run, in its own database. */
  const dispatched = (home: PortfolioHome, { id, projectDir }: Run): Promise<DispatchId> =>
    home.childKernel(projectDir).write((u) => createDispatch(u, { agentType: 'shell', projectDir, scopeId: id }).id);

  /** A dispatch of the run that waits for a limit. */
  const queued = (home: PortfolioHome, { id, projectDir }: Run): Promise<unknown> => {
    const facts = { id: dispatchId.parse('waiting1'), runId: id, projectDir, queuedAtMs: 0 };
    const request = { kind: 'shell', prompt: { file: '/storage/waiting1/prompt.md' } };
    return home.childKernel(projectDir).write((u) => enqueue(u, { ...facts, request }));
  };

  /** Records the dispatches to end, in place of a dispatcher. */
  const ending = (): { readonly ended: string[]; readonly end: EndDispatches } => {
    const ended: string[] = [];
    const end: EndDispatches = async (kernel, ids, reason) => {
      for (const id of ids) {
        await kernel.write((u) => endDispatch(u, id, { status: 'cancelled', errorMessage: reason }));
        ended.push(id);
      }
    };
    return { ended, end };
  };

  const never: EndDispatches = () => Promise.reject(new Error('there was nothing to end'));

  it('plans all active children with their active dispatches, and changes nothing', async () => {
    const { home, portfolio, children } = await made();
    const [api, web, docs] = children;
    const dispatch = await dispatched(home, api);
    await home.childKernel(web.projectDir).write((u) => cancelRun(u, web.id));
    const before = home.childKernel(api.projectDir).generation;
    const plan = await planPortfolioCancel(home, portfolio.id);
    assert.deepEqual(
      plan.children.map(({ run, dispatches }) => [run.id, dispatches.map(({ id }) => id)]),
      [
        [api.id, [dispatch]],
        [docs.id, []],
      ],
    );
    assert.equal(home.childKernel(api.projectDir).generation, before);
  });

  it('cancels the children where they live, their mirrors, and their dispatches', async () => {
    const { workspace, home, portfolio, children } = await made();
    const dispatch = await dispatched(home, children[1]);
    await queued(home, children[0]);
    const { ended, end } = ending();
    const outcome = await cancelPortfolioRun(home, portfolio.id, end);
    assert.equal(outcome.portfolio.status, 'cancelled');
    assert.deepEqual(
      outcome.children.map(({ run, problem }) => [run.id, run.status, problem]),
      children.map(({ id }) => [id, 'cancelled', undefined]),
    );
    assert.deepEqual(ended, [dispatch]);
    for (const [index, name] of ['api', 'web', 'docs'].entries()) {
      const id = children[index]?.id ?? '';
      const own = await workspace.open(name);
      assert.equal(own.read((r) => getRun(r, id)).status, 'cancelled');
      assert.deepEqual(own.read(activeDispatches), []);
      assert.deepEqual(own.read(listQueued).queued, [], 'what waited for its turn');
      assert.deepEqual(
        own.read((r) => phaseEvents(r, id)).map((event) => [event.type, event.reason]),
        [['cancel', 'portfolio cancelled']],
      );
      assert.equal(home.kernel.read((r) => getRun(r, id)).status, 'cancelled');
    }
    const events = home.kernel.read((r) => phaseEvents(r, portfolio.id)).map((event) => event.type);
    assert.deepEqual(events, ['child_cancelled', 'child_cancelled', 'child_cancelled', 'cancel']);
  });

  it('continues past a child that is locked, damaged or gone, and says so', async () => {
    const { workspace, home, portfolio, children } = await made();
    const [api, web, docs] = children;
    await writeFile(home.childKernel(api.projectDir).path, 'no database');
    await rm(workspace.at('docs'), { recursive: true });
    const plan = await planPortfolioCancel(home, portfolio.id);
    assert.deepEqual(
      plan.children.map(({ problem }) => problem?.code),
      ['DATABASE_DAMAGED', undefined, 'DATABASE_MISSING'],
    );
    const outcome = await withFileLock(home.childKernel(web.projectDir).path, { timeoutMs: 1000 }, () =>
      cancelPortfolioRun(home, portfolio.id, never),
    );
    assert.deepEqual(
      outcome.children.map(({ run, problem }) => [run.id, problem?.code]),
      [
        [api.id, 'DATABASE_DAMAGED'],
        [web.id, 'DATABASE_BUSY'],
        [docs.id, 'DATABASE_MISSING'],
      ],
    );
    assert.equal(outcome.portfolio.status, 'cancelled');
    assert.equal((await workspace.open('web')).read((r) => getRun(r, web.id)).status, 'active');
  });

  it('reports agents that cannot be ended, with their runs cancelled', async () => {
    const { home, portfolio, children } = await made();
    await dispatched(home, children[0]);
    const outcome = await cancelPortfolioRun(home, portfolio.id, (kernel) =>
      kernel.write((u) => void endDispatch(u, 'unknown', { status: 'cancelled' })),
    );
    assert.deepEqual(
      outcome.children.map(({ problem }) => problem?.code),
      ['NOT_FOUND', undefined, undefined],
    );
    assert.equal(home.childKernel(children[0].projectDir).read((r) => getRun(r, children[0].id)).status, 'cancelled');
  });

  it('can be repeated when the portfolio itself could not be written', async () => {
    const { home, portfolio, children } = await made();
    await withFileLock(home.kernel.path, { timeoutMs: 1000 }, () =>
      assert.rejects(cancelPortfolioRun(home, portfolio.id, never), isCode('DATABASE_BUSY')),
    );
    const outcome = await cancelPortfolioRun(home, portfolio.id, never);
    assert.equal(outcome.portfolio.status, 'cancelled');
    assert.deepEqual(outcome.children, []);
    assert.equal(home.kernel.read((r) => getRun(r, children[0].id)).status, 'cancelled');
    await assert.rejects(planPortfolioCancel(home, portfolio.id), isCode('RUN_TERMINAL'));
    await assert.rejects(planPortfolioCancel(home, 'unknown'), isCode('NOT_FOUND'));
  });

  it('cancels children that are rows alone, and ends their dispatches there', async () => {
    const workspace = await TestWorkspace.create(projects, 'api', 'web');
    const home = workspace.home();
    await home.kernel.initialize();
    const dirs = [workspace.at('api'), workspace.at('web')];
    const { portfolio, children } = await home.kernel.write((u) => createPortfolio(u, { goal: 'g', projects: dirs }));
    const scopeId = children[0]?.id ?? '';
    const dispatch = await home.kernel.write((u) =>
      createDispatch(u, { agentType: 'shell', projectDir: workspace.at('api'), scopeId }),
    );
    const { ended, end } = ending();
    const outcome = await cancelPortfolioRun(home, portfolio.id, end);
    assert.deepEqual(
      outcome.children.map(({ run }) => run.status),
      ['cancelled', 'cancelled'],
    );
    assert.deepEqual(ended, [dispatch.id]);
    assert.deepEqual(
      children.map(({ id }) => home.kernel.read((r) => getRun(r, id)).status),
      ['cancelled', 'cancelled'],
    );
  });
});
