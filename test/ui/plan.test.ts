/** A person's leave for agents that ask for nothing, and a plan that is changed by hand: all in the window. */
import assert from 'node:assert/strict';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../../scripts/demo/repositories';
import { ic } from '../support/ic/ic';
import { describeLong, itLong } from '../support/long';
import { addOwnWorktree } from '../support/tasks/ownTrees';
import { sqlite3 } from '../support/records/sqlite3';
import { until } from '../support/until';
import { makeTmpFolder } from '../../tools/project';
import { describeTask } from './support/forms';
import { withWorkbench } from './support/withWorkbench';
import { inManifest, inPalette, titleOf, viewName } from './support/titles';
import { said } from './support/said';

const facts = (...places: readonly string[]): string =>
  `cat > /dev/null <<'FACTS'\n${places.map((place) => `{{${place}}}`).join('\n')}\nFACTS\n`;

const PLANNER = `${facts('taskTitle', 'taskDescription', 'history')}
printf '## Spec\\nSay it.\\n' > body.md
a=$(ic subtask create --title="Say hello" --body-file=body.md)
b=$(ic subtask create --title="Say bonjour" --body-file=body.md)
ic subtask depend "$b" --on="$a"
`;

describe('a plan in the window', function () {
  this.timeout(120_000);
  let prompts: string;

  const workbench = withWorkbench(async () => {
    prompts = await makeTmpFolder('plan-prompts');
    const planner = path.join(prompts, 'planner.sh');
    await writeFile(planner, PLANNER);
    return {
      opens: 'folder',
      scale: 2,
      settings: {
        // A shell that only claims to be dangerous, which is what a person is asked about.
        'intercore.agents.kinds': [
          { name: 'bold', command: 'sh', args: ['${promptFile}', '--dangerously-skip-permissions'], promptBy: 'file' },
        ],
        'intercore.agents.default': 'bold',
        'intercore.tasks.plannerPrompt': planner,
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
  const says = async (label: string, text: RegExp): Promise<void> => {
    await view().row(label).locator.locator('.label-description', { hasText: text }).waitFor();
  };
  const rows = async (sql: string): Promise<string[]> => {
    const text = await sqlite3(path.join(folder(), '.clavain/intercore.db'), sql);
    return text === '' ? [] : text.split('\n');
  };
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await ic(args, { cwd: folder() });
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };
  const createTask = async (title: string): Promise<void> => {
    await workbench().runCommand(inPalette('task.create'));
    await describeTask(workbench(), title);
  };

  before('show the view', async () => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(560);
    await view().expand();
    await view()
      .welcome.getByRole('button', { name: titleOf('project.useFolder') })
      .click();
    await view()
      .welcome.getByRole('button', { name: titleOf('task.create') })
      .waitFor();
  });

  describe('agents that ask for nothing', () => {
    it('do not start with work that came from elsewhere; the window says so', async () => {
      await writeFile(path.join(prompts, 'body.md'), 'From a shell.');
      await run('task', 'create', '--title=Greet', `--body-file=${path.join(prompts, 'body.md')}`);
      await workbench()
        .notification(/Tasks in .* are waiting: agents of kind bold are not allowed here yet/)
        .waitFor();
      await says('Greet', /^planning/);
      await view()
        .message.getByText(/^Agents are not allowed in/)
        .waitFor();
      await workbench().screenshot('consent-waits');
      assert.deepEqual(await rows('SELECT id FROM dispatches'), []);
    });

    it('are asked for, and refused: nothing is written and nothing starts', async () => {
      await createTask('Refused');
      await workbench()
        .dialog.getByText(said('Allow agents of kind {kinds} in this workspace?', { kinds: 'bold' }))
        .waitFor();
      await workbench()
        .dialog.getByText(/bold: sh/)
        .waitFor();
      await workbench().screenshot('consent-dialog');
      await workbench().answerDialog('Cancel');
      assert.deepEqual(await rows('SELECT title FROM tasks'), ['Greet']);
      assert.deepEqual(await rows('SELECT id FROM dispatches'), []);
    });

    it('start once they are allowed, by the notification too', async () => {
      await workbench().answerNotification(/Tasks in .* are waiting/, said('Review…'));
      await workbench().answerDialog(said('Allow'));
      await says('Say bonjour', /^waits for Say hello$/);
    });

    itLong('are not asked for again in this workspace, not even after a reload', async () => {
      await workbench().page.reload();
      await workbench().openContainer('Intercore');
      await says('Say hello', /^ready$/);
      await createTask('Second');
      await says('Second', /^(planning|active)/);
      assert.equal(await workbench().dialog.count(), 0);
      await says('Second', /^active/);
      await run('task', 'delete', (await rows("SELECT id FROM tasks WHERE title = 'Second'"))[0] ?? '');
      await view().row('Second').locator.waitFor({ state: 'detached' });
    });
  });

  describeLong('its subtasks', () => {
    const text = () => workbench().page.locator('.part.editor .editor-instance .monaco-editor').first();
    const save = () => workbench().page.keyboard.press('ControlOrMeta+S');
    const order = () => rows('SELECT title FROM subtasks ORDER BY position');

    it('are edited in an editor, with title, specification, plan and acceptance', async () => {
      await view().row('Say hello').contextMenu(inManifest('menu.plan.label'), titleOf('subtask.edit'));
      await workbench()
        .editorTab(/^Subtask .*\.md/)
        .waitFor();
      assert.match(await workbench().editorText(), /^# Say hello\n\n## Spec\n\nSay it\.\n\n## Implementation Plan\n/);
      await text().click();
      await workbench().page.keyboard.press('ControlOrMeta+A');
      await workbench().page.keyboard.insertText(
        '# Say good day\n\n## Spec\nPolitely.\n\n## Acceptance Criteria\nIt is.\n',
      );
      await save();
      await says('Say good day', /^ready$/);
      await workbench().screenshot('plan-edit');
      const columns = 'SELECT spec, implementation_plan, acceptance_criteria FROM subtasks';
      assert.deepEqual(await rows(`${columns} WHERE title = 'Say good day'`), ['Politely.||It is.']);
    });

    itLong('keep their text when it cannot be saved, and the editor says why', async () => {
      await text().click();
      await workbench().page.keyboard.press('ControlOrMeta+A');
      await workbench().page.keyboard.insertText('no title\n');
      await save();
      await workbench()
        .notification(/Failed to save .*the first line must be/)
        .waitFor();
      await workbench().clearNotifications();
      await workbench().runCommand('File: Revert File');
      assert.match(await workbench().editorText(), /^# Say good day\n/);
    });

    it('are added with a title, then written in an editor', async () => {
      await view().row('Greet').contextMenu(titleOf('subtask.add'));
      await answer('Say goodbye');
      await says('Say goodbye', /^ready$/);
      assert.match(await workbench().editorText(), /^# Say goodbye\n\n## Spec\n/);
      assert.deepEqual(await order(), ['Say good day', 'Say bonjour', 'Say goodbye']);
    });

    itLong('are moved up and down', async () => {
      await view().row('Say goodbye').contextMenu(inManifest('menu.plan.label'), titleOf('subtask.moveUp'));
      await until(
        () => view().labels(),
        (labels) => labels.indexOf('Say goodbye') === labels.indexOf('Say bonjour') - 1,
      );
      assert.deepEqual(await order(), ['Say good day', 'Say goodbye', 'Say bonjour']);
    });

    itLong('wait for their dependencies, but never in a circle', async () => {
      await view().row('Say goodbye').contextMenu(inManifest('menu.plan.label'), titleOf('subtask.addDependency'));
      await input().waitFor(
        said('Select the subtask that must be merged before “{title}” starts', { title: 'Say goodbye' }),
      );
      await input().pick('Say bonjour');
      await says('Say goodbye', /^waits for Say bonjour$/);
      await view().row('Say good day').contextMenu(inManifest('menu.plan.label'), titleOf('subtask.addDependency'));
      await input().pick('Say goodbye');
      const circle = 'Say goodbye → Say good day → Say bonjour → Say goodbye';
      await workbench()
        .notification(new RegExp(`in a circle: ${circle}`))
        .waitFor();
      await workbench().screenshot('plan-circle');
      await workbench().clearNotifications();
      await view().row('Say goodbye').contextMenu(inManifest('menu.plan.label'), titleOf('subtask.removeDependency'));
      await says('Say goodbye', /^ready$/);
    });

    it('carry notes, and can be removed before they have started', async () => {
      await view().row('Say goodbye').contextMenu(inManifest('menu.plan.label'), titleOf('subtask.addNote'));
      await answer('Keep it short.');
      await view().row('Say goodbye').click();
      await workbench().page.locator('.part.editor').getByText('Keep it short.').first().waitFor();
      await view().row('Say goodbye').contextMenu(inManifest('menu.plan.label'), titleOf('subtask.remove'));
      await workbench()
        .dialog.getByText(said('Remove “{title}” from the plan?', { title: 'Say goodbye' }))
        .waitFor();
      await workbench().answerDialog(said('Remove'));
      await view().row('Say goodbye').locator.waitFor({ state: 'detached' });
      assert.deepEqual(await order(), ['Say good day', 'Say bonjour']);
    });
  });

  describeLong('its worktrees', () => {
    it('are listed with the reason when they are unused, and removed after a snapshot', async () => {
      const [project = ''] = await rows('SELECT id FROM projects');
      // Where this window makes its worktrees, and with the mark that those have: others are none of ours.
      const data = workbench().session.server.dataFolder;
      const made = (await readdir(data, { recursive: true })).find((name) => name.endsWith(`/worktrees/${project}`));
      const unused = path.join(data, made ?? assert.fail('no worktree was made'), 'gone0001-old-work');
      await mkdir(path.dirname(unused), { recursive: true });
      await addOwnWorktree(folder(), 'old-work', unused);
      await writeFile(path.join(unused, 'loose.txt'), 'loose\n');
      await workbench().runCommand(inPalette('worktree.cleanUp'));
      await input().waitFor(said('Select unused worktrees to remove'));
      await input().row('gone0001-old-work').getByText('its task or subtask was deleted · old-work').waitFor();
      await workbench().screenshot('worktrees-unused');
      await input().accept();
      await workbench()
        .dialog.getByText(said('Remove {count} worktree?', { count: 1 }))
        .waitFor();
      await workbench().answerDialog(said('Remove'));
      await workbench()
        .notification(/Snapshots are kept: refs\/intercore\/snapshots\/gone0001/)
        .waitFor();
      assert.equal((await git(folder(), ['worktree', 'list'])).includes(unused), false);
      await workbench().clearNotifications();
    });

    it('are brought back from a snapshot', async () => {
      await workbench().runCommand(inPalette('worktree.restore'));
      // Planners left something, too.
      await input().waitFor(said('Select a snapshot to restore to a new worktree and branch'));
      await workbench().screenshot('worktrees-snapshots');
      await input().pick('gone0001-old-work-unused');
      const restored = workbench().notification(/Restored on branch restored\/gone0001-old-work-unused/);
      await restored.waitFor();
      await workbench().screenshot('worktrees-restored');
      assert.match(await git(folder(), ['worktree', 'list']), /\[restored\/gone0001-old-work-unused\]/);
    });
  });
});
