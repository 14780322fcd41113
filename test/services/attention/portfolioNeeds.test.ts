/** What waits in the portfolios of a window: real databases, gates judged over them, and a damaged file. */
import assert from 'node:assert/strict';
import { copyFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AttentionItem } from '../../../src/contract/results/attention';
import { silentLog } from '../../../src/host/log';
import { setRunBudget } from '../../../src/kernel/budget/reservation/limits';
import { createDispatch, recordProgress } from '../../../src/kernel/dispatch/service';
import { Emitter } from '../../../src/kernel/emitter';
import { askOverride } from '../../../src/kernel/gate/service';
import type { GateTier } from '../../../src/kernel/gate/model';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { advanceRun } from '../../../src/kernel/run/advance';
import { queuedPrompt } from '../../../src/host/launcher/dispatchFiles';
import { dispatchId } from '../../../src/kernel/ids';
import { enqueue, setQueuedProblem } from '../../../src/kernel/queue/service';
import { minuteOf } from '../../../src/services/attention/items/minutes';
import { PortfolioNeeds } from '../../../src/services/attention/portfolioNeeds';
import { advancePortfolioRun } from '../../../src/services/portfolio/advance';
import { cyclePortfolio } from '../../../src/services/portfolio/relay/relays';
import type { RelayState } from '../../../src/services/portfolio/home/model';
import { IDLE_RELAY, TestHome, type MadePortfolio } from '../../support/homes';
import { Projects } from '../../support/projects';

const CHAIN = ['a', 'b', 'c'];

