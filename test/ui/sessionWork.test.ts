/**
 * Tasks whose agents run in sessions, where something goes wrong: a worker that is not signed in, one that meets a usage
 * limit, a worker and a planner that fail until another kind continues, and a plan that a person gives back.
 */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentKind } from '../../src/contract/agentKinds';
import { makeTmpFolder } from '../../tools/project';
import { icOk } from '../support/ic/ic';
import { describeLong } from '../support/long';
import type { AgentScript } from '../support/sessions/scriptedAgent';
import { scriptedKind } from '../support/sessions/scriptedKind';
import { said } from './support/said';
import { titleOf, viewName } from './support/titles';
import { withWorkbench } from './support/withWorkbench';

/** Titles of tasks; the first plan of each has one subtask. */
const GREET = 'Greet people';
const COUNT = 'Count parcels';
const WEIGH = 'Weigh parcels';
const SORT = 'Sort parcels';
const STACK = 'Stack parcels';
const subtaskOf = (task: string): string => `Part of: ${task}`;
const SECOND = 'Sort letters, too';

const REVISION = 'Letters are sorted, too.';
const BROKEN = 'The scale is broken.';
const LIMIT = "You've hit your usage limit. Try again in 20 seconds.";
const BODY = '## Spec\nSay it.\n## Implementation Plan\nOne file.\n## Acceptance Criteria\nIt is there.\n';

const create = (title: string, body: string) => ({ run: `ic subtask create --title='${title}' --body-file='${body}'` });
const close = (file: string) => ({
  run: `echo done > ${file} && git add --all && git commit --quiet --message=Work && ic subtask close --reason=Done`,
});
const fail = (message: string) => ({ fail: { code: -32603, message } });

const planner = (body: string): AgentScript => ({
  turns: [[]],
  turnsOf: {
    '# Revise the plan': [[create(SECOND, body)]],
    [STACK]: [[fail(BROKEN)]],
    ...Object.fromEntries([GREET, COUNT, WEIGH, SORT].map((task) => [task, [[create(subtaskOf(task), body)]]])),
  },
});

const WORKER: AgentScript = {
  turns: [[]],
  turnsOf: {
    '# Continue': [[close('count.txt')]],
    [GREET]: [[close('greet.txt')]],
    [COUNT]: [[fail(LIMIT)]],
    [WEIGH]: [[fail(BROKEN)]],
  },
};

/** A kind whose program signs in when a person starts it without arguments, and refuses sessions before that. */
async function withSignIn(kind: AgentKind, folder: string): Promise<AgentKind> {
  const [command, mark] = [path.join(folder, 'agent'), path.join(folder, 'signed-in')];
  const { args: signedOut } = await scriptedKind(folder, { authRequired: true, turns: [] }, 'signed-out');
  const program = [
    '#!/bin/sh',
    `[ $# -gt 0 ] || { touch '${mark}'; exit; }`,
    `[ -e '${mark}' ] || set -- ${signedOut.map((arg) => `'${arg}'`).join(' ')}`,
    `exec '${kind.command}' "$@"`,
  ];
  await writeFile(command, `${program.join('\n')}\n`, { mode: 0o755 });
  return { ...kind, command };
}

