/** *Relocate Project…*, *Change Base Branch…*, and *Remove Project…* with its tasks, in a window. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import type { Project, Task } from '../../../src/kernel/tasks/record/model';
import { call, openFolder, refuses, withDatabase } from '../../support/extension/window';

/** A template names these facts; they are not needed here. */
const PLANNER = `cat > /dev/null <<'FACTS'
{{taskTitle}}
{{taskDescription}}
{{history}}
FACTS
exec sleep 600
`;

describe('the facts of a project in a window', function () {
  this.timeout(60_000);
  const folder = openFolder();
  const settings = () => vscode.workspace.getConfiguration('intercore', vscode.Uri.file(folder));
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' }).trim();
  let api: IntercoreApi;
  let projectId: string;
  let outside: string;

  before(async () => {
    api = await withDatabase(folder);
    outside = await realpath(await mkdtemp(path.join(tmpdir(), 'intercore-moves-')));
    const [project] = await api.projects.list({ folder });
    projectId = project?.id ?? ((await call('intercore.project.useFolder', { folder })) as Project).id;
    await writeFile(path.join(outside, 'planner'), PLANNER);
    const { ConfigurationTarget } = vscode;
    await settings().update('tasks.planner', 'shell', ConfigurationTarget.Global);
    await settings().update('tasks.plannerPrompt', path.join(outside, 'planner'), ConfigurationTarget.Global);
  });
  after(async () => {
    for (const name of ['planner', 'plannerPrompt'])
      await settings().update(`tasks.${name}`, undefined, vscode.ConfigurationTarget.Global);
    await rm(outside, { recursive: true, force: true });
  });

  const project = async (): Promise<Project> => (await api.projects.list({ folder }))[0] ?? assert.fail();

  it('are changed by a base branch that the repository has, and by no other', async () => {
    git('branch', 'next');
    try {
      await refuses('BRANCH_MISSING', call('intercore.project.changeBase', { folder, projectId, branch: 'nowhere' }));
      assert.equal((await project()).defaultBranch, 'main');
      await call('intercore.project.changeBase', { folder, projectId, branch: 'next' });
      assert.equal((await project()).defaultBranch, 'next');
      await call('intercore.project.changeBase', { folder, projectId, branch: 'main' });
    } finally {
      git('branch', '--delete', '--force', 'next');
    }
  });

  it('stay as they are where a person leaves the question for the base branch', async () => {
    let isSettled = false;
    const asked = Promise.resolve(vscode.commands.executeCommand('intercore.project.changeBase')).finally(() => {
      isSettled = true;
    });
    // The input may not be on the screen yet, and nothing tells when it is.
    while (!isSettled) await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    assert.equal(await asked, undefined);
    assert.equal((await project()).defaultBranch, 'main');
  });

  it('are changed by the folder that the repository was moved to, and by no other repository', async () => {
    const copy = path.join(outside, 'copy');
    git('clone', '--quiet', folder, copy);
    const to = (place: string) => call('intercore.project.relocate', { folder, projectId, to: place, confirm: true });
    await refuses('GIT_REPOSITORY_MISSING', to(outside));
    assert.equal((await project()).clonePath, folder);
    await to(copy);
    assert.equal((await project()).clonePath, copy);
    await to(folder);
    assert.equal((await project()).clonePath, folder);
  });

  it('go with the tasks where a person says so, and leave no agent running', async () => {
    const task: Task = await api.tasks.create({ folder, title: 'Plan for long', description: 'x' });
    const active = async (): Promise<number> => {
      const { dispatches } = await api.dispatches.list({ folder });
      return dispatches.filter(({ status }) => status === 'spawned' || status === 'running').length;
    };
    await refuses('TASK_STATE', call('intercore.project.remove', { folder, projectId, confirm: true }));
    assert.equal((await project()).id, projectId);
    await call('intercore.project.remove', { folder, projectId, confirm: true, tasks: true });
    assert.deepEqual(await api.projects.list({ folder }), []);
    await refuses('NOT_FOUND', api.tasks.get({ folder, taskId: task.id }));
    assert.equal(await active(), 0);
    assert.equal((await api.runs.get({ folder, runId: task.runId })).status, 'cancelled');
    assert.equal(git('status', '--porcelain', '--untracked-files=no'), '');
  });
});
