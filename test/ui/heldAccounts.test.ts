/** Work that is held, in the window: by a limit of an agent, until its reset or a person; by a set-up that failed. */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ic } from '../support/ic/ic';
import { describeLong, itLong } from '../support/long';
import { makeTmpFolder } from '../../tools/project';
import { withWorkbench } from './support/withWorkbench';
import { inPalette, titleOf, viewName } from './support/titles';
import { said } from './support/said';

const TASK = 'Greet in English';
const SUBTASK = `Write: ${TASK}`;

/** The prompt of a shell agent is its program; the facts are in a here-document that is discarded. */
const facts = (...places: readonly string[]): string =>
  `cat > /dev/null <<'FACTS'\n${places.map((place) => `{{${place}}}`).join('\n')}\nFACTS\n`;

const PLANNER = `${facts('taskTitle', 'taskDescription', 'history')}
printf '## Spec\\nSay hello.\\n## Implementation Plan\\nOne file.\\n## Acceptance Criteria\\nIt is there.\\n' > body.md
ic subtask create --title='Write: {{taskTitle}}' --body-file=body.md
`;

const WORKER = `echo hello > hello.txt && git add --all && git commit --quiet --message='Say hello'
ic subtask close --reason='The file is there'
`;

/**
 * Names its session, and meets the limit for as long as the mark is not there: one that resets in hours, or, where there is
 * a mark for it, once and for two seconds.
 */
const limited = (folder: string): string => `#!/bin/sh
echo "$*" >> '${folder}/calls'
echo '{"type":"system","subtype":"init","session_id":"11111111-2222-4333-8444-555555555555"}'
if [ -e '${folder}/short' ]; then
  rm '${folder}/short'
  echo '{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":'$(($(date +%s) + 2))'}}'
  echo '{"type":"assistant","error":"rate_limit","api_error":"usage_limit_reached","message":{"content":[]}}'
  echo '{"type":"result","subtype":"success","is_error":true,"result":"You have hit your session limit"}'
  exit 1
fi
if [ ! -e '${folder}/reset' ]; then
  echo '{"type":"assistant","error":"rate_limit","api_error":"usage_limit_reached","message":{"content":[]}}'
  echo '{"type":"result","subtype":"success","is_error":true,"result":"You have hit your session limit · resets in 2 hours 30 minutes"}'
  exit 1
fi
${WORKER}`;

/** Fails as a package manager does that reaches no registry, or for another reason, for as long as a mark is there. */
const setup = (folder: string): string => `[ ! -e '${folder}/broken' ] || {
  echo run >> '${folder}/broken-runs'
  echo 'Cannot find module parcels'
  exit 1
}
[ ! -e '${folder}/offline' ] || {
  echo 'npm error code ENOTFOUND'
  echo 'npm error network request to https://registry.npmjs.org/left-pad failed, reason: getaddrinfo ENOTFOUND registry.npmjs.org'
  exit 1
}`;

