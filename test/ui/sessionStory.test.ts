/**
 * Agents that ask, as a person sees them: a planner and two workers in sessions, through the dispatcher and the session
 * host. One is allowed, one is denied and gets a word in the middle, and the window is reloaded while both wait.
 */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createRepository, git, PARCEL_API } from '../../scripts/demo/repositories';
import { makeTmpFolder } from '../../tools/project';
import { ic } from '../support/ic/ic';
import type { AgentScript } from '../support/sessions/scriptedAgent';
import { scriptedKind } from '../support/sessions/scriptedKind';
import { itLong } from '../support/long';
import { setTheme } from './support/theme';
import { inPalette, titleOf, viewName } from './support/titles';
import { withWorkbench } from './support/withWorkbench';
import { said } from './support/said';

const TASK = 'Tell people when their parcel is late';
const RULE = 'Decide what is late';
const MESSAGE = 'Write the message';
const PAGE = 'Show it on the page';
const REPORT = 'Count late parcels';
const TEXTS = 'Fix the old texts';
const REASON = 'Use the mailer that is there.';
const WORD = 'Your parcel is late. We are sorry.';

/** By the titles of the work. */
const REQUESTED = {
  [TASK]: 'git log --oneline -20',
  [RULE]: 'npm test',
  [MESSAGE]: 'npm install nodemailer',
} as const;

const WIDE = 470;
const NARROW = 260;
/** With what VS Code calls each in a page. */
const THEMES = [
  ['dark', 'Dark Modern', 'vscode-dark'],
  ['light', 'Light Modern', 'vscode-light'],
  ['high-contrast', 'Default High Contrast', 'vscode-high-contrast'],
] as const;

const BODY = '## Spec\nSay it.\n## Implementation Plan\nOne file.\n## Acceptance Criteria\nIt is there.\n';

const entries = (...statuses: readonly string[]): { update: object } => ({
  update: {
    sessionUpdate: 'plan',
    entries: statuses.map((status) => ({ content: 'step', priority: 'medium', status })),
  },
});
const asks = (command: string): { ask: object } => ({
  ask: { kind: 'execute', title: command, rawInput: { command } },
});
const create = (title: string, body: string): string => `ic subtask create --title='${title}' --body-file='${body}'`;
const close = (message: string): string =>
  `git add --all && git commit --quiet --message='${message}' && ic subtask close --reason='${message}'`;
const named = (title: string): Pick<AgentScript, 'initialize'> => ({ initialize: { agentInfo: { title } } });

const planner = (body: string): AgentScript => ({
  ...named('Planner'),
  turns: [
    [
      asks(REQUESTED[TASK]),
      {
        run: [
          `rule=$(${create(RULE, body)})`,
          ...[TEXTS, MESSAGE, PAGE].map((title) => create(title, body)),
          `report=$(${create(REPORT, body)})`,
          'ic subtask depend "$report" --on="$rule"',
        ].join(' && '),
      },
    ],
  ],
});

const worker = (go: string): AgentScript => ({
  ...named('Worker'),
  turns: [[]],
  turnsOf: {
    [RULE]: [
      [
        { say: 'A parcel is late after two days.' },
        entries('completed', 'in_progress', 'pending'),
        { run: 'echo "exports.isLate = (days) => days > 2;" > src/late.js' },
        asks(REQUESTED[RULE]),
        { run: close(RULE) },
      ],
    ],
    [MESSAGE]: [
      [{ say: 'The message needs a mailer.' }, entries('in_progress', 'pending'), asks(REQUESTED[MESSAGE])],
      [{ say: 'I use the mailer that is there.' }],
      [{ run: `printf '%s' "$PROMPT" > src/message.txt && ${close(MESSAGE)}` }],
    ],
    [PAGE]: [
      [
        { say: 'Reading src/page.js' },
        entries('completed', 'completed', 'in_progress'),
        { run: `while [ ! -e '${go}' ]; do sleep 0.2; done; echo late > src/page.txt; ${close(PAGE)}` },
      ],
    ],
    [TEXTS]: [[{ run: `echo fixed > TEXTS.md && ${close(TEXTS)}` }]],
  },
});

