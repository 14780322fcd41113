/** *Set Up Worktrees…* in a window: what is proposed for a project gets into the settings of its workspace. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import { call, openFolder, refuses, withDatabase } from '../../support/extension/window';

describe('the set-up of worktrees in a window', function () {
  this.timeout(60_000);
  const folder = openFolder();
  const settings = () => vscode.workspace.getConfiguration('intercore', vscode.Uri.file(folder));
  const files = ['package-lock.json', '.env'].map((name) => path.join(folder, name));
  let api: IntercoreApi;
  let projectId: string;

  before(async () => {
    api = await withDatabase(folder);
    const [project] = await api.projects.list({ folder });
    projectId = project?.id ?? ((await call('intercore.project.useFolder', { folder })) as { id: string }).id;
  });
  after(async () => {
    for (const name of ['setup', 'include'])
      await settings().update(`tasks.${name}`, undefined, vscode.ConfigurationTarget.Workspace);
    for (const file of files) await rm(file, { force: true });
  });

  it('says that there is nothing to propose', async () => {
    await refuses('NONE_AVAILABLE', call('intercore.worktree.setUp', { folder, projectId, confirm: true }));
  });

  it('writes what was proposed into the settings of the workspace', async () => {
    for (const file of files) await writeFile(file, '');
    const { proposals } = await api.worktrees.proposeSetup({ folder, projectId });
    assert.deepEqual(
      proposals.map(({ source, isChosen }) => [source, isChosen]),
      [
        ['.env', true],
        ['package-lock.json', true],
      ],
    );
    const written = await call('intercore.worktree.setUp', { folder, projectId, confirm: true });
    assert.deepEqual(written, { setup: [['npm', 'ci']], include: ['/.env'] });
    assert.deepEqual(settings().inspect('tasks.setup')?.workspaceValue, [['npm', 'ci']]);
    assert.deepEqual(settings().inspect('tasks.include')?.workspaceValue, ['/.env']);
  });
});
