/**
 * Dispatches of a portfolio that wait for a slot: refused, queued, started in turn, taken out again
 * (`docs/design/portfolios.md#limits`).
 */
import assert from 'node:assert/strict';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import type { Dispatch } from '../../../src/kernel/dispatch/model';
import type { PortfolioOutcome } from '../../../src/kernel/portfolio/model';
import { activateExtension, call, changeAfter, openFolder, refuses } from '../../support/extension/window';

const UNTIL_ENDED = 'exec sleep 300';

describe('the queue of a portfolio', () => {
  const api1 = openFolder('api');
  const web = openFolder('web');
  let api: IntercoreApi;
  let made: PortfolioOutcome;
  let holder: Dispatch;

  const childIn = (folder: string): string => {
    const child = made.children.find(({ projectDir }) => projectDir === folder);
    assert.ok(child);
    return child.id;
  };
  const agent = (folder: string, name: string) => {
    return { folder, runId: childIn(folder), kind: 'shell', prompt: UNTIL_ENDED, name };
  };
  const waiting = async (): Promise<(string | undefined)[]> =>
    (await api.dispatches.queued({ folder: web })).queued.map(({ request }) => request.name);

  /** A queued dispatch after `cause` let it start. */
  async function startedBy(dispatchId: string, cause: () => Promise<unknown>): Promise<Dispatch> {
    await changeAfter(api, ({ folder, dispatches }) => folder === web && dispatches.includes(dispatchId), cause);
    return await api.dispatches.get({ folder: web, dispatchId });
  }

  before(async () => {
    api = await activateExtension();
  });

  beforeEach(async () => {
    made = await api.portfolios.create({
      goal: 'One at a time',
      folders: [api1, web],
      phases: ['executing', 'done'],
      maxDispatches: 1,
    });
    holder = (await call('intercore.dispatch.start', agent(api1, 'Holds the slot'))) as Dispatch;
  });

  afterEach(async () => {
    for (const { id } of (await api.dispatches.queued({ folder: web })).queued) {
      await api.dispatches.unqueue({ folder: web, dispatchId: id });
    }
    await api.portfolios.cancel({ portfolioId: made.portfolio.id });
  });

  it('is offered by a refused start, which names the holders of the slots', async () => {
    await assert.rejects(
      Promise.resolve(call('intercore.dispatch.start', agent(web, 'Too many'))),
      /1 active dispatch \(api 1\) and allows 1/,
    );
    await refuses('DISPATCH_LIMIT', api.dispatches.start(agent(web, 'Too many')));
    assert.deepEqual(await waiting(), []);
  });

  it('starts the first in line automatically when the slot is free, under the id it had', async () => {
    const first = await api.dispatches.queue(agent(web, 'First'));
    await api.dispatches.queue(agent(web, 'Second'));
    assert.deepEqual(await waiting(), ['First', 'Second']);
    const dispatch = await startedBy(first.id, () => api.dispatches.kill({ folder: api1, dispatchId: holder.id }));
    assert.deepEqual({ name: dispatch.name, scopeId: dispatch.scopeId }, { name: 'First', scopeId: childIn(web) });
    assert.deepEqual(await waiting(), ['Second']);
  });

  it('is revealed while it waits, as any other dispatch is', async () => {
    const { id } = await api.dispatches.queue(agent(web, 'Waits'));
    assert.equal(await call('intercore.dispatch.reveal', { folder: web, dispatchId: id }), id);
    await assert.rejects(
      Promise.resolve(call('intercore.dispatch.reveal', { folder: web, dispatchId: 'missing' })),
      /The dispatch missing was not found/,
    );
  });

  it('starts it too when the limit is raised', async () => {
    const { id } = await api.dispatches.queue(agent(web, 'Next'));
    const raise = () => call('intercore.portfolio.setLimit', { portfolioId: made.portfolio.id, maxDispatches: 2 });
    assert.equal((await startedBy(id, raise)).name, 'Next');
    assert.deepEqual(await waiting(), []);
  });

  it('keeps a dispatch queued that a person starts out of turn over the limit', async () => {
    const { id: dispatchId } = await api.dispatches.queue(agent(web, 'Impatient'));
    await refuses('DISPATCH_LIMIT', call('intercore.dispatch.startNow', { folder: web, dispatchId }));
    assert.deepEqual(await waiting(), ['Impatient']);
  });

  it('lets go of a dispatch that is removed, and starts it never', async () => {
    const { id: dispatchId } = await api.dispatches.queue(agent(web, 'Not needed'));
    assert.equal(await call('intercore.dispatch.unqueue', { folder: web, dispatchId }), dispatchId);
    await refuses('NOT_FOUND', call('intercore.dispatch.unqueue', { folder: web, dispatchId }));
    await refuses('NOT_FOUND', call('intercore.dispatch.startNow', { folder: web, dispatchId }));
    await api.dispatches.kill({ folder: api1, dispatchId: holder.id });
    await api.dispatches.wait({ folder: api1, dispatchId: holder.id });
    await refuses('NOT_FOUND', api.dispatches.get({ folder: web, dispatchId }));
  });

  it('is empty for a run that no portfolio limits', async () => {
    const run = await api.runs.create({ folder: web, goal: 'On its own' });
    const dispatch = await api.dispatches.start({ folder: web, runId: run.id, kind: 'shell', prompt: 'true' });
    assert.equal((await api.dispatches.wait({ folder: web, dispatchId: dispatch.id })).status, 'completed');
    await api.runs.cancel({ folder: web, runId: run.id });
  });
});
