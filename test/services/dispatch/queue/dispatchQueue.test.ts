import assert from 'node:assert/strict';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findDispatch, getDispatch } from '../../../../src/kernel/dispatch/service';
import { findQueued, listQueued } from '../../../../src/kernel/queue/service';
import { cancelRun } from '../../../../src/kernel/run/cancel';
import { createRun, setRun } from '../../../../src/kernel/run/record/runs';
import { kernelIn } from '../../../../src/services/record/dispatchKernel';
import type { DispatcherDeps } from '../../../../src/services/dispatch/dispatcher';
import { KernelError } from '../../../../src/kernel/errors/errors';
import type { ProjectKernel } from '../../../../src/services/record/kernels';
import { ended, PATIENCE_MS, Stage } from '../../../support/dispatch/dispatchFixture';
import { PortfolioWindow, UNTIL_ENDED, work, type Child } from '../../../support/portfolio/portfolioWindow';
import { isCode, Projects } from '../../../support/projects';

describe('queued dispatches', function () {
  this.timeout(PATIENCE_MS);
  const projects = Projects.ofSuite();

  const full = async (): Promise<{ window: PortfolioWindow; portfolioId: string; api: Child; web: Child }> => {
    const window = new PortfolioWindow(await projects.folder(), projects);
    const kernels = [await window.open('api'), await window.open('web')];
    const { portfolio, children } = await window.make(kernels, { maxDispatches: 1 });
    const [api, web] = children;
    assert.ok(api !== undefined && web !== undefined);
    await window.dispatcher.start(api.kernel, work(api, 'first'));
    return { window, portfolioId: portfolio.id, api, web };
  };
  const isActive = (kernel: ProjectKernel, id: string): boolean =>
    kernel.read((r) => findDispatch(r, id))?.status === 'running';
  const problemOf = (kernel: ProjectKernel, id: string) => kernel.read((r) => findQueued(r, id))?.problem;

  it('start under the id they were queued with, with the prompt as it was then, when one ends', async () => {
    const { window, api, web } = await full();
    const prompt = path.join(web.kernel.folder, 'task.sh');
    await writeFile(prompt, 'echo as queued');
    const { id } = await window.dispatcher.queue(web.kernel, { ...work(web, 'next'), prompt: { file: 'task.sh' } });
    await writeFile(prompt, 'echo changed');
    await window.queue.settled();
    assert.equal(
      web.kernel.read((r) => findDispatch(r, id)),
      undefined,
    );
    const [first] = window.active();
    assert.ok(first !== undefined);
    const started = new Promise<void>((resolve) => {
      const subscription = web.kernel.onDidChange(() => {
        if (web.kernel.read((r) => findDispatch(r, id)) === undefined) return;
        subscription.dispose();
        resolve();
      });
    });
    await window.dispatcher.kill(api.kernel, first.id);
    await started;
    const done = await ended(window.dispatcher, web.kernel, id);
    assert.deepEqual(
      { status: done.status, name: done.name, scopeId: done.scopeId },
      { status: 'completed', name: 'next', scopeId: web.run.id },
    );
    assert.equal(await readFile(done.outputFile ?? '', 'utf8'), 'as queued\n');
    assert.deepEqual(web.kernel.read(listQueued).queued, []);
  });

  it('start when the limit is raised', async () => {
    const { window, portfolioId, web } = await full();
    const { id } = await window.dispatcher.queue(web.kernel, work(web, 'next'));
    await window.queue.settled();
    assert.equal(isActive(web.kernel, id), false);
    await window.home.kernel.write((u) => setRun(u, portfolioId, { maxDispatches: 2 }));
    await window.queue.settled();
    assert.equal(isActive(web.kernel, id), true);
  });

  it('start at a later try where the record could not be written, without an event that wakes them', async () => {
    const { window, portfolioId, web } = await full();
    const { id } = await window.dispatcher.queue(web.kernel, work(web, 'next'));
    await window.queue.settled();
    const write = web.kernel.write.bind(web.kernel);
    let refusals = 0;
    web.kernel.write = async (unit) => {
      refusals += 1;
      if (refusals <= 2) throw new KernelError('DATABASE_BUSY', { path: web.kernel.path, waitedMs: 0 });
      return await write(unit);
    };
    const started = new Promise<void>((resolve) => {
      const subscription = web.kernel.onDidChange(() => {
        if (!isActive(web.kernel, id)) return;
        subscription.dispose();
        resolve();
      });
    });
    await window.home.kernel.write((u) => setRun(u, portfolioId, { maxDispatches: 2 }));
    await window.queue.settled();
    assert.deepEqual(
      { isActive: isActive(web.kernel, id), problemOf: problemOf(web.kernel, id) },
      { isActive: false, problemOf: null },
    );
    await started;
    assert.ok(refusals > 2);
  });

  it('keep their places behind the first of their portfolio, and let others pass', async () => {
    const { window, api, web } = await full();
    const second = await window.dispatcher.queue(web.kernel, work(web, 'second'));
    const third = await window.dispatcher.queue(api.kernel, work(api, 'third'));
    const free = await window.dispatcher.queue(web.kernel, { kind: 'shell', prompt: UNTIL_ENDED });
    await window.queue.settled();
    assert.equal(isActive(web.kernel, free.id), true, 'no limit holds for it');
    const [first] = window.active().filter(({ id }) => id !== free.id);
    assert.ok(first !== undefined);
    await window.dispatcher.kill(api.kernel, first.id);
    await window.queue.settled();
    assert.equal(isActive(web.kernel, second.id), true);
    assert.notEqual(
      api.kernel.read((r) => findQueued(r, third.id)),
      undefined,
    );
  });

  it('keep the reason that they cannot start, block no other, start on request after a fix, and are deleted with their run', async () => {
    const { window, api, web } = await full();
    const elsewhere = path.join(web.kernel.folder, 'later');
    const stuck = await window.dispatcher.queue(web.kernel, { kind: 'shell', prompt: UNTIL_ENDED, cwd: 'later' });
    const after = await window.dispatcher.queue(web.kernel, { kind: 'shell', prompt: UNTIL_ENDED });
    const orphan = await window.dispatcher.queue(web.kernel, work(web, 'orphan'));
    await window.queue.settled();
    assert.match(problemOf(web.kernel, stuck.id) ?? '', /there is no folder/);
    assert.equal(isActive(web.kernel, after.id), true);
    await mkdir(elsewhere);
    window.queue.wake();
    await window.queue.settled();
    assert.equal(isActive(web.kernel, stuck.id), false, 'it waits for a person');
    await window.dispatcher.startQueued(web.kernel, stuck.id);
    assert.equal(isActive(web.kernel, stuck.id), true);
    await web.kernel.write((u) => cancelRun(u, web.run.id));
    for (const { kernel, id } of window.active()) if (kernel === api.kernel) await window.dispatcher.kill(kernel, id);
    await window.queue.settled();
    assert.equal(
      web.kernel.read((r) => findQueued(r, orphan.id)),
      undefined,
      'it went with its run',
    );
  });

  it('give everyone who starts them at the same moment the same answer', async () => {
    const { window, api, web } = await full();
    const { id } = await window.dispatcher.queue(web.kernel, work(web, 'wanted'));
    // The queue retries on its own meanwhile.
    const refused = [1, 2].map(() => window.dispatcher.startQueued(web.kernel, id));
    for (const start of refused) await assert.rejects(start, isCode('DISPATCH_LIMIT'));
    await window.queue.settled();
    for (const { kernel, id: other } of window.active()) {
      if (kernel === api.kernel) await window.dispatcher.kill(kernel, other);
    }
    const started = [1, 2].map(() => window.dispatcher.startQueued(web.kernel, id));
    const ids = (await Promise.allSettled(started)).map((end) => (end.status === 'fulfilled' ? end.value.id : 'none'));
    assert.ok(isActive(web.kernel, id));
    assert.equal(ids[0], ids[1]);
  });

  it('can be removed, prompt and all', async () => {
    const { window, web } = await full();
    const queued = await window.dispatcher.queue(web.kernel, work(web, 'unwanted'));
    await window.queue.settled();
    await access(queued.request.prompt.file);
    await window.dispatcher.unqueue(web.kernel, queued.id);
    await assert.rejects(access(queued.request.prompt.file));
    await assert.rejects(window.dispatcher.unqueue(web.kernel, queued.id), isCode('NOT_FOUND'));
    await assert.rejects(window.dispatcher.startQueued(web.kernel, queued.id), isCode('NOT_FOUND'));
  });

  it('wait in an untrusted window, and for the agents that worked before the window was loaded', async () => {
    const { window, web } = await full();
    const { id } = await window.dispatcher.queue(web.kernel, { kind: 'shell', prompt: UNTIL_ENDED });
    await window.queue.settled();
    assert.equal(isActive(web.kernel, id), true);
    const next = new PortfolioWindow(window.folder, projects, { maxConcurrent: () => 1 });
    next.isTrusted = false;
    const kernel = await next.open('web');
    window.isTrusted = false;
    await kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g' }));
    next.queue.wake();
    await next.queue.settled();
    assert.equal(next.dispatcher.hasTakenUp(kernel), false);
    window.isTrusted = true;
    next.isTrusted = true;
    await next.dispatcher.adopt(kernel);
    const waiting = await next.dispatcher.queue(kernel, { kind: 'shell', prompt: 'true' });
    await next.queue.settled();
    assert.notEqual(
      kernel.read((r) => findQueued(r, waiting.id)),
      undefined,
      'the adopted agent counts',
    );
    await next.dispatcher.kill(kernel, id);
    assert.equal(await endingOf(kernel, waiting.id), 'completed');
  });

  /** How a dispatch ended that any window may start: this one hears of others only by looking. */
  async function endingOf(kernel: ProjectKernel, id: string): Promise<string> {
    const limit = AbortSignal.timeout(PATIENCE_MS);
    while (!limit.aborted) {
      await kernel.refresh();
      const status = kernel.read((r) => findDispatch(r, id))?.status;
      if (status !== undefined && status !== 'spawned' && status !== 'running') return status;
      await delay(50);
    }
    return 'never';
  }

  it('do not start unasked where a project brought them along', async () => {
    const { window, web } = await full();
    const { id } = await window.dispatcher.queue(web.kernel, { kind: 'shell', prompt: 'true', name: 'ours' });
    const planted = { kind: 'shell', prompt: { file: path.join(web.kernel.folder, 'evil.sh') } };
    await web.kernel.write((u) => {
      u.db.run('INSERT INTO queued_dispatches (id, project_dir, request, queued_at_ms) VALUES (?, ?, ?, ?)', [
        'planted1',
        web.kernel.folder,
        JSON.stringify(planted),
        1,
      ]);
      u.touched.rest();
    });
    await window.queue.settled();
    assert.equal(web.kernel.read((r) => getDispatch(r, id)).name, 'ours');
    assert.equal(problemOf(web.kernel, 'planted1'), null);
    assert.equal(
      web.kernel.read((r) => findDispatch(r, 'planted1')),
      undefined,
    );
  });

  it('start where their kind is allowed in the folder that they work in, and the record is of no folder', async () => {
    const stage = await Stage.open();
    try {
      const kernel = await stage.kernel();
      const child = path.join(stage.project, 'child');
      await mkdir(child);
      const mayStart: DispatcherDeps['mayStart'] = ({ folder }) =>
        folder === child
          ? Promise.resolve()
          : Promise.reject(new KernelError('AGENT_NOT_ALLOWED', { kind: 'shell', folder }));
      const dispatcher = stage.dispatcher({ mayStart });
      const { id } = await dispatcher.queue(kernelIn(kernel, child), { kind: 'shell', prompt: 'pwd' });
      await dispatcher.startQueued(kernel, id);
      const { status, outputFile } = await ended(dispatcher, kernel, id);
      assert.deepEqual(
        { status, file: await readFile(outputFile ?? '', 'utf8') },
        { status: 'completed', file: `${child}\n` },
      );
      await assert.rejects(dispatcher.queue(kernel, { kind: 'shell', prompt: 'pwd' }), isCode('AGENT_NOT_ALLOWED'));
    } finally {
      await stage.close();
    }
  });
});
