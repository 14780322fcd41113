/** Beads in the window: an issue is closed outside, *Sync Tasks with Beads* says so, and a person decides. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Beads } from '../../src/host/beads/beads';
import { testGit } from '../support/git';
import { bdIn } from '../support/beads/programs';
import { ic } from '../support/ic/ic';
import { describeLong } from '../support/long';
import { sqlite3 } from '../support/records/sqlite3';
import { makeTmpFolder } from '../../tools/project';
import { withWorkbench } from './support/withWorkbench';
import { inPalette, titleOf, viewName } from './support/titles';
import { said } from './support/said';

/** In every run, the services have the same in `beadsSync`. */
describeLong('Beads in the window', function () {
  this.timeout(180_000);
  let home: string;
  let bd: string;

  const workbench = withWorkbench(async () => {
    home = await makeTmpFolder('beads-ui');
    bd = await bdIn(home, '1.x');
    const planner = path.join(home, 'planner.sh');
    const places = ['taskTitle', 'taskDescription', 'history', 'writePlan'].map((place) => `{{${place}}}`);
    const create = `'${bd}' create --type task --parent "$INTERCORE_EPIC" --silent < /dev/null`;
    const plan = `a=$(${create} --title="Say hello"); b=$(${create} --title="Say bonjour")`;
    await writeFile(planner, `cat > /dev/null <<'FACTS'\n${places.join('\n')}\nFACTS\n${plan}\n`);
    return {
      opens: 'folder',
      scale: 2,
      settings: {
        'intercore.agents.default': 'shell',
        'intercore.tasks.plannerPrompt': planner,
        'intercore.tasks.tracker': 'beads',
        'intercore.tasks.beadsPath': bd,
        'intercore.tasks.beadsSyncSeconds': 0,
      },
    };
  });
  after('remove what was made', () => rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  const folder = (): string => {
    const { opened } = workbench().session;
    return opened.kind === 'folder' ? opened.path : assert.fail('a folder is open');
  };
  const view = () => workbench().tree(viewName('tasks'));
  const says = async (label: string, text: RegExp): Promise<void> => {
    await view().row(label).locator.locator('.label-description', { hasText: text }).waitFor();
  };

  it('shows what was closed outside, in Tasks and in Needs You, and removes it on request', async () => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(620);
    await view().expand();
    await view()
      .welcome.getByRole('button', { name: titleOf('project.useFolder') })
      .click();
    await view()
      .welcome.getByRole('button', { name: titleOf('task.create') })
      .waitFor();
    await writeFile(path.join(home, 'body.md'), 'Everybody is greeted.');
    const made = await ic(['task', 'create', '--title=Greet', `--body-file=${path.join(home, 'body.md')}`], {
      cwd: folder(),
    });
    assert.equal(made.code, 0, made.stderr);
    await says('Say bonjour', /^ready$/);

    const sql = "SELECT t.place || '|' || t.issue_id FROM tracked_issues t JOIN subtasks s ON s.id = t.subtask_id";
    const found = await sqlite3(path.join(folder(), '.clavain/intercore.db'), `${sql} WHERE s.title = 'Say bonjour'`);
    const [place = '', issue = ''] = found.trim().split('|');
    await new Beads({ program: bd, folder: place, environment: process.env, trusted: () => true }, testGit()).close(
      issue,
      'not needed',
    );
    await workbench().runCommand(inPalette('task.sync'));
    await workbench()
      .notification(/Closed in Beads before work started here/)
      .waitFor();
    await says('Say bonjour', /^ready · closed in Beads$/);
    const needs = workbench().tree(viewName('needsYou'));
    await needs.expand();
    await needs.row('Say bonjour').locator.waitFor();
    await workbench().screenshot('beads-closed-outside');
    await needs.row('Say bonjour').inlineAction(titleOf('subtask.remove'));
    await workbench().dialog.waitFor();
    await workbench().screenshot('beads-remove');
    await workbench().answerDialog(said('Remove'));
    await view().row('Say bonjour').locator.waitFor({ state: 'detached' });
  });
});