describe('what waits in portfolios', () => {
  const projects = Projects.ofSuite();
  let home: TestHome;
  let needs: PortfolioNeeds;
  let storages: readonly string[];
  let tier: GateTier;
  let relay: RelayState;

  beforeEach(async () => {
    home = await TestHome.create(projects);
    tier = 'hard';
    storages = [];
    for (const name of ['api', 'web']) await home.project(name);
    const onDidChange = new Emitter<void>((error) => assert.fail(String(error))).event;
    relay = IDLE_RELAY;
    const relays = { state: () => relay, onDidChange };
    needs = new PortfolioNeeds({ home: home.home, relays, tier: () => tier, storages: () => storages }, silentLog);
    const listening = needs.onDidChange(() => undefined);
    projects.closing(() => {
      listening.dispose();
      needs.dispose();
      return Promise.resolve();
    });
  });

  const made = (): Promise<MadePortfolio> => home.make(['api', 'web'], CHAIN, 'Ship it');
  const only = (): AttentionItem => {
    const items = needs.items();
    assert.equal(items.length, 1, JSON.stringify(items.map(({ kind }) => kind)));
    return items[0] ?? assert.fail();
  };
  const blocked = async ({ portfolio }: MadePortfolio): Promise<void> => {
    const { portfolio: outcome } = await advancePortfolioRun(home.home, portfolio.id, { tier, children: false });
    assert.equal(outcome.advanced, false);
  };

  it('is a child whose relay failed three times in the same way, until it is read again', async () => {
    const { portfolio } = await made();
    const failure = {
      projectDir: '/projects/web',
      since: 1_767_225_600,
      nextAt: 1_767_225_660,
      problem: 'no such file',
    };
    relay = { ...IDLE_RELAY, failures: [{ ...failure, tries: 2 }] };
    needs.note();
    assert.deepEqual(needs.items(), []);
    relay = { ...IDLE_RELAY, failures: [{ ...failure, tries: 3 }] };
    needs.note();
    const item = only();
    assert.deepEqual(
      { kind: item.kind, place: item.place, name: item.action.name },
      { kind: 'stageRepeating', place: { kind: 'portfolio', portfolioId: portfolio.id }, name: 'log' },
    );
    const next = minuteOf(Date.UTC(2026, 0, 1, 0, 1) / 1000);
    assert.equal(item.reason, `Relaying events failed after 3 tries, next try ${next}: no such file`);
    relay = IDLE_RELAY;
    needs.note();
    assert.deepEqual(needs.items(), []);
  });

  it('is a dispatch of the own queue that could not be started, or that another machine has queued', async () => {
    await made();
    const { kernel } = home.home;
    const id = dispatchId.parse('abcd1234');
    const prompt = { file: queuedPrompt('/storage', id) ?? assert.fail() };
    await kernel.write((u) => {
      enqueue(u, { id, projectDir: '/projects/web', request: { kind: 'shell', prompt }, queuedAtMs: 1 });
      setQueuedProblem(u, id, 'no such program');
    });
    storages = ['/storage'];
    needs.note();
    const item = only();
    assert.deepEqual(
      { kind: item.kind, facts: item.facts, name: item.action.name },
      { kind: 'dispatchNotStarted', facts: { problem: 'no such program' }, name: 'log' },
    );
    storages = [];
    needs.note();
    assert.equal(only().kind, 'workToAllow');
  });

  it('is a gate that blocked an advance of a portfolio, until its children have arrived', async () => {
    const portfolio = await made();
    assert.deepEqual(needs.items(), []);
    await blocked(portfolio);
    const item = only();
    const { id } = portfolio.portfolio;
    assert.deepEqual(
      { kind: item.kind, title: item.title, place: item.place },
      { kind: 'gateFailed', title: 'Ship it', place: { kind: 'portfolio', portfolioId: id } },
    );
    assert.match(item.reason, /^a → b: /);
    assert.deepEqual(item.action, {
      name: 'portfolioReport',
      command: 'intercore.portfolio.checkGate',
      args: { folder: home.folder, portfolioId: id },
      label: 'Check Portfolio Gate',
    });
    for (const { id: child, projectDir } of portfolio.children) {
      await home.home.childKernel(projectDir).write((u) => advanceRun(u, child, { tier: 'none' }));
    }
    await cyclePortfolio(home.home, id);
    assert.deepEqual(needs.items(), []);
  });

  it('goes when gates no longer block, or the portfolio is cancelled', async () => {
    const portfolio = await made();
    await blocked(portfolio);
    assert.equal(only().kind, 'gateFailed');
    tier = 'soft';
    needs.note();
    assert.deepEqual(needs.items(), []);
    tier = 'hard';
    needs.note();
    await home.home.kernel.write((u) => cancelRun(u, portfolio.portfolio.id));
    assert.deepEqual(needs.items(), []);
  });

  it('is an override that is asked for, once for a portfolio that was held too', async () => {
    const { portfolio } = await made();
    await home.home.kernel.write((u) => askOverride(u, portfolio.id, { reason: 'web can wait', actor: 'agent-7' }));
    const item = only();
    assert.deepEqual(
      { kind: item.kind, command: item.action.command },
      { kind: 'overrideAsked', command: 'intercore.portfolio.overrideGate' },
    );
    assert.equal(item.reason, 'agent-7 requests to leave a: web can wait');
  });

  it('is a budget that the children have used up in their own databases', async () => {
    const { portfolio, children } = await made();
    await home.home.kernel.write((u) => void setRunBudget(u, portfolio.id, { tokens: 1000 }));
    assert.deepEqual(needs.items(), []);
    for (const { id: scopeId, projectDir } of children) {
      await home.home.childKernel(projectDir).write((u) => {
        const { id } = createDispatch(u, { agentType: 'codex', projectDir, scopeId });
        recordProgress(u, id, { inputTokens: 600 });
      });
    }
    needs.note();
    const item = only();
    assert.deepEqual(
      { kind: item.kind, command: item.action.command },
      { kind: 'budgetExceeded', command: 'intercore.portfolio.setBudget' },
    );
    assert.equal(item.reason, '1200 tokens of 1000 tokens used');
  });

  it('is their database when it is damaged, until its backup is in its place', async () => {
    await made();
    const { kernel } = home.home;
    const backup = `${kernel.path}.backup-20260101T000000Z`;
    await copyFile(kernel.path, backup);
    await writeFile(`${kernel.path}.new`, 'no database at all, '.repeat(5000));
    await rename(`${kernel.path}.new`, kernel.path);
    await kernel.refresh();
    const item = only();
    assert.deepEqual(
      { kind: item.kind, title: item.title, place: item.place, command: item.action.command },
      {
        kind: 'databaseDamaged',
        title: path.basename(kernel.path),
        place: { kind: 'portfolios' },
        command: 'intercore.portfolio.restoreBackup',
      },
    );
    assert.equal(kernel.state.kind === 'failed' && kernel.state.backup, backup);
    await kernel.restoreBackup(backup);
    assert.deepEqual(needs.items(), []);
  });
});
