/** Projects, tasks and subtasks as another extension leads them, in a window whose agents are shell scripts. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { IntercoreApi } from '../../../src/contract/surfaces/api';
import type { SubtaskChanges, TaskDeletion } from '../../../src/contract/results/tasks';
import type { Project, Subtask, Task } from '../../../src/kernel/tasks/record/model';
import type { MergeOutcome } from '../../../src/kernel/tasks/subtask/progress';
import { call, changeAfter, openFolder, refuses, withDatabase } from '../../support/extension/window';
import { JAVA_HOME_OF_PROFILE } from '../../support/vscode/loginShell';

const facts = (...places: readonly string[]): string =>
  `cat > /dev/null <<'FACTS'\n${places.map((place) => `{{${place}}}`).join('\n')}\nFACTS\n`;
const PLANNER = `${facts('taskTitle', 'taskDescription', 'history')}
a=$(ic subtask create --title="First"); b=$(ic subtask create --title="Second"); ic subtask depend "$b" --on="$a"
`;
const WORKER = `${facts('subtaskTitle', 'spec', 'branch', 'history')}
echo work > "$INTERCORE_SUBTASK_ID.txt" && git add --all && git commit --quiet --message="Do the work"
ic subtask close --reason=done
`;

describe('tasks in a window', function () {
  this.timeout(60_000);
  const folder = openFolder();
  const prompts = path.join(tmpdir(), `intercore-prompts-${process.pid}`);
  const settings = () => vscode.workspace.getConfiguration('intercore', vscode.Uri.file(folder));
  let api: IntercoreApi;
  let project: Project;

  before(async () => {
    api = await withDatabase(folder);
    const { ConfigurationTarget } = vscode;
    await writeFile(`${prompts}-planner`, PLANNER);
    await writeFile(`${prompts}-worker`, WORKER);
    await settings().update('tasks.planner', 'shell', ConfigurationTarget.Global);
    await settings().update('tasks.worker', 'shell', ConfigurationTarget.Global);
    await settings().update('tasks.plannerPrompt', `${prompts}-planner`, ConfigurationTarget.Global);
    await settings().update('tasks.workerPrompt', `${prompts}-worker`, ConfigurationTarget.Global);
    // A check has the variables of the login shell, too.
    const check = ['sh', '-c', `test "$JAVA_HOME" = '${JAVA_HOME_OF_PROFILE}'`];
    await settings().update('tasks.checks', [check], ConfigurationTarget.Global);
  });
  after(async () => {
    const names = ['planner', 'worker', 'plannerPrompt', 'workerPrompt', 'checks'];
    for (const name of names) await settings().update(`tasks.${name}`, undefined, vscode.ConfigurationTarget.Global);
    await Promise.all([rm(`${prompts}-planner`), rm(`${prompts}-worker`)]);
  });

  /** Waits until the check holds; checks again at every change of the record. */
  async function until<T>(look: () => Promise<T>, isSo: (found: T) => boolean): Promise<T> {
    for (;;) {
      let found = await look();
      if (isSo(found)) return found;
      await changeAfter(
        api,
        () => true,
        async () => {
          found = await look();
        },
      );
    }
  }
  const subtasksOf = (task: Task) => api.subtasks.list({ folder, taskId: task.id });
  const planned = async (task: Task): Promise<readonly Subtask[]> => {
    await until(
      () => api.tasks.get({ taskId: task.id }),
      (found) => found.task.status === 'ACTIVE',
    );
    return await subtasksOf(task);
  };
  const completed = (subtaskId: string) =>
    until(
      () => api.subtasks.get({ folder, subtaskId }),
      ({ subtask }) => subtask.status === 'COMPLETED',
    );

  it('use the folder as a project, once', async () => {
    project = (await call('intercore.project.useFolder', { folder })) as Project;
    assert.equal(project.clonePath, folder);
    assert.equal(project.defaultBranch, 'main');
    await refuses('PROJECT_EXISTS', call('intercore.project.useFolder', { folder }));
    assert.deepEqual(
      (await api.projects.list({ folder })).map(({ id }) => id),
      [project.id],
    );
  });

  it('are planned and built, and merged where each shows what it changed', async () => {
    const task = (await call('intercore.task.create', {
      folder,
      title: 'Two files',
      description: 'Make them.',
    })) as Task;
    const [first, second] = await planned(task);
    assert.ok(first !== undefined && second !== undefined);
    await refuses('TASK_STATE', call('intercore.subtask.start', { folder, subtaskId: second.id }));
    await refuses('TASK_STATE', call('intercore.subtask.merge', { folder, subtaskId: first.id, confirm: true }));
    await refuses('NOT_FOUND', call('intercore.subtask.showChanges', { folder, subtaskId: first.id }));
    await call('intercore.subtask.start', { folder, subtaskId: first.id });
    const { attempts } = await completed(first.id);
    assert.deepEqual(
      attempts.map(({ attempt, status }) => [attempt, status]),
      [[1, 'SUCCEEDED']],
    );
    const changes = (await call('intercore.subtask.showChanges', { folder, subtaskId: first.id })) as SubtaskChanges;
    assert.deepEqual(changes.files, [{ before: null, after: `${first.id}.txt` }]);
    await call('intercore.subtask.show', { folder, subtaskId: first.id });
    assert.match(vscode.window.activeTextEditor?.document.getText() ?? '', /Agent says +done/);
    await call('intercore.subtask.copyBranch', { folder, subtaskId: first.id });
    assert.equal(await vscode.env.clipboard.readText(), changes.branch);
    const merged = (await call('intercore.subtask.merge', {
      folder,
      subtaskId: first.id,
      confirm: true,
    })) as MergeOutcome;
    assert.deepEqual(
      merged.unblocked.map(({ id }) => id),
      [second.id],
    );
    await api.subtasks.note({ folder, subtaskId: second.id, text: 'Mind the gap' });
    assert.equal((await api.subtasks.get({ folder, subtaskId: second.id })).notes[0]?.author, 'vscode');
    await call('intercore.task.toggleAutoStart', { folder, taskId: task.id });
    await completed(second.id);
    const last = (await call('intercore.subtask.merge', {
      folder,
      subtaskId: second.id,
      confirm: true,
    })) as MergeOutcome;
    assert.equal(last.taskDone, true);
    assert.equal((await api.runs.get({ folder, runId: task.runId })).status, 'completed');
  });

  it('are stopped while they are planned, planned again, and deleted with their run cancelled', async () => {
    const task = await api.tasks.create({ folder, title: 'Never mind', description: 'x' });
    await call('intercore.task.stopPlanning', { folder, taskId: task.id });
    const { task: stopped } = await api.tasks.get({ folder, taskId: task.id });
    assert.deepEqual(
      { status: stopped.status, planningError: stopped.planningError },
      { status: 'PLANNING_FAILED', planningError: 'stopped by vscode' },
    );
    await call('intercore.task.retryPlanning', { folder, taskId: task.id });
    await planned(task);
    const gone = (await call('intercore.task.delete', { folder, taskId: task.id, confirm: true })) as TaskDeletion;
    assert.deepEqual(gone.left, []);
    await refuses('NOT_FOUND', api.tasks.get({ folder, taskId: task.id }));
    assert.equal((await api.runs.get({ folder, runId: task.runId })).status, 'cancelled');
    await refuses('TASK_STATE', call('intercore.project.remove', { folder, projectId: project.id, confirm: true }));
  });

  it('refuse what is no title, no task and no subtask', async () => {
    const long = 'x'.repeat(201);
    await refuses('INVALID_ARGUMENT', call('intercore.task.create', { folder, title: long, description: 'x' }));
    await refuses('NOT_FOUND', call('intercore.task.retryPlanning', { folder, taskId: 'missing' }));
    await refuses('NOT_FOUND', api.subtasks.edit({ folder, subtaskId: 'missing', title: 'x' }));
  });
});
