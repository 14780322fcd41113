/** The exported API: plain JSON, live changes, and automatic reads of what other processes write. */
import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import { systemPorts } from '../../../src/host/clock';
import { silentLog } from '../../../src/host/log';
import { databaseLocation } from '../../../src/host/files/paths';
import { engineLoader } from '../../../src/host/wasm/sqliteWasm';
import { createRun } from '../../../src/kernel/run/record/runs';
import { ProjectKernel } from '../../../src/services/record/kernels';
import { call, changeAfter, openFolder, refuses, withDatabase } from '../../support/extension/window';

describe('the API', () => {
  const folder = openFolder();
  let api: IntercoreApi;

  before(async () => {
    api = await withDatabase(folder);
  });

  afterEach(async () => {
    const settings = vscode.workspace.getConfiguration('intercore');
    await settings.update('gates.tier', undefined, vscode.ConfigurationTarget.Global);
  });

  it('has version 1 and lists the folders and their databases', () => {
    assert.equal(api.version, 1);
    const database = path.join(folder, '.clavain', 'intercore.db');
    assert.deepEqual(
      api.folders().map(({ generation, ...info }) => ({ ...info, isHeld: generation > 0 })),
      [{ folder, database, state: 'ready', problem: null, isHeld: true }],
    );
  });

  it('gives results that survive JSON', async () => {
    const run = await api.runs.create({ goal: 'Plain data' });
    const results = [
      run,
      await api.runs.list({}),
      await api.runs.events({ runId: run.id }),
      await api.gates.check({ runId: run.id }),
      await api.gates.rules({}),
      await api.events.list({ runId: run.id, limit: 10 }),
      await api.dispatches.list({}),
      await api.runs.budget({ runId: run.id }),
    ];
    for (const result of results) assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
  });

  it('refuses fields it does not know', async () => {
    const misspelt = { goal: 'x', gaol: 'y' };
    await refuses('INVALID_ARGUMENT', api.runs.create(misspelt));
  });

  it('reports a commit with the run that changed', async () => {
    const run = await api.runs.create({ goal: 'Watched' });
    const change = await changeAfter(
      api,
      ({ runs }) => runs.includes(run.id),
      () => api.runs.set({ runId: run.id, goal: 'Watched closely' }),
    );
    assert.equal(change.origin, 'commit');
    assert.equal(change.folder, folder);
  });

  it('sees what another program writes, without being asked to look', async () => {
    const other = new ProjectKernel(databaseLocation(folder), {
      engine: engineLoader(),
      ports: systemPorts,
      log: silentLog,
      trusted: () => true,
      busyTimeoutMs: 5000,
      watch: false,
    });
    try {
      await other.load();
      const written = { id: '' };
      await changeAfter(
        api,
        ({ origin }) => origin === 'file',
        async () => {
          const run = await other.write((unit) => createRun(unit, { projectDir: folder, goal: 'From elsewhere' }));
          written.id = run.id;
        },
      );
      assert.equal((await api.runs.get({ runId: written.id })).goal, 'From elsewhere');
    } finally {
      await other.dispose();
    }
  });

  it('keeps to a hard gate where the setting is not a tier, and softens it where it says so', async () => {
    const settings = vscode.workspace.getConfiguration('intercore');
    await settings.update('gates.tier', 'garbage', vscode.ConfigurationTarget.Global);
    const { id: runId } = await api.runs.create({ goal: 'Gate', phases: ['planned', 'executing', 'done'] });
    assert.equal((await api.gates.check({ runId })).tier, 'hard');
    assert.equal((await api.runs.advance({ runId })).advanced, false);
    await settings.update('gates.tier', 'soft', vscode.ConfigurationTarget.Global);
    const softened = await api.runs.advance({ runId });
    assert.deepEqual(
      { advanced: softened.advanced, gateResult: softened.gateResult, gateTier: softened.gateTier },
      { advanced: true, gateResult: 'fail', gateTier: 'soft' },
    );
  });

  it('agrees with the commands', async () => {
    const { id: runId } = await api.runs.create({ goal: 'Same' });
    assert.deepEqual(await call('intercore.gate.check', { runId }), await api.gates.check({ runId }));
  });
});