describeLong('work of agents in sessions, in the window', function () {
  this.timeout(180_000);
  let scratch: string;

  const workbench = withWorkbench(async () => {
    scratch = await makeTmpFolder('session-work');
    const body = path.join(scratch, 'body.md');
    await Promise.all([writeFile(body, BODY), writeFile(path.join(scratch, 'task.md'), 'Do it.')]);
    const worker = await scriptedKind(scratch, WORKER, 'worker');
    return {
      opens: 'folder',
      height: 1000,
      settings: {
        'intercore.agents.kinds': [
          await scriptedKind(scratch, planner(body), 'planner'),
          await withSignIn(worker, scratch),
          await scriptedKind(scratch, { turns: [[close('weigh.txt')]] }, 'other'),
          await scriptedKind(scratch, { turns: [[create(subtaskOf(STACK), body)]] }, 'second'),
        ],
        'intercore.tasks.planner': 'planner',
        'intercore.tasks.worker': 'worker',
        'intercore.tasks.maxAttempts': 1,
      },
    };
  });
  after('remove the agents', () => rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  const folder = (): string => {
    const { opened } = workbench().session;
    return opened.kind === 'folder' ? opened.path : assert.fail('a folder is open');
  };
  const tree = (name: string) => workbench().tree(name);
  const input = () => workbench().quickInput;
  const says = (view: string, label: string, text: RegExp): Promise<void> =>
    tree(view).row(label).locator.locator('.label-description', { hasText: text }).waitFor({ timeout: 60_000 });
  const does = (...args: readonly string[]): Promise<string> => icOk(args, { cwd: folder() });
  const createTask = (title: string, ...flags: readonly string[]): Promise<string> =>
    does('task', 'create', `--title=${title}`, `--body-file=${path.join(scratch, 'task.md')}`, ...flags);
  const journalOf = (kind: string): Promise<string> => readFile(path.join(scratch, `${kind}-journal`), 'utf8');
  const isCompleted = (title: string): Promise<void> => says(viewName('tasks'), title, /^completed, ready to merge/);

  before('show the views and allow agents', async () => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(640);
    await does('init');
    await does('project', 'add', '--name=parcels');
    await createTask(GREET, '--auto-start');
    await tree(viewName('needsYou')).row('parcels').inlineAction(titleOf('project.allowAgents'));
    await workbench().answerDialog(said('Allow'));
    await tree(viewName('tasks')).expand();
  });

  it('starts again after a person has signed in', async () => {
    const row = tree(viewName('needsYou')).row(`${said('Agent not signed in')} · ${subtaskOf(GREET)}`);
    await row.waitFor();
    await workbench().clearNotifications();
    await row.inlineAction(titleOf('session.signIn'));
    const terminal = workbench().page.locator('.part.panel .terminal-wrapper.active .xterm');
    await terminal.locator('.xterm-rows', { hasText: 'session-work' }).waitFor();
    await workbench().screenshot('session-sign-in');
    await terminal.locator('textarea').press('Enter');
    await workbench().answerNotification(
      said('Signed in to {kind}? Its work can start again.', { kind: 'worker' }),
      said('Retry Subtask'),
    );
    await isCompleted(subtaskOf(GREET));
    await row.locator.waitFor({ state: 'detached' });
    await workbench().runCommand('View: Hide Panel');
  });

  it('is held by a usage limit, and continues in the same session at the reset', async () => {
    await createTask(COUNT, '--auto-start');
    await says(viewName('tasks'), subtaskOf(COUNT), /waits for worker until /);
    await says(viewName('needsYou'), 'worker', /usage limit/);
    await workbench()
      .statusItem(/worker: 1 min/)
      .waitFor();
    await workbench().screenshot('session-limit');
    await isCompleted(subtaskOf(COUNT));
    assert.equal((await journalOf('worker')).match(/"session\/resume"/g)?.length, 1);
    await tree(viewName('needsYou')).row('worker').locator.waitFor({ state: 'detached' });
  });

  it('is continued by another agent kind after it has failed', async () => {
    await createTask(WEIGH, '--auto-start');
    const row = tree(viewName('tasks')).row(subtaskOf(WEIGH));
    await says(viewName('tasks'), subtaskOf(WEIGH), new RegExp(BROKEN));
    await workbench().clearNotifications();
    await row.contextMenu(titleOf('subtask.handOver'));
    await input().waitFor(said('Select the agent that continues'));
    await workbench().screenshot('session-hand-over');
    await input().pick('other');
    await workbench()
      .dialog.getByText(said('Allow agents of kind {kinds} in this workspace?', { kinds: 'other' }))
      .waitFor();
    await workbench().answerDialog(said('Allow'));
    await isCompleted(subtaskOf(WEIGH));
    assert.match(await journalOf('other'), new RegExp(subtaskOf(WEIGH)));
  });

  it('is planned by another agent kind after its planning has failed', async () => {
    await createTask(STACK);
    await says(viewName('tasks'), STACK, new RegExp(BROKEN));
    await workbench().clearNotifications();
    await tree(viewName('tasks')).row(STACK).contextMenu(titleOf('task.handOver'));
    await input().waitFor(said('Select the agent that continues'));
    await workbench().screenshot('session-hand-over-plan');
    await input().pick('second');
    await workbench()
      .dialog.getByText(said('Allow agents of kind {kinds} in this workspace?', { kinds: 'second' }))
      .waitFor();
    await workbench().answerDialog(said('Allow'));
    await says(viewName('tasks'), subtaskOf(STACK), /^ready/);
    assert.match(await journalOf('second'), new RegExp(STACK));
  });

  it('is planned again by a sentence that arrives in the session of the planner', async () => {
    await createTask(SORT);
    await says(viewName('tasks'), subtaskOf(SORT), /^ready/);
    await tree(viewName('tasks')).row(SORT).contextMenu(titleOf('task.revisePlan'));
    await input().waitFor(said('Revise Plan'));
    await input().fill(REVISION);
    await workbench().screenshot('session-revision');
    await input().accept();
    for (const title of [SECOND, subtaskOf(SORT)]) await says(viewName('tasks'), title, /^ready/);
    const lines = (await journalOf('planner')).trim().split('\n');
    const last = lines.slice(lines.findLastIndex((line) => line.includes('"session/resume"')));
    assert.match(last.join('\n'), /"session\/prompt".*# Revise the plan.*Letters are sorted, too\./);
  });
});