describeLong('work that is held, in the window', function () {
  this.timeout(180_000);
  let scratch: string;

  const workbench = withWorkbench(async () => {
    scratch = await makeTmpFolder('held-accounts');
    const [planner, worker] = [path.join(scratch, 'planner.sh'), path.join(scratch, 'worker.sh')];
    const agent = path.join(scratch, 'limited');
    await Promise.all([
      writeFile(planner, PLANNER),
      writeFile(path.join(scratch, 'task.md'), 'Say it.'),
      writeFile(worker, `${facts('spec', 'branch', 'history', 'subtaskTitle')}${WORKER}`),
      writeFile(agent, limited(scratch), { mode: 0o755 }),
    ]);
    return {
      opens: 'folder',
      scale: 2,
      width: 1500,
      height: 900,
      settings: {
        'intercore.agents.kinds': [
          {
            name: 'limited',
            command: agent,
            args: ['--resume=${session}'],
            promptBy: 'stdin',
            parser: 'claude',
          },
        ],
        'intercore.agents.default': 'shell',
        'intercore.tasks.worker': 'limited',
        'intercore.tasks.setup': [['sh', '-c', setup(scratch)]],
        'intercore.tasks.plannerPrompt': planner,
        'intercore.tasks.workerPrompt': worker,
      },
    };
  });
  after('remove the agent', () => rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  const folder = (): string => {
    const { opened } = workbench().session;
    return opened.kind === 'folder' ? opened.path : assert.fail('a folder is open');
  };
  const tree = (name: string) => workbench().tree(name);
  const says = async (view: string, label: string, text: RegExp, timeout = 30_000): Promise<void> =>
    tree(view).row(label).locator.locator('.label-description', { hasText: text }).waitFor({ timeout });
  const does = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await ic(args, { cwd: folder() });
    assert.ok(code <= 1, stderr);
    return stdout.trim();
  };
  const calls = async (): Promise<string[]> =>
    (await readFile(path.join(scratch, 'calls'), 'utf8')).split('\n').slice(0, -1);

  const create = (title: string): Promise<string> =>
    does('task', 'create', `--title=${title}`, `--body-file=${path.join(scratch, 'task.md')}`, '--auto-start');
  const mark = (name: string): Promise<void> => writeFile(path.join(scratch, name), '');
  const unmark = (name: string): Promise<void> => rm(path.join(scratch, name));

  before('show the views and meet the limit', async () => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(700);
    await does('init');
    await does('project', 'add', '--name=parcels');
    await create(TASK);
    await tree(viewName('tasks')).expand();
  });

  it('counts down in the row of the subtask, in Needs You, and in the status bar', async () => {
    await tree(viewName('needsYou')).row('parcels').inlineAction(titleOf('project.allowAgents'));
    await workbench()
      .dialog.getByText(/agents of kind/)
      .first()
      .waitFor();
    await workbench().answerDialog(said('Allow'));
    await says(viewName('tasks'), SUBTASK, /waits for limited until .*, in 2 h \d+ min/);
    await says(viewName('needsYou'), 'limited', /session limit/);
    assert.equal(await tree(viewName('needsYou')).rows.count(), 1);
    await workbench()
      .statusItem(/limited: 2 h \d+ min/)
      .waitFor();
    await workbench()
      .notification(/limited/)
      .first()
      .waitFor();
    await workbench().screenshot('held-notice');
    await workbench().clearNotifications();
  });

  itLong('counts down on the card of the board', async () => {
    await workbench().runCommand(inPalette('board.open'));
    const frame = await workbench().webview('.card');
    const card = frame.locator('.card.accountHeld', { hasText: SUBTASK });
    await card
      .getByText(/limited: 2 h/)
      .first()
      .waitFor();
    await workbench().screenshot('held-board');
    await workbench().runCommand('View: Close All Editors');
  });

  it('starts nothing of the account, while agents of another kind plan', async () => {
    await create('Greet in French');
    await says(viewName('tasks'), 'Write: Greet in French', /waits for limited until/);
    assert.deepEqual(await calls(), ['']);
    await workbench().screenshot('held-work', 'documentation', workbench().page.locator('.part.sidebar'));
  });

  it('stays held with Do Not Resume from the row', async () => {
    await tree(viewName('tasks')).row(SUBTASK).contextMenu(titleOf('account.pause'));
    await says(viewName('tasks'), SUBTASK, /waits until limited is resumed/);
    await workbench().statusItem('limited held').waitFor();
    await workbench().screenshot('held-stopped');
  });

  it('continues in the same session with Resume Now from the palette, with the same attempt', async () => {
    await mark('reset');
    await workbench().runCommand(inPalette('account.resume'));
    await says(viewName('tasks'), SUBTASK, /^completed, ready to merge/);
    await workbench()
      .statusItem(/limited/)
      .waitFor({ state: 'detached' });
    const resumed = (await calls()).filter((args) => args !== '');
    assert.deepEqual(resumed, ['--resume=11111111-2222-4333-8444-555555555555']);
    await tree(viewName('tasks')).row(SUBTASK).expand();
    await tree(viewName('tasks')).row('Attempt 1').waitFor();
    assert.equal(await tree(viewName('tasks')).row('Attempt 2').locator.count(), 0);
    assert.equal(await tree(viewName('needsYou')).row('limited').locator.count(), 0);
  });

  itLong('continues in the same session at the reset', async () => {
    await says(viewName('tasks'), 'Write: Greet in French', /^completed, ready to merge/);
    const before = (await calls()).length;
    await mark('short');
    await create('Greet in German');
    await says(viewName('tasks'), 'Write: Greet in German', /^completed, ready to merge/);
    assert.deepEqual((await calls()).slice(before), ['', '--resume=11111111-2222-4333-8444-555555555555']);
    await workbench()
      .statusItem(/limited/)
      .waitFor({ state: 'detached' });
  });

  itLong('stays held with Do Not Resume from the palette, and continues with Resume Now from the row', async () => {
    await unmark('reset');
    await create('Greet in Dutch');
    await says(viewName('tasks'), 'Write: Greet in Dutch', /waits for limited until/);
    await workbench().runCommand(inPalette('account.pause'));
    await says(viewName('tasks'), 'Write: Greet in Dutch', /waits until limited is resumed/);
    await mark('reset');
    await tree(viewName('tasks')).row('Write: Greet in Dutch').contextMenu(titleOf('account.resume'));
    await says(viewName('tasks'), 'Write: Greet in Dutch', /^completed, ready to merge/);
  });

  itLong(
    'stays held with Do Not Resume in its details on the board, and continues with Resume Now on the card',
    async () => {
      await unmark('reset');
      await create('Greet in Frisian');
      await says(viewName('tasks'), 'Write: Greet in Frisian', /waits for limited until/);
      await workbench().runCommand(inPalette('board.open'));
      const frame = await workbench().webview('.card');
      const card = frame.locator('.card.accountHeld', { hasText: 'Write: Greet in Frisian' });
      await card.click();
      await frame
        .locator('.detail')
        .getByRole('button', { name: titleOf('account.pause') })
        .click();
      await card.getByText('limited held').waitFor();
      await workbench().screenshot('held-card');
      await mark('reset');
      await card.getByRole('button', { name: titleOf('account.resume') }).click();
      await says(viewName('tasks'), 'Write: Greet in Frisian', /^completed, ready to merge/);
      await workbench().runCommand('View: Close All Editors');
    },
  );

  itLong('shows why a set-up without a network waits, and continues once the network is back', async () => {
    await mark('offline');
    await create('Greet in Danish');
    const row = 'Write: Greet in Danish';
    await says(
      viewName('tasks'),
      row,
      /its set-up failed, tries: \d+, next at .* · The set-up has no network connection: npm error network/,
    );
    await tree(viewName('tasks')).row(row).locator.locator('.label-name').hover();
    // VS Code may keep a hover out of sight while a page has no focus; what it holds is what counts.
    const hover = workbench().page.locator('.monaco-hover').filter({ hasText: 'getaddrinfo ENOTFOUND' });
    await hover.waitFor({ state: 'attached' });
    await workbench().screenshot('held-setup-hover');
    await workbench().page.keyboard.press('Escape');
    await workbench().runCommand(inPalette('board.open'));
    const frame = await workbench().webview('.card');
    await frame.locator('.card', { hasText: row }).click();
    await frame.getByText(said('Specification')).first().waitFor();
    await workbench().screenshot('held-setup-board');
    await workbench().runCommand('View: Close All Editors');
    await unmark('offline');
    await says(viewName('tasks'), row, /^completed, ready to merge/);
  });

  itLong(
    'runs a set-up that is not tried again once for each Retry Setup, from the row and from the palette',
    async () => {
      const row = 'Write: Greet in Finnish';
      const failed = (tries: number): Promise<void> =>
        says(viewName('tasks'), row, new RegExp(`its set-up failed, tries: ${tries} · `), 90_000);
      const runs = async (): Promise<number> =>
        (await readFile(path.join(scratch, 'broken-runs'), 'utf8')).split('\n').length - 1;
      await mark('broken');
      await create('Greet in Finnish');
      await failed(3);
      assert.match(await does('needs'), /Write: Greet in Finnish/);
      await workbench().screenshot('held-setup-failed');
      assert.equal(await runs(), 3);
      await tree(viewName('tasks')).row(row).inlineAction(titleOf('subtask.retrySetup'));
      await failed(4);
      assert.equal(await runs(), 4);
      await workbench().runCommand(inPalette('subtask.retrySetup'));
      await failed(5);
      assert.equal(await runs(), 5);
      await unmark('broken');
      await tree(viewName('tasks')).row(row).inlineAction(titleOf('subtask.retrySetup'));
      await says(viewName('tasks'), row, /^completed, ready to merge/);
    },
  );
});
