/** A window of several folders: each has its own record, and folders come and go (`docs/design/portfolios.md`). */
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import { call, foldersChange, openFolder, refuses, withDatabase } from '../../support/extension/window';

describe('a window of several folders', () => {
  const one = openFolder('api');
  const two = openFolder('web');
  let api: IntercoreApi;

  before(async () => {
    await withDatabase(one);
    api = await withDatabase(two);
  });

  it('keeps a record for each', async () => {
    const run = await api.runs.create({ folder: one, goal: 'Only in one' });
    assert.equal(run.projectDir, one);
    assert.ok(!(await api.runs.list({ folder: two })).runs.some(({ id }) => id === run.id));
  });

  it('finds the folder of a run by its id', async () => {
    const { id: runId } = await api.runs.create({ folder: two, goal: 'Somewhere' });
    assert.equal((await api.runs.get({ runId })).projectDir, two);
    await call('intercore.run.setGoal', { runId, goal: 'Found' });
    assert.equal((await api.runs.get({ folder: two, runId })).goal, 'Found');
  });

  it('does not find a run in the wrong folder', async () => {
    const { id: runId } = await api.runs.create({ folder: two, goal: 'Elsewhere' });
    await refuses('NOT_FOUND', api.runs.get({ folder: one, runId }));
    await refuses('NOT_FOUND', call('intercore.run.advance', { folder: one, runId }));
    await refuses('NOT_FOUND', call('intercore.run.cancel', { folder: one, runId, confirm: true }));
    assert.equal((await api.runs.get({ folder: two, runId })).status, 'active');
  });

  it('asks for the folder if nothing else determines it', async () => {
    await refuses('INVALID_ARGUMENT', api.runs.create({ goal: 'Where?' }));
    await refuses('NOT_FOUND', api.runs.get({ runId: 'zzzzzzzz' }));
  });

  it('adopts a folder that is added, and lets go of one that is removed', async () => {
    const third = await realpath(await mkdtemp(path.join(os.tmpdir(), 'intercore-third-')));
    const folders = vscode.workspace.workspaceFolders ?? [];
    try {
      await foldersChange(() =>
        vscode.workspace.updateWorkspaceFolders(folders.length, 0, { uri: vscode.Uri.file(third) }),
      );
      await withDatabase(third);
      const run = await api.runs.create({ folder: third, goal: 'Short stay' });
      await foldersChange(() => vscode.workspace.updateWorkspaceFolders(folders.length, 1));
      await refuses('NOT_FOUND', api.runs.get({ folder: third, runId: run.id }));
      assert.deepEqual(
        api.folders().map(({ folder }) => folder),
        [one, two],
      );
    } finally {
      await rm(third, { recursive: true, force: true });
    }
  });
});
