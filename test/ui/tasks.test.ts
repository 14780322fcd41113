/** A person and tasks, in the window: a folder becomes a project, a task is planned, built, merged and done. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../../scripts/demo/repositories';
import { ic } from '../support/ic/ic';
import { itLong } from '../support/long';
import { until } from '../support/until';
import { makeTmpFolder } from '../../tools/project';
import { describeTask } from './support/forms';
import { withWorkbench } from './support/withWorkbench';
import { inPalette, titleOf, viewName } from './support/titles';
import { partOf, said } from './support/said';

const TASK = 'Say hello in two languages';

/** The prompt of a shell agent is its program; the facts are in a here-document that is discarded. */
const facts = (...places: readonly string[]): string =>
  `cat > /dev/null <<'FACTS'\n${places.map((place) => `{{${place}}}`).join('\n')}\nFACTS\n`;

const PLANNER = `${facts('taskTitle', 'taskDescription', 'history')}
printf '## Spec\\nSay hello in English.\\n## Implementation Plan\\nOne file.\\n## Acceptance Criteria\\nIt is there.\\n' > body.md
a=$(ic subtask create --title="Say hello" --body-file=body.md)
b=$(ic subtask create --title="Say bonjour" --body-file=body.md)
ic subtask depend "$b" --on="$a"
`;

const WORKER = `${facts('spec', 'branch', 'history')}
title='{{subtaskTitle}}'
echo "$title" > "$title.txt" && echo "It greets: $title" >> README.md
git add --all && git commit --quiet --message="$title, in a file"
ic subtask close --reason="The file is there"
`;

