/** A usage limit of an agent, in the window: what waits counts down, a person decides, and other agents continue. */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ic } from '../support/ic';
import { until } from '../support/until';
import { makeTmpFolder } from '../support/vscode/project';
import { withWorkbench } from './support/withWorkbench';

const TASK = 'Greet in English';
const SUBTASK = `Write: ${TASK}`;

/** The prompt of a shell agent is its program; the facts stand in a here-document that is thrown away. */
const facts = (...places: readonly string[]): string =>
  `cat > /dev/null <<'FACTS'\n${places.map((place) => `{{${place}}}`).join('\n')}\nFACTS\n`;

const PLANNER = `${facts('taskTitle', 'taskDescription', 'history')}
printf '## Spec\\nSay hello.\\n## Implementation Plan\\nOne file.\\n## Acceptance Criteria\\nIt is there.\\n' > body.md
ic subtask create --title='Write: {{taskTitle}}' --body-file=body.md
`;

const WORKER = `echo hello > hello.txt && git add --all && git commit --quiet --message='Say hello'
ic subtask close --reason='The file is there'
`;

/** Names its session, and meets the limit for as long as the mark is not there. */
const limited = (folder: string): string => `#!/bin/sh
echo "$*" >> '${folder}/calls'
echo '{"type":"system","subtype":"init","session_id":"11111111-2222-4333-8444-555555555555"}'
if [ ! -e '${folder}/reset' ]; then
  echo '{"type":"assistant","error":"rate_limit","api_error":"usage_limit_reached","message":{"content":[]}}'
  echo '{"type":"result","subtype":"success","is_error":true,"result":"You have hit your session limit · resets in 2 hours 30 minutes"}'
  exit 1
fi
${WORKER}`;

describe('a held account in the window', function () {
  this.timeout(120_000);
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
        'intercore.village.worker': 'limited',
        'intercore.village.plannerPrompt': planner,
        'intercore.village.workerPrompt': worker,
      },
    };
  });
  after('remove the agent', () => rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  const folder = (): string => {
    const { opened } = workbench().session;
    return opened.kind === 'folder' ? opened.path : assert.fail('a folder is open');
  };
  const tree = (name: string) => workbench().tree(name);
  const says = async (view: string, label: string, text: RegExp): Promise<void> =>
    tree(view).row(label).locator.locator('.label-description', { hasText: text }).waitFor();
  const does = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await ic(args, { cwd: folder() });
    assert.ok(code <= 1, stderr);
    return stdout.trim();
  };
  const calls = async (): Promise<string[]> =>
    (await readFile(path.join(scratch, 'calls'), 'utf8')).trimEnd().split('\n');

  before('show the views and meet the limit', async () => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(700);
    await does('init');
    await does('project', 'add', '--name=parcels');
    await does('task', 'create', `--title=${TASK}`, `--body-file=${path.join(scratch, 'task.md')}`, '--auto-start');
    await tree('Tasks').expand();
  });

  it('counts down in the row of the subtask, in Needs You, and in the status bar', async () => {
    await tree('Needs You').row('parcels').inlineAction('Allow Agents…');
    await workbench()
      .dialog.getByText(/agents of the kind/)
      .first()
      .waitFor();
    await workbench().answerDialog('Allow');
    await says('Tasks', SUBTASK, /waits for limited until .*, in 2 h \d+ min/);
    await says('Needs You', 'limited', /session limit/);
    assert.equal(await tree('Needs You').rows.count(), 1);
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

  it('counts down on the card of the board', async () => {
    await workbench().runCommand('Intercore: Open Board');
    const frame = await workbench().webview('.card');
    await frame
      .locator('.card', { hasText: SUBTASK })
      .getByText(/limited: 2 h/)
      .first()
      .waitFor();
    await workbench().screenshot('held-board');
    await workbench().runCommand('View: Close All Editors');
  });

  it('starts nothing of the account, while agents of another kind plan', async () => {
    await does(
      'task',
      'create',
      '--title=Greet in French',
      `--body-file=${path.join(scratch, 'task.md')}`,
      '--auto-start',
    );
    await says('Tasks', 'Write: Greet in French', /waits for limited until/);
    assert.deepEqual(await calls(), ['']);
    await workbench().screenshot('held-work', 'documentation', workbench().page.locator('.part.sidebar'));
  });

  it('stays held with Do Not Resume from the row', async () => {
    await tree('Tasks').row(SUBTASK).contextMenu('Do Not Resume');
    await says('Tasks', SUBTASK, /waits until limited is resumed/);
    await workbench().statusItem('limited held').waitFor();
    await workbench().screenshot('held-stopped');
  });

  it('continues in the same session with Resume Now from the palette, with the same attempt', async () => {
    await writeFile(path.join(scratch, 'reset'), '');
    await workbench().runCommand('Intercore: Resume Now');
    await says('Tasks', SUBTASK, /^completed, to be merged/);
    await workbench()
      .statusItem(/limited/)
      .waitFor({ state: 'detached' });
    const made = await until(calls, ({ length }) => length === 2);
    assert.equal(made[1], '--resume=11111111-2222-4333-8444-555555555555');
    await tree('Tasks').row(SUBTASK).expand();
    await tree('Tasks').row('Attempt 1').waitFor();
    assert.equal(await tree('Tasks').row('Attempt 2').locator.count(), 0);
    assert.equal(await tree('Needs You').row('limited').locator.count(), 0);
  });
});
