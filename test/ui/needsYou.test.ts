/** What waits for a person, in the window: it appears, one button or key deals with it, and it goes when its cause does. */
import assert from 'node:assert/strict';
import { appendFile, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { storageFolder } from '../../src/host/state/stateFolder';
import { queuedPrompt } from '../../src/host/launcher/dispatchFiles';
import { ic } from '../support/ic/ic';
import { sqlite3 } from '../support/records/sqlite3';
import { until } from '../support/until';
import { makeTmpFolder } from '../../tools/project';
import { withWorkbench } from './support/withWorkbench';
import { inPalette, titleOf, viewName } from './support/titles';
import { itLong } from '../support/long';
import { said } from './support/said';

/** The prompt of a shell agent is its program; the facts are in a here-document that is discarded. */
const facts = (...places: readonly string[]): string =>
  `cat > /dev/null <<'FACTS'\n${places.map((place) => `{{${place}}}`).join('\n')}\nFACTS\n`;

/** Makes a plan once a person has allowed it. */
const planner = (mark: string): string => `${facts('taskTitle', 'taskDescription', 'history')}
[ -e '${mark}' ] || exit 0
printf '## Spec\\nSay hello.\\n## Implementation Plan\\nOne file.\\n## Acceptance Criteria\\nIt is there.\\n' > body.md
ic subtask create --title="Say hello" --body-file=body.md
`;

const WORKER = `${facts('spec', 'branch', 'history', 'subtaskTitle')}
echo hello > hello.txt && git add --all && git commit --quiet --message="Say hello"
ic subtask close --reason="The file is there"
`;

const MINUTE_MS = 60_000;

describe('Needs You in the window', function () {
  this.timeout(180_000);
  let scratch: string;
  let mark: string;

  const workbench = withWorkbench(async () => {
    scratch = await makeTmpFolder('needs-you');
    mark = path.join(scratch, 'plan-now');
    const [plannerPrompt, workerPrompt] = [path.join(scratch, 'planner.sh'), path.join(scratch, 'worker.sh')];
    await Promise.all([writeFile(plannerPrompt, planner(mark)), writeFile(workerPrompt, WORKER)]);
    return {
      opens: 'folder',
      height: 1000,
      settings: {
        'intercore.agents.kinds': [
          { name: 'helper', command: 'sh', args: ['${promptFile}', '--yolo'], promptBy: 'file' },
        ],
        'intercore.agents.default': 'helper',
        'intercore.attention.stuckMinutes': 2,
        'intercore.tasks.maxAttempts': 1,
        'intercore.tasks.plannerPrompt': plannerPrompt,
        'intercore.tasks.workerPrompt': workerPrompt,
      },
    };
  });
  after('remove the prompts', () => rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  const folder = (): string => {
    const { opened } = workbench().session;
    return opened.kind === 'folder' ? opened.path : assert.fail('a folder is open');
  };
  const database = (): string => path.join(folder(), '.clavain/intercore.db');
  const view = () => workbench().tree(viewName('needsYou'));
  const input = () => workbench().quickInput;
  const gone = (label: string): Promise<void> => view().row(label).locator.waitFor({ state: 'detached' });
  const says = async (label: string, heading: string, reason: RegExp): Promise<void> =>
    view().row(`${heading} · ${label}`).locator.locator('.label-description', { hasText: reason }).waitFor();
  /** The number on the icon of the container, which a screen reader announces as well. */
  const badge = (count: number): Promise<void> => {
    const words = count === 1 ? said('{0} needs you', { 0: 1 }) : `${count} need you`;
    return workbench()
      .page.locator('.part.activitybar')
      .getByRole('tab', { name: new RegExp(`\\b${words}`) })
      .first()
      .waitFor();
  };
  const does = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await ic(args, { cwd: folder() });
    assert.ok(code <= 1, stderr);
    return stdout.trim();
  };
  const run = (goal: string, ...flags: readonly string[]): Promise<string> =>
    does('run', 'create', `--goal=${goal}`, ...flags);

  before('show the view and make a record', async () => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(640);
    await view().welcome.getByText(said('Nothing needs you.')).waitFor();
    await does('init');
    await does('project', 'add', '--name=parcels');
  });

  it('shows a gate that blocked a run, and takes it back once its artifact is there', async () => {
    const id = await run('Tell people when their parcel is late');
    await workbench().tree(viewName('runs')).row('Tell people when their parcel is late').waitFor();
    assert.equal(await view().rows.count(), 0, 'a red gate that was not tried');
    await does('run', 'advance', id, '--priority=0');
    const row = view().row('Tell people when their parcel is late');
    await says(
      'Tell people when their parcel is late',
      said('Gate blocked'),
      /^brainstorm → brainstorm-reviewed: no artifacts/,
    );
    assert.match(await row.ariaLabel(), /^Gate blocked · Tell people .* Actions: Add Artifact…/);
    await badge(1);
    await workbench()
      .statusItem(said('{0} needs you', { 0: 1 }))
      .waitFor();
    await writeFile(path.join(folder(), 'idea.md'), 'Send a message.');
    await does('run', 'artifact', 'add', id, '--phase=brainstorm', '--path=idea.md');
    await gone('Tell people when their parcel is late');
    await view().welcome.getByText(said('Nothing needs you.')).waitFor();
    await workbench()
      .statusItem(said('{0} needs you', { 0: 1 }))
      .waitFor({ state: 'detached' });
  });

  it('shows an override that an agent asks for, goes to its run with Enter, and overrides from the row', async () => {
    const id = await run('Answer in two languages');
    await does('gate', 'ask', id, '--reason=the idea is in the ticket', '--by=agent-7');
    await says(
      'Answer in two languages',
      said('Override requested'),
      /^agent-7 requests to leave brainstorm: the idea is in the/,
    );
    const row = view().row('Answer in two languages');
    await row.click();
    const place = workbench().tree(viewName('runs')).row('Answer in two languages');
    await place.locator.and(workbench().page.locator('[aria-selected="true"]')).waitFor();
    await row.inlineAction(titleOf('gate.override'));
    await input().waitFor(said('Override Gate'));
    await input().fill('I have read the ticket');
    await input().accept();
    await gone('Answer in two languages');
    assert.match(await does('run', 'events', id), /override.*I have read the ticket/);
  });

  it('shows a budget that is used up, and what is next from the status bar starts with it', async () => {
    const id = await run('Keep it short', '--token-budget=1000');
    await sqlite3(
      database(),
      `INSERT INTO dispatches (id, agent_type, status, project_dir, scope_id, input_tokens, completed_at)
       VALUES ('spent001', 'codex', 'completed', '${folder()}', '${id}', 1200, unixepoch())`,
    );
    await says('Keep it short', said('Budget used up'), /^1200 tokens of 1000 tokens used$/);
    await workbench()
      .statusItem(said('{0} needs you', { 0: 1 }))
      .click();
    await input().row('Set Budget…: Keep it short').waitFor();
    await input().pick('Set Budget…: Keep it short');
    await input().waitFor(said('Budget'));
    await input().fill('5000');
    await input().accept();
    await input().waitFor(said('Cost budget'));
    await input().accept();
    await gone('Keep it short');
  });

  it('shows a budget nearly used up, until the run ends', async () => {
    const id = await run('Keep it shorter', '--token-budget=1000');
    await sqlite3(
      database(),
      `INSERT INTO dispatches (id, agent_type, status, project_dir, scope_id, input_tokens, completed_at)
       VALUES ('spent002', 'codex', 'completed', '${folder()}', '${id}', 850, unixepoch())`,
    );
    await says('Keep it shorter', said('Budget nearly used up'), /^850 tokens of 1000 tokens used$/);
    await does('run', 'cancel', id);
    await gone('Keep it shorter');
  });

  it('shows a dispatch of the queue that could not be started, and goes to its row; one of others waits', async () => {
    const queue = async (id: string, name: string, prompt: string): Promise<void> => {
      const request = JSON.stringify({ kind: 'sweeper', name, prompt: { file: prompt } });
      await sqlite3(
        database(),
        `INSERT INTO queued_dispatches (id, project_dir, request, queued_at_ms, problem)
         VALUES ('${id}', '${folder()}', '${request}', unixepoch() * 1000, 'There is no agent kind sweeper.')`,
      );
    };
    await queue('queued02', 'Not mine', '/nowhere/prompt.md');
    await says('Not mine', said('Queued dispatch not allowed'), /^It came with this folder/);
    await sqlite3(database(), "DELETE FROM queued_dispatches WHERE id = 'queued02'");
    await gone('Not mine');
    await queue('queued01', 'Sweep up', queuedPrompt(storageFolder(process.env), 'queued01') ?? assert.fail());
    await says('Sweep up', said('Dispatch not started'), /^There is no agent kind sweeper\.$/);
    await view().row('Sweep up').click();
    const place = workbench().tree(viewName('dispatches')).row('Sweep up');
    await place.locator.and(workbench().page.locator('[aria-selected="true"]')).waitFor();
    await sqlite3(database(), "DELETE FROM queued_dispatches WHERE id = 'queued01'");
    await gone('Sweep up');
  });

  itLong('shows an agent that prints nothing, until it speaks', async () => {
    const script = path.join(scratch, 'reviewer.sh');
    await writeFile(script, 'echo Thinking; exec sleep 600\n');
    const id = (await does('dispatch', 'spawn', '--type=shell', '--name=Reviewer', `--prompt-file=${script}`)).trim();
    const log = await sqlite3(database(), `SELECT log_file FROM dispatch_processes WHERE dispatch_id = '${id}'`);
    await until(
      () => readFile(log.trim(), 'utf8'),
      (text) => text.includes('Thinking'),
    );
    const spoke = new Date(Date.now() - 5 * MINUTE_MS);
    await utimes(log.trim(), spoke, spoke);
    await sqlite3(database(), `UPDATE dispatches SET started_at = unixepoch() - 600 WHERE id = '${id}'`);
    await says('Reviewer', said('Agent stuck'), /^No output for 5 minutes$/);
    await workbench()
      .statusItem(said('{0} needs you', { 0: 1 }))
      .waitFor();
    await view().row('Reviewer').click();
    const place = workbench().tree(viewName('dispatches')).row('Reviewer');
    await place.locator.and(workbench().page.locator('[aria-selected="true"]')).waitFor();
    await appendFile(log.trim(), 'Here I am\n');
    await gone('Reviewer');
    await does('dispatch', 'kill', id);
  });

  itLong('leads a task by its rows alone: agents allowed, planning tried again, work merged', async () => {
    await writeFile(path.join(scratch, 'task.md'), 'Say hello in a file.');
    await does('task', 'create', '--title=Greet', `--body-file=${path.join(scratch, 'task.md')}`);
    await says('parcels', said('Agents not allowed'), /./);
    await workbench().clearNotifications();
    await view().row('parcels').inlineAction(titleOf('project.allowAgents'));
    await workbench().answerDialog(said('Allow'));
    await gone('parcels');

    await says('Greet', said('Planning failed'), /./);
    await writeFile(mark, '');
    await workbench().screenshot('needs-you-planning');
    await view().row('Greet').inlineAction(titleOf('task.retryPlanning'));
    await gone('Greet');

    const subtask = workbench().tree(viewName('tasks')).row('Say hello');
    await subtask.waitFor();
    await subtask.inlineAction(titleOf('subtask.start'));
    await says('Say hello', said('Ready to merge'), /./);
    await view()
      .row('Say hello')
      .inlineAction(/^Merge Subtask/);
    await workbench().answerDialog(said('Merge'));
    await gone('Say hello');
  });

  it('can be dealt with by keyboard, with several things waiting', async () => {
    const [first, second] = [await run('Count the parcels'), await run('Weigh the parcels')];
    await does('gate', 'ask', first, '--reason=counted by hand', '--by=agent-1');
    await does('run', 'advance', second, '--priority=0');
    await view().row('Weigh the parcels').waitFor();
    await badge(2);
    await workbench().statusItem('2 need you').waitFor();
    await workbench().screenshot('needs-you');
    await workbench().runCommand(inPalette('attention.show'));
    const { page } = workbench();
    await view().tree.and(page.locator(':focus')).waitFor();
    const { keyboard } = page;
    await keyboard.press('Home');
    await keyboard.press('Enter');
    const place = workbench().tree(viewName('runs')).row('Count the parcels');
    await place.locator.and(workbench().page.locator('[aria-selected="true"]')).waitFor();
    await workbench().runCommand(inPalette('attention.act'));
    await input().fill(said('Override Gate'));
    await input().accept();
    // The list has a row of that name, too.
    await input()
      .title.filter({ hasText: said('Override Gate') })
      .waitFor();
    await input().fill('They were counted');
    await input().accept();
    await gone('Count the parcels');
    await badge(1);
    await does('run', 'cancel', second);
    await gone('Weigh the parcels');
  });

  itLong('shows a database that a newer program wrote, until it can be changed again', async () => {
    const name = path.basename(folder());
    const version = (await sqlite3(database(), 'PRAGMA user_version')).trim();
    await sqlite3(database(), 'PRAGMA user_version = 99');
    await says(name, said('Database from a newer version'), /./);
    await sqlite3(database(), `PRAGMA user_version = ${version}`);
    await gone(name);
  });

  itLong('shows a database that is damaged, and restores its backup', async () => {
    await sqlite3(database(), `VACUUM INTO '${database()}.backup-20260101T000000Z'`);
    await writeFile(`${database()}.new`, 'no database at all, '.repeat(5000));
    await rename(`${database()}.new`, database());
    const name = path.basename(folder());
    await says(name, said('Database damaged'), /./);
    await view()
      .row(name)
      .inlineAction(/^Resolve Needs You Item/);
    await workbench().answerDialog(said('Restore Backup'));
    await gone(name);
    assert.equal(await workbench().notification().count(), 0);
  });
});
