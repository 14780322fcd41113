import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { systemClock } from '../../../src/host/clock';
import { createDispatch, listDispatches, setTokens } from '../../../src/kernel/dispatch/service';
import { KernelError } from '../../../src/kernel/errors/errors';
import { listQueued } from '../../../src/kernel/queue/service';
import { setRun } from '../../../src/kernel/run/record/runs';
import { Relay } from '../../../src/services/portfolio/relay/relay';
import type { ProjectKernel } from '../../../src/services/record/kernels';
import { PATIENCE_MS } from '../../support/dispatch/dispatchFixture';
import { inLong } from '../../support/long';
import { PortfolioWindow, work, type Child } from '../../support/portfolio/portfolioWindow';
import { isCode, Projects } from '../../support/projects';

describe('the limits of a portfolio', function () {
  this.timeout(PATIENCE_MS);
  const projects = Projects.ofSuite();

  const opened = async (...names: string[]): Promise<{ window: PortfolioWindow; kernels: ProjectKernel[] }> => {
    const window = new PortfolioWindow(await projects.folder(), projects);
    const kernels: ProjectKernel[] = [];
    for (const name of names) kernels.push(await window.open(name));
    return { window, kernels };
  };
  const pair = async (terms: { maxDispatches?: number; tokenBudget?: number }) => {
    const { window, kernels } = await opened('parcel-api', 'parcel-web');
    const made = await window.make(kernels, terms);
    const [api, web] = made.children;
    assert.ok(api !== undefined && web !== undefined);
    return { window, portfolio: made.portfolio, api, web };
  };
  /** A dispatch that another program recorded. */
  const recorded = ({ kernel, run }: Child) =>
    kernel.write((u) => createDispatch(u, { agentType: 'codex', projectDir: run.projectDir, scopeId: run.id }));

  it('count the dispatches of all children, and say who holds them', async () => {
    const { window, api, web } = await pair({ maxDispatches: 2 });
    await window.dispatcher.start(api.kernel, work(api, 'one'));
    await window.dispatcher.start(web.kernel, work(web, 'two'));
    await assert.rejects(window.dispatcher.start(api.kernel, work(api, 'three')), (error: unknown) => {
      assert.ok(KernelError.is(error, 'DISPATCH_LIMIT'));
      assert.deepEqual({ active: error.facts.active, limit: error.facts.limit }, { active: 2, limit: 2 });
      assert.equal(error.facts.holders, 'parcel-api 1, parcel-web 1');
      return true;
    });
    const outside = { kind: 'shell', prompt: 'true', name: 'outside' };
    assert.equal((await window.dispatcher.start(api.kernel, outside)).name, 'outside', 'only its runs are limited');
  });

  it('see what other windows started, at once', async () => {
    const { window, api, web } = await pair({ maxDispatches: 1 });
    const other = new PortfolioWindow(window.folder, projects);
    const elsewhere = await other.open('parcel-web');
    await other.dispatcher.start(elsewhere, work(web, 'other'));
    await assert.rejects(window.dispatcher.start(api.kernel, work(api, 'mine')), isCode('DISPATCH_LIMIT'));
  });

  it('hold for starts of two windows in the same moment', async () => {
    const { window, api, web } = await pair({ maxDispatches: 3 });
    const other = new PortfolioWindow(window.folder, projects);
    const elsewhere = { kernel: await other.open('parcel-web'), run: web.run };
    const starts = Array.from({ length: 6 }, (_, n) =>
      n % 2 === 0
        ? window.dispatcher.start(api.kernel, work(api, `mine ${n}`))
        : other.dispatcher.start(elsewhere.kernel, work(elsewhere, `other ${n}`)),
    );
    const outcomes = await Promise.allSettled(starts);
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 3);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') assert.ok(isCode('DISPATCH_LIMIT')(outcome.reason));
  });

  it('count a child that cannot be read by what the relay stored', async () => {
    const { window, portfolio, api, web } = await pair({ maxDispatches: 1 });
    await recorded(web);
    const { home } = window;
    const childKernel = (folder: string) => home.childKernel(folder);
    const relay = { kernel: home.kernel, portfolioId: portfolio.id, childKernel, clock: systemClock };
    await new Relay(relay).cycle();
    await writeFile(web.kernel.path, 'this is no database, and long enough to be checked as one');
    await web.kernel.refresh();
    await assert.rejects(window.dispatcher.start(api.kernel, work(api, 'one')), (error: unknown) => {
      assert.ok(KernelError.is(error, 'DISPATCH_LIMIT'));
      assert.equal(error.facts.holders, 'parcel-web 1');
      return true;
    });
  });

  it('let no dispatch start once the tokens of all children and of the portfolio reach its budget', async () => {
    const { window, portfolio, api, web } = await pair({ tokenBudget: 1000 });
    const { id } = await recorded(web);
    await web.kernel.write((u) => setTokens(u, id, { inputTokens: 500, outputTokens: 199 }));
    const own = await window.home.kernel.write((u) =>
      createDispatch(u, { agentType: 'codex', projectDir: window.folder, scopeId: portfolio.id }),
    );
    await window.home.kernel.write((u) => setTokens(u, own.id, { outputTokens: 300 }));
    await window.dispatcher.start(api.kernel, work(api, 'below', 'true'));
    await web.kernel.write((u) => setTokens(u, id, { outputTokens: 200 }));
    await assert.rejects(window.dispatcher.start(api.kernel, work(api, 'at')), (error: unknown) => {
      assert.ok(KernelError.is(error, 'PORTFOLIO_BUDGET'));
      const { used, reserved, budget } = error.facts;
      // The process below held the last token, and its result is not reported.
      assert.deepEqual([used + reserved, budget], [1001, 1000]);
      return true;
    });
    await window.home.kernel.write((u) => setRun(u, portfolio.id, { tokenBudget: 1002 }));
    await window.dispatcher.start(api.kernel, work(api, 'after', 'true'));
  });

  it('never let more start than allowed, however many start at once, and queued ones all run in the end', async () => {
    const { window, kernels } = await opened('a', 'b', 'c');
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 8 }),
        async (limit, targets) => {
          const { children } = await window.make(kernels, { maxDispatches: limit });
          const childAt = (n: number): Child => {
            const child = children[n];
            assert.ok(child !== undefined);
            return child;
          };
          const outcomes = await Promise.allSettled(
            targets.map((n, i) => window.dispatcher.start(childAt(n).kernel, work(childAt(n), `direct ${i}`))),
          );
          assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, Math.min(limit, targets.length));
          const refused = targets.filter((_, i) => outcomes[i]?.status === 'rejected');
          const queued: string[] = [];
          for (const n of refused)
            queued.push((await window.dispatcher.queue(childAt(n).kernel, work(childAt(n), 'queued'))).id);
          await window.queue.settled();
          assert.equal(window.active().length, Math.min(limit, targets.length), 'the queue keeps to the limit');
          while (window.active().length > 0) {
            for (const { kernel, id } of window.active().slice(0, 1)) await window.dispatcher.kill(kernel, id);
            await window.queue.settled();
            assert.ok(window.active().length <= limit);
          }
          const left = kernels.flatMap((kernel) => kernel.read(listQueued).queued);
          assert.deepEqual(left, []);
          const all = kernels.flatMap((kernel) => kernel.read((r) => listDispatches(r)).dispatches);
          for (const id of queued) assert.equal(all.filter((one) => one.id === id).length, 1);
        },
      ),
      { numRuns: inLong(1, 4) },
    );
  });
});