describe('tasks in the window', function () {
  this.timeout(120_000);
  let prompts: string;

  const workbench = withWorkbench(async () => {
    prompts = await makeTmpFolder('task-prompts');
    const [planner, worker] = [path.join(prompts, 'planner.sh'), path.join(prompts, 'worker.sh')];
    await Promise.all([writeFile(planner, PLANNER), writeFile(worker, WORKER)]);
    return {
      opens: 'folder',
      scale: 2,
      settings: {
        'intercore.agents.default': 'shell',
        'intercore.tasks.plannerPrompt': planner,
        'intercore.tasks.workerPrompt': worker,
      },
    };
  });
  after('remove the prompts', () => rm(prompts, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  const folder = (): string => {
    const { opened } = workbench().session;
    return opened.kind === 'folder' ? opened.path : assert.fail('a folder is open');
  };
  const view = () => workbench().tree(viewName('tasks'));
  const input = () => workbench().quickInput;
  const answer = async (text: string): Promise<void> => {
    await input().fill(text);
    await input().accept();
  };
  /** Waits until the row says this; what it says is waited for, since agents work in between. */
  const says = async (label: string, text: RegExp): Promise<void> => {
    await view().row(label).locator.locator('.label-description', { hasText: text }).waitFor();
  };

  before('show the view', async () => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(620);
    await view().expand();
  });

  it('makes the folder a project, record and all', async () => {
    await view()
      .welcome.getByRole('button', { name: titleOf('project.useFolder') })
      .click();
    await view()
      .welcome.getByRole('button', { name: titleOf('task.create') })
      .waitFor();
    await workbench().screenshot('tasks-empty');
  });

  it('creates a task from one line, and a planner splits it', async () => {
    await view()
      .welcome.getByRole('button', { name: titleOf('task.create') })
      .click();
    await input().waitFor(partOf('What should be done? The first line is the title.', 'What should be done?'));
    await input().accept();
    await input()
      .title.filter({ hasText: said('Enter a description.') })
      .waitFor();
    await describeTask(workbench(), TASK);
    await says('Say bonjour', /^waits for Say hello$/);
    await says('Say hello', /^ready$/);
    assert.equal(await view().row(TASK).description(), 'active · 0 of 2 merged');
    await workbench().screenshot('tasks-planned');
  });

  it('starts a worker, whose work is checked in the editor of changes', async () => {
    await view().row('Say hello').inlineAction(titleOf('subtask.start'));
    await says('Say hello', /^completed, ready to merge( · proven.*)?$/);
    await workbench().container('Intercore').getByText('1').first().waitFor();
    await view().row('Say hello').inlineAction(titleOf('subtask.showChanges'));
    await workbench()
      .editorTab(/Changes of 1\. Say hello/)
      .waitFor();
    const editor = workbench().page.locator('.part.editor');
    await editor.getByText('It greets: Say hello').first().waitFor();
    await workbench().screenshot('tasks-changes');
  });

  it('shows all about a subtask, and the log of its attempt', async () => {
    await view().row('Say hello').click();
    await workbench()
      .editorTab(/^Subtask/)
      .waitFor();
    const report = await workbench().editorText();
    assert.match(report, /Spec\n-+\nSay hello in English\./);
    assert.match(report, /Agent says +The file is there/);
    assert.match(report, /Attempt 1 +succeeded/);
    await workbench().screenshot('tasks-report');
    await view().row('Say hello').expand();
    await view().row('Attempt 1').inlineAction(titleOf('dispatch.showLog'));
    await workbench()
      .editorTab(/^Dispatch .*\.log/)
      .waitFor();
    await view().row('Say hello').collapse();
  });

  it('says what is merged before it is, and frees what waited', async () => {
    await view().row('Say hello').inlineAction(titleOf('subtask.merge'));
    const { dialog } = workbench();
    await dialog.getByText(/^Merge .*say-hello.* into main\?$/).waitFor();
    await dialog.getByText(/Say hello, in a file/).waitFor();
    await workbench().screenshot('tasks-merge');
    await workbench().answerDialog(said('Merge'));
    await says('Say hello', /^merged/);
    await says('Say bonjour', /^ready$/);
  });

  it('ends with the task done and the work in the base branch', async () => {
    await view().row('Say bonjour').inlineAction(titleOf('subtask.start'));
    await says('Say bonjour', /^completed, ready to merge( · proven.*)?$/);
    await view().row('Say bonjour').inlineAction(titleOf('subtask.merge'));
    await workbench().answerDialog(said('Merge'));
    await says(TASK, /^2 of 2 merged$/);
    await workbench().screenshot('tasks-done');
    const log = await git(folder(), ['log', '--format=%s', 'main']);
    assert.match(log, /Say bonjour, in a file/);
    assert.match(log, /Say hello, in a file/);
    assert.equal((await git(folder(), ['status', '--porcelain'])).trim(), '');
    // The row is there with the merge, and the worktree is removed after it.
    await until(
      () => git(folder(), ['worktree', 'list']),
      (worktrees) => worktrees.trim().split('\n').length === 1,
    );
  });

  const project = async (): Promise<readonly (string | undefined)[]> => {
    const { stdout } = await ic(['project', 'list', '--json'], { cwd: folder() });
    const found = JSON.parse(stdout) as readonly { readonly clone_path?: string; readonly default_branch?: string }[];
    return found.flatMap((row) => [row.clone_path, row.default_branch]);
  };
  const becomes = async (...facts: readonly string[]): Promise<void> => {
    await until(project, (found) => found.join() === facts.join());
  };

  itLong('asks for another base branch, and says why a name cannot be one', async () => {
    await git(folder(), ['branch', 'next', 'main']);
    const ask = async (name: string): Promise<void> => {
      await workbench().runCommand(inPalette('project.changeBase'));
      await input().waitFor(said('Branch that work is merged into'));
      await input().fill(name);
    };
    await ask('');
    await input().waitForMessage(said('Enter the name of a branch.'));
    await workbench().screenshot('project-base');
    await answer('nowhere');
    await workbench()
      .notification(/nowhere/)
      .waitFor();
    await becomes(folder(), 'main');
    await workbench().clearNotifications();
    await ask('next');
    await input().accept();
    await becomes(folder(), 'next');
  });

  itLong('asks which folder the project moved to, and shows both before it follows', async () => {
    const copy = path.join(prompts, 'copy');
    await git(prompts, ['clone', '--quiet', folder(), copy]);
    await git(copy, ['branch', 'next', 'origin/next']);
    for (const button of ['Cancel', said('Relocate')]) {
      await workbench().runCommand(inPalette('project.relocate'));
      await input().waitFor(said('Relocate Project'));
      await input().chooseFolder(folder(), copy, said('Select'));
      await workbench()
        .dialog.getByText(/^Relocate project “.*”\?$/)
        .waitFor();
      await workbench().dialog.getByText(copy).waitFor();
      await workbench().screenshot('project-relocate');
      await becomes(folder(), 'next');
      await workbench().answerDialog(button);
    }
    await becomes(copy, 'next');
  });

  it('says what goes with a project that has tasks, and removes it', async () => {
    for (const button of ['Cancel', said('Remove')]) {
      await workbench().runCommand(inPalette('project.remove'));
      await workbench()
        .dialog.getByText(/^Remove project “.*”\?$/)
        .waitFor();
      await workbench().dialog.getByText(TASK).waitFor();
      await workbench().screenshot('project-remove');
      assert.equal((await project()).length, 2);
      await workbench().answerDialog(button);
    }
    await view()
      .welcome.getByRole('button', { name: titleOf('project.useFolder') })
      .waitFor();
    assert.deepEqual(await project(), []);
  });
});
