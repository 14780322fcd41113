/**
 * Portfolios in a window on a workspace file: operations, commands, folders that come and go
 * (`docs/design/portfolios.md`).
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import type { PortfolioAdvanceOutcome } from '../../../src/contract/results/portfolios';
import type { PortfolioOutcome } from '../../../src/kernel/portfolio/model';
import { activateExtension, call, foldersChange, openFolder, refuses } from '../../support/extension/window';

const PHASES = ['executing', 'review', 'done'];

describe('a window on a workspace file', () => {
  const api1 = openFolder('api');
  const web = openFolder('web');
  let api: IntercoreApi;

  const create = (goal: string, folders: readonly string[] = [api1, web]): Promise<PortfolioOutcome> =>
    api.portfolios.create({ goal, folders: [...folders], phases: PHASES });

  before(async () => {
    api = await activateExtension();
  });

  afterEach(async () => {
    for (const { id } of await api.portfolios.list({ status: 'active' })) {
      await api.portfolios.cancel({ portfolioId: id });
    }
  });

  it('keeps its portfolios beside that file, and each child in the database of its folder', async () => {
    const { portfolio, children } = await create('Rename the field everywhere');
    const beside = path.join(path.dirname(vscode.workspace.workspaceFile?.fsPath ?? ''), '.clavain', 'portfolio.db');
    assert.ok(existsSync(beside), beside);
    assert.deepEqual(
      children.map(({ projectDir }) => projectDir),
      [api1, web],
    );
    for (const child of children) {
      const own = await api.runs.get({ folder: child.projectDir, runId: child.id });
      assert.equal(own.parentRunId, portfolio.id);
    }
    assert.ok((await api.portfolios.list({})).some(({ id }) => id === portfolio.id));
    assert.ok(!(await api.runs.list({ folder: api1 })).runs.some(({ id }) => id === portfolio.id));
  });

  it('says where each child stands and for whom it waits', async () => {
    const { portfolio } = await create('Say where they stand');
    const edge = { upstream: api1, downstream: web };
    await call('intercore.portfolio.addDependency', { portfolioId: portfolio.id, ...edge });
    const info = await api.portfolios.get({ portfolioId: portfolio.id });
    assert.deepEqual(info.dependencies, [edge]);
    assert.deepEqual(
      info.children.map(({ projectDir, isOpen, source, waitsFor }) => ({ projectDir, isOpen, source, waitsFor })),
      [
        { projectDir: api1, isOpen: true, source: 'own', waitsFor: [] },
        {
          projectDir: web,
          isOpen: true,
          source: 'own',
          waitsFor: [{ projectDir: api1, phase: 'executing', needs: 'review' }],
        },
      ],
    );
  });

  it('refuses dependencies that go in a circle, say nothing, or name strangers', async () => {
    const { portfolio } = await create('Keep order');
    const portfolioId = portfolio.id;
    await api.portfolios.addDependency({ portfolioId, upstream: api1, downstream: web });
    await assert.rejects(api.portfolios.addDependency({ portfolioId, upstream: web, downstream: api1 }), (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, / web → api → web\.$/);
      return true;
    });
    await refuses(
      'DEPENDENCY_CYCLE',
      call('intercore.portfolio.addDependency', { portfolioId, upstream: web, downstream: web }),
    );
    await refuses('DEPENDENCY_EXISTS', api.portfolios.addDependency({ portfolioId, upstream: api1, downstream: web }));
    await refuses('NOT_FOUND', api.portfolios.addDependency({ portfolioId, upstream: os.tmpdir(), downstream: web }));
    assert.deepEqual(await api.portfolios.order({ portfolioId }), [api1, web]);
    const left = await call('intercore.portfolio.removeDependency', { portfolioId, upstream: api1, downstream: web });
    assert.deepEqual(left, []);
  });

  it('holds the portfolio until its children are there, and can take the ready ones along', async () => {
    const { portfolio, children } = await create('Go together');
    const portfolioId = portfolio.id;
    const report = await api.portfolios.checkGate({ portfolioId });
    const behind = report.conditions.find(({ check }) => check === 'children_at_phase');
    assert.equal(behind?.result, 'fail');
    assert.deepEqual(behind.behind?.map(({ project }) => project).sort(), [api1, web]);
    const plan = await api.portfolios.planAdvance({ portfolioId });
    assert.deepEqual(
      plan.children.map(({ kind, toPhase }) => ({ kind, toPhase })),
      [
        { kind: 'advance', toPhase: 'review' },
        { kind: 'advance', toPhase: 'review' },
      ],
    );
    const outcome = (await call('intercore.portfolio.advance', {
      portfolioId,
      children: true,
    })) as PortfolioAdvanceOutcome;
    assert.ok(outcome.portfolio.advanced);
    for (const { id, projectDir } of children) {
      assert.equal((await api.runs.get({ folder: projectDir, runId: id })).phase, 'review');
    }
    assert.equal((await api.portfolios.get({ portfolioId })).portfolio.phase, 'review');
  });

  it('lets a gate pass with a reason', async () => {
    const { portfolio } = await create('Pass anyway');
    const portfolioId = portfolio.id;
    await call('intercore.portfolio.overrideGate', { portfolioId, reason: 'The release is today' });
    assert.equal((await api.portfolios.get({ portfolioId })).portfolio.phase, 'review');
  });

  it('changes limit and budget, and takes both away', async () => {
    const { portfolio } = await create('Spend little');
    const portfolioId = portfolio.id;
    await call('intercore.portfolio.setLimit', { portfolioId, maxDispatches: 2 });
    await call('intercore.portfolio.setBudget', { portfolioId, tokenBudget: 5000 });
    const set = (await api.portfolios.get({ portfolioId })).portfolio;
    assert.deepEqual(
      { maxDispatches: set.maxDispatches, tokenBudget: set.tokenBudget },
      { maxDispatches: 2, tokenBudget: 5000 },
    );
    await call('intercore.portfolio.setLimit', { portfolioId, maxDispatches: 0 });
    await call('intercore.portfolio.setBudget', { portfolioId, tokenBudget: null });
    const unset = (await api.portfolios.get({ portfolioId })).portfolio;
    assert.deepEqual(
      { maxDispatches: unset.maxDispatches, tokenBudget: unset.tokenBudget },
      { maxDispatches: 0, tokenBudget: null },
    );
  });

  it('takes artifacts from any of its folders, and from nowhere else', async () => {
    const { portfolio } = await create('Gather');
    const portfolioId = portfolio.id;
    const file = path.join(web, 'README.md');
    const [artifact] = (await call('intercore.portfolio.addArtifact', { portfolioId, paths: [file] })) as {
      path: string;
    }[];
    assert.equal(artifact?.path, file);
    for (const outside of [path.join(os.tmpdir(), 'x.md'), 'README.md', path.join(web, '..', 'test.code-workspace')]) {
      await refuses('PATH_OUTSIDE', api.portfolios.addArtifact({ portfolioId, paths: [outside] }));
    }
  });

  it('pauses a relay and lets it continue', async () => {
    const { portfolio } = await create('Rest a while');
    const portfolioId = portfolio.id;
    const paused = await call('intercore.portfolio.pauseRelay', { portfolioId });
    // A cycle that runs meanwhile ends, and then the time of the last one is another.
    assert.match(JSON.stringify(paused), /"isPaused":true/);
    assert.equal((await api.portfolios.get({ portfolioId })).relay.isPaused, true);
    await call('intercore.portfolio.resumeRelay', { portfolioId });
    const [relay] = await api.portfolios.relayNow({ portfolioId });
    assert.equal(relay?.isPaused, false);
    assert.notEqual(relay.lastCycleAt, null);
  });

  it('has one folder in two portfolios, with a run for each', async () => {
    const [one, two] = [await create('First'), await create('Second')];
    const runs = [one, two].map(({ children }) => children.find(({ projectDir }) => projectDir === web));
    assert.notEqual(runs[0]?.id, runs[1]?.id);
    await api.portfolios.cancel({ portfolioId: one.portfolio.id });
    const left = await api.runs.get({ folder: web, runId: runs[1]?.id ?? '' });
    assert.equal(left.status, 'active');
  });

  it('cancels a portfolio with its children', async () => {
    const { portfolio, children } = await create('Stop all');
    await call('intercore.portfolio.cancel', { portfolioId: portfolio.id, confirm: true });
    for (const { id, projectDir } of children) {
      assert.equal((await api.runs.get({ folder: projectDir, runId: id })).status, 'cancelled');
    }
    await refuses('RUN_TERMINAL', api.portfolios.planCancel({ portfolioId: portfolio.id }));
  });

  it('leaves nothing behind where a portfolio cannot be made', async () => {
    const before = (await api.runs.list({ folder: api1 })).runs.length;
    await assert.rejects(create('Nowhere', [api1, path.join(web, 'not-there')]));
    await refuses('INVALID_ARGUMENT', create('Alone', [api1]));
    assert.equal((await api.runs.list({ folder: api1 })).runs.length, before);
    assert.ok(!existsSync(path.join(web, 'not-there')));
  });

  it('knows portfolios only by their own ids', async () => {
    const { children } = await create('Mind the ids');
    await refuses('NOT_FOUND', api.portfolios.get({ portfolioId: 'zzzzzzzz' }));
    await refuses('NOT_FOUND', api.portfolios.checkGate({ portfolioId: children[0]?.id ?? '' }));
    await refuses('NOT_FOUND', call('intercore.portfolio.cancel', { portfolioId: 'zzzzzzzz', confirm: true }));
  });

  it('shows a portfolio and its gate as text', async () => {
    const { portfolio } = await create('Read me');
    for (const command of ['intercore.portfolio.show', 'intercore.portfolio.checkGate'] as const) {
      await call(command, { portfolioId: portfolio.id });
      const text = vscode.window.activeTextEditor?.document.getText() ?? '';
      assert.match(text, /Read me/);
      assert.match(text, /api/);
    }
  });

  it('follows folders that come and go, and reports one that is gone from disk', async () => {
    const third = await realpath(await mkdtemp(path.join(os.tmpdir(), 'intercore-child-')));
    const folders = vscode.workspace.workspaceFolders ?? [];
    try {
      await foldersChange(() =>
        vscode.workspace.updateWorkspaceFolders(folders.length, 0, { uri: vscode.Uri.file(third) }),
      );
      const { portfolio } = await create('Come and go', [api1, third]);
      const portfolioId = portfolio.id;
      assert.equal((await childIn(portfolioId, third)).isOpen, true);
      await foldersChange(() => vscode.workspace.updateWorkspaceFolders(folders.length, 1));
      const left = await childIn(portfolioId, third);
      assert.deepEqual({ isOpen: left.isOpen, source: left.source }, { isOpen: false, source: 'own' });
      await rm(third, { recursive: true });
      await api.portfolios.relayNow({ portfolioId });
      const gate = await api.portfolios.checkGate({ portfolioId });
      const condition = gate.conditions.find(({ check }) => check === 'children_at_phase');
      assert.equal(condition?.result, 'fail');
      assert.ok(condition.behind?.some(({ project, problem }) => project === third && problem !== undefined));
      assert.equal((await childIn(portfolioId, third)).run.phase, 'executing');
    } finally {
      await rm(third, { recursive: true, force: true });
    }
  });

  async function childIn(portfolioId: string, projectDir: string) {
    const { children } = await api.portfolios.get({ portfolioId });
    const child = children.find((candidate) => candidate.projectDir === projectDir);
    assert.ok(child, `no child in ${projectDir}`);
    return child;
  }
});