describe('agents that ask, in the window', function () {
  this.timeout(180_000);
  let scratch: string;
  let repository: string;

  const workbench = withWorkbench(async () => {
    scratch = await makeTmpFolder('session-story');
    repository = path.join(scratch, 'parcel-api');
    await createRepository(repository, PARCEL_API);
    const body = path.join(scratch, 'body.md');
    await Promise.all([
      writeFile(body, BODY),
      writeFile(path.join(scratch, 'task.md'), 'People ask where their parcel is. Tell them first.'),
    ]);
    return {
      opens: { kind: 'folder', path: repository },
      scale: 2,
      width: 1720,
      height: 960,
      settings: {
        'intercore.agents.kinds': [
          await scriptedKind(scratch, planner(body), 'planner'),
          await scriptedKind(scratch, worker(path.join(scratch, 'go')), 'worker'),
        ],
        'intercore.tasks.planner': 'planner',
        'intercore.tasks.worker': 'worker',
      },
    };
  });
  after('remove the repository', () => rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  const tree = (name: string) => workbench().tree(name);
  const request = (title: keyof typeof REQUESTED) =>
    tree(viewName('needsYou')).row(`\`${REQUESTED[title]}\` · ${title}`);
  const input = () => workbench().quickInput;
  const says = (label: string, text: RegExp): Promise<void> =>
    tree(viewName('tasks'))
      .row(label)
      .locator.locator('.label-description', { hasText: text })
      .waitFor({ timeout: 60_000 });
  const does = async (...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await ic(args, { cwd: repository });
    assert.equal(code, 0, stderr);
  };
  const show = async (): Promise<void> => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(WIDE);
    await tree(viewName('tasks')).expand();
  };
  const fileOf = async (title: string, file: string): Promise<string> => {
    const branches = await git(repository, ['for-each-ref', '--format=%(refname:short)', 'refs/heads']);
    for (const branch of branches.trim().split('\n')) {
      const last = await git(repository, ['log', '-1', '--format=%s', branch]);
      if (last.trim() === title) return git(repository, ['show', `${branch}:${file}`]);
    }
    return assert.fail(`no branch of ${title}`);
  };

  before('create a task', async () => {
    await show();
    await does('init');
    await does('project', 'add', '--name=parcels');
    await does('task', 'create', `--title=${TASK}`, `--body-file=${path.join(scratch, 'task.md')}`, '--auto-start');
    await tree(viewName('needsYou')).row('parcels').inlineAction(titleOf('project.allowAgents'));
    await workbench().answerDialog(said('Allow'));
    await workbench().clearNotifications();
    for (const view of [viewName('runs'), viewName('dispatches')]) await tree(view).collapse();
  });

  it('show the request of a planner in Needs You, in the row of its task, and on the board', async () => {
    await request(TASK).waitFor();
    await says(TASK, /^`git log --oneline -20`, requested by Planner/);
    await workbench().runCommand(inPalette('board.open'));
    const frame = await workbench().webview('.task');
    await frame.locator('.task', { hasText: 'requested by Planner' }).waitFor();
    await workbench().screenshot('session-planner');
    await workbench().leavePage();
    await workbench().runCommand(inPalette('session.allow'));
  });

  it('show the requests of two workers, also after the window was reloaded', async () => {
    await request(RULE).waitFor();
    await request(MESSAGE).waitFor();
    await says(RULE, /^`npm test`, requested by Worker/);
    const frame = await workbench().webview('.card');
    await frame.locator('.card', { hasText: 'npm install nodemailer' }).waitFor();
    await says(TEXTS, /^completed, ready to merge/);
    await says(PAGE, /running agent/);
    await workbench().screenshot('sessions', 'documentation');
    await writeFile(path.join(scratch, 'go'), '');
    await workbench().page.reload();
    await show();
    await request(RULE).waitFor();
    await request(MESSAGE).waitFor();
    await workbench()
      .statusItem(/need you/)
      .waitFor();
  });

  for (const [name, theme, bodyClass] of THEMES) {
    itLong(`show first what is requested, in a narrow side bar, too: ${theme}`, async () => {
      await setTheme(workbench(), theme);
      const frame = await workbench().webview('.card');
      await frame.locator(`body.${bodyClass} .card`, { hasText: /`npm test`, requested by Worker/ }).waitFor();
      await says(RULE, /^`npm test`, requested by Worker/);
      await workbench().screenshot(`requests-${name}`);
      await workbench().widenSidebar(NARROW);
      await workbench().screenshot(`requests-${name}-narrow`);
      await workbench().widenSidebar(WIDE);
      await request(RULE).contextMenu(titleOf('dispatch.showTranscript'));
      const transcript = await workbench().webview('#viewport');
      await transcript.locator(`body.${bodyClass} #entries article`, { hasText: 'npm test' }).waitFor();
      await workbench().screenshot(`requests-${name}-transcript`);
      await workbench().leavePage();
      await workbench().runCommand('View: Close Editor');
      await setTheme(workbench(), undefined);
    });
  }

  it('allow one by keyboard, and its work is done', async () => {
    await workbench().leavePage();
    await workbench().runCommand(inPalette('session.allow'));
    await input().waitFor(said('Select a request'));
    await input().fill(RULE);
    await input().accept();
    await says(RULE, /^completed, ready to merge/);
    assert.equal(await fileOf(RULE, 'src/late.js'), 'exports.isLate = (days) => days > 2;\n');
  });

  it('deny the other one with a reason, and change its result with a word in the middle', async () => {
    await says(PAGE, /^completed, ready to merge/);
    await workbench().runCommand(inPalette('session.say'));
    await input().waitFor(said('Say to Agent'));
    await input().fill(WORD);
    await input().accept();
    await input().pick(said('After this turn'));
    await request(MESSAGE).inlineAction(titleOf('session.deny'));
    await input().waitFor(said('Deny with Reason'));
    await input().fill(REASON);
    await input().accept();
    await says(MESSAGE, /^completed, ready to merge/);
    assert.equal(await fileOf(MESSAGE, 'src/message.txt'), WORD);
    await request(MESSAGE).locator.waitFor({ state: 'detached' });
  });
});
