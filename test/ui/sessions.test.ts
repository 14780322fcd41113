/** Requests of an agent in the window: they are shown, answered by mouse or key, and go when they are answered. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { databaseLocation } from '../../src/host/files/paths';
import { POLICY_WORDS } from '../../src/contract/permissions/policyWords';
import { agentListFile, storageFolder } from '../../src/host/state/stateFolder';
import { sqlite3 } from '../support/records/sqlite3';
import { LISTED, startListServer, type ListServer } from '../support/agents/listServer';
import { icOk } from '../support/ic/ic';
import { permission, QUESTION, SessionFixture } from '../support/dispatch/sessions';
import { until } from '../support/until';
import { makeTmpFolder } from '../../tools/project';
import { withWorkbench } from './support/withWorkbench';
import { fillForm } from './support/forms';
import { inPalette, titleOf, viewName } from './support/titles';
import { partOf, said } from './support/said';

/** A rule of the person for all projects. */
const ASKS = { command: 'git *', then: 'ask' };

describe('requests of an agent in the window', function () {
  this.timeout(180_000);
  let scratch: string;
  let session: SessionFixture;
  let dispatchId: string;
  let server: ListServer;

  const workbench = withWorkbench(async () => {
    scratch = await makeTmpFolder('sessions');
    server = await startListServer(LISTED);
    const settings = {
      'intercore.agents.permissionRules': [ASKS],
      'intercore.agents.listAddress': server.address,
      'intercore.agents.kinds': [
        { name: 'talker', command: process.execPath, args: [], protocol: 'acp' },
        { name: 'writer', command: '/bin/cat', args: [], promptBy: 'stdin', parser: 'plain' },
      ],
    };
    return { opens: 'folder', height: 1000, settings };
  });
  after('stop the server', async () => {
    await server.close();
    await rm(agentListFile(process.env), { force: true });
  });
  after('remove the prompt', () => rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
  const folder = (): string => {
    const { opened } = workbench().session;
    return opened.kind === 'folder' ? opened.path : assert.fail('a folder is open');
  };
  const view = () => workbench().tree(viewName('needsYou'));
  const input = () => workbench().quickInput;
  const gone = (label: string): Promise<void> => view().row(label).locator.waitFor({ state: 'detached' });
  const does = (...args: readonly string[]): Promise<string> => icOk(args, { cwd: folder() });
  before('start an agent', async () => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(640);
    await does('init');
    const script = path.join(scratch, 'reviewer.sh');
    await writeFile(script, 'echo Thinking; exec sleep 600\n');
    dispatchId = await does('dispatch', 'spawn', '--type=shell', '--name=Reviewer', `--prompt-file=${script}`);
    session = await SessionFixture.make(storageFolder(process.env), dispatchId);
    await session.write();
    // The fixture's agent is a script. A kind with sessions can be talked to, and needs consent.
    await sqlite3(databaseLocation(folder()).path, `UPDATE dispatches SET agent_type = 'talker'`);
    // The window may have searched for a session before there was one; a change of the dispatch lets it search again.
    await does('dispatch', 'tokens', dispatchId, '--in=1');
  });

  it('are allowed by keyboard', async () => {
    await session.write({ requests: [permission()] });
    await view().row('Reviewer').waitFor();
    await workbench()
      .statusItem(said('{0} needs you', { 0: 1 }))
      .waitFor();
    await workbench().runCommand(inPalette('session.allow'));
    assert.deepEqual(await session.answerTo(1), { kind: 'answer', number: 1, answer: 'allow', by: 'vscode' });
    await session.write();
    await gone('Reviewer');
    await workbench()
      .statusItem(said('{0} needs you', { 0: 1 }))
      .waitFor({ state: 'detached' });
  });

  it('are denied with a reason from the row', async () => {
    await session.write({ requests: [permission({ number: 2 })] });
    const row = view().row('Reviewer');
    assert.deepEqual(await row.inlineActions(), [titleOf('session.allow'), titleOf('session.deny')]);
    await row.inlineAction(titleOf('session.deny'));
    await input().waitFor(said('Deny with Reason'));
    await input().fill('Use npm ci.');
    await workbench().screenshot('permission-requested');
    await input().accept();
    assert.deepEqual(await session.answerTo(2), {
      kind: 'answer',
      number: 2,
      answer: 'deny',
      reason: 'Use npm ci.',
      by: 'vscode',
    });
    await session.write();
    await gone('Reviewer');
  });

  it('show their changes in the diff editor, and report an answer that was first', async () => {
    const file = path.join(folder(), 'src/a.txt');
    const diffs = [{ path: file, oldText: 'const a = 1;\n', newText: 'const a = 2;\n', isCut: false }];
    const edit = permission({ number: 3, tool: 'edit', paths: [{ path: file, isInside: true }], diffs });
    await session.write({ requests: [edit] });
    const row = view().row('Reviewer');
    assert.match(await row.ariaLabel(), / · Reviewer\. edit src\/a\.txt, requested by /);
    await row.contextMenu(titleOf('session.showDiff'));
    await workbench()
      .editorTab(said('{file} (requested changes)', { file: 'a.txt' }))
      .waitFor();
    await workbench().screenshot('requested-changes');
    await does('dispatch', 'answer', dispatchId, '3', 'deny');
    await row.inlineAction(titleOf('session.allow'));
    await workbench().notification('was already answered by ic: deny.').waitFor();
    await workbench().clearNotifications();
    await session.write();
    await gone('Reviewer');
  });

  it('are questions with a form', async () => {
    await session.write({ requests: [{ ...QUESTION, number: 4 }] });
    await view().row('Reviewer').inlineAction(titleOf('session.answer'));
    await input().pick(said('Answer…'));
    await input().pick('New');
    await input().waitForMessage('Number of retries');
    await input().fill('many');
    await input().accept();
    await input().waitForMessage(said('Enter a whole number.'));
    await input().fill('2');
    await input().accept();
    assert.deepEqual(await session.answerTo(4), {
      kind: 'answer',
      number: 4,
      answer: 'accept',
      values: { parser: 'new', retries: 2 },
      by: 'vscode',
    });
    await session.write();
    await gone('Reviewer');
  });

  it('leave the person a word in the middle, and the end of the turn', async () => {
    const row = workbench().tree(viewName('dispatches')).row('Reviewer');
    await row.inlineAction(titleOf('session.say'));
    await input().waitFor(said('Say to Agent'));
    await input().fill('Use the new parser.');
    await input().accept();
    await input().pick(said('Now, in place of the rest of the turn'));
    const word = await session.given(({ kind }) => kind === 'say');
    assert.ok(word.kind === 'say' && word.text === 'Use the new parser.' && word.when === 'instead');
    const waiting = [{ id: 'w1', text: 'Then the docs.', by: 'vscode', atMs: 0 }];
    await session.write({ waiting });
    await row.expand();
    await workbench()
      .tree(viewName('dispatches'))
      .row(said('After this turn'))
      .inlineAction(titleOf('session.editWaiting'));
    await input().waitFor(said('Edit Waiting Text'));
    await input().fill('Then the tests.');
    await input().accept();
    const edited = await session.given(({ kind }) => kind === 'edit');
    assert.ok(edited.kind === 'edit' && edited.text === 'Then the tests.');
    await workbench().runCommand(inPalette('session.pause'));
    await session.given(({ kind }) => kind === 'pause');
    await session.write({ phase: 'paused', wantsPause: true });
    await workbench().statusItem('1 paused').waitFor();
    await row.locator.filter({ hasText: 'paused' }).waitFor();
    await session.write();
    await workbench().runCommand(inPalette('session.cancel'));
    await session.given(({ kind }) => kind === 'cancel');
  });

  it('leave the person a word with the selection and the problems of the editor', async () => {
    await writeFile(path.join(folder(), 'broken.json'), '{ "a": }\n');
    await workbench().openPalette('');
    await input().fill('broken.json');
    await input().row('broken.json').waitFor();
    await input().accept();
    const line = workbench().page.locator('.editor-instance .view-line', { hasText: '"a"' });
    await line.waitFor();
    await workbench().page.locator('.squiggly-error').first().waitFor();
    await line.click();
    await workbench().page.keyboard.press('ControlOrMeta+A');
    await workbench().statusItem('selected').waitFor();
    await workbench().runCommand(inPalette('session.say'));
    const attached = [
      { row: said('Attach the selection in {file}', { file: 'broken.json' }), toggles: 'Attached: broken.json:1-2' },
      { row: 'Attach the problems of broken.json', toggles: 'Attached: problems of broken.json' },
    ];
    await fillForm(workbench(), said('Send'), attached, 'Repair it.');
    await input().pick(said('After this turn'));
    const word = await session.given((command) => command.kind === 'say' && command.text === 'Repair it.');
    const [selection, problems, ...others] = (word.kind === 'say' && word.attachments) || [];
    assert.deepEqual(others, []);
    assert.match(JSON.stringify(selection), /"lines":\{"from":1,"to":2\}/);
    assert.match(JSON.stringify(problems), /1:8 error: Value expected/);
  });

  it('are not all allowed in advance without a confirmation', async () => {
    await workbench().runCommand(inPalette('dispatch.start'));
    const all = {
      row: 'Permissions: ',
      question: partOf('Select what agents in sessions may do without asking you', 'Select what agents in sessions'),
      pick: POLICY_WORDS.allowAll,
    };
    const agent = { row: 'Agent: ', question: said('Select an agent'), pick: 'talker' };
    await fillForm(workbench(), 'Start ', [agent, all], 'Do it');
    await workbench()
      .dialog.filter({ hasText: said('Allow this agent everything?') })
      .waitFor();
    await workbench().screenshot('allow-everything');
    await workbench().answerDialog('Cancel');
    assert.equal((await does('dispatch', 'list')).split('\n').length, 1);
  });

  it('are always allowed here by keyboard, by a rule that the running session gets', async () => {
    await session.write({ requests: [permission({ number: 6, command: 'eslint src' })] });
    await view().row('Reviewer').waitFor();
    await workbench().runCommand(inPalette('session.alwaysAllow'));
    await input().waitFor(said('Always Allow Here'));
    const rule = { folder: folder(), tools: ['execute'], command: 'eslint *', then: 'allow' };
    await input().row(JSON.stringify(rule)).waitFor();
    await input().fill('eslint with any arguments');
    await input().accept();
    assert.deepEqual(await session.answerTo(6), { kind: 'answer', number: 6, answer: 'allow', by: 'vscode' });
    // The window may have given the session the rules that there were when it adopted it.
    const command = await session.given((each) => each.kind === 'rules' && each.rules.length > 1);
    assert.deepEqual(command.kind === 'rules' && command.rules, [ASKS, rule]);
    await session.write();
    await gone('Reviewer');
  });

  it('name the rule that still decides, and are allowed once by keyboard', async () => {
    const before = (await session.commands()).filter(({ kind }) => kind === 'rules');
    await session.write({ requests: [permission({ number: 10, command: 'git log' })] });
    await view().row('Reviewer').waitFor();
    await workbench().runCommand(inPalette('session.alwaysAllow'));
    await input().waitFor(said('Always Allow Here'));
    await input()
      .row(`Rule 1 of all projects still decides: ${JSON.stringify(ASKS)}`)
      .waitFor();
    await input().fill(titleOf('session.allow'));
    await input().accept();
    assert.deepEqual(await session.answerTo(10), { kind: 'answer', number: 10, answer: 'allow', by: 'vscode' });
    const after = (await session.commands()).filter(({ kind }) => kind === 'rules');
    assert.deepEqual(after, before);
    await session.write();
    await gone('Reviewer');
  });

  it('are shown in a message where the setting asks for it, once for each', async () => {
    const settings = path.join(folder(), '.vscode', 'settings.json');
    await mkdir(path.dirname(settings), { recursive: true });
    await writeFile(settings, JSON.stringify({ 'intercore.notifications.agentRequests': true }));
    await session.write({ requests: [permission({ number: 7, command: 'npm pack' })] });
    await workbench().notification('npm pack').waitFor();
    assert.equal(existsSync(path.join(session.files.records, 'shown-7')), true);
    await workbench().answerNotification('npm pack', titleOf('session.allow'));
    assert.deepEqual(await session.answerTo(7), { kind: 'answer', number: 7, answer: 'allow', by: 'vscode' });
    await writeFile(path.join(session.files.records, 'shown-8'), '');
    const requests = [8, 9].map((number) => permission({ number, command: `npm view ${number}` }));
    await session.write({ requests });
    await workbench().notification('npm view 9').waitFor();
    assert.equal(await workbench().notification('npm view 8').count(), 0);
    await workbench().clearNotifications();
    await rm(path.dirname(settings), { recursive: true });
    await session.write();
    await gone('Reviewer');
  });

  it('leave the list of agents to the person, who refreshes it by keyboard', async () => {
    const refresh = async (): Promise<void> => {
      await input().fill(said('Refresh List'));
      await input().row(said('Refresh List')).waitFor();
      await input().accept();
    };
    const finds = async (title: string): Promise<void> => {
      await input().waitFor(said('Add Agent Kind'));
      await input().fill(title);
      await input().row(title).waitFor();
    };
    const bundled = input().row(said('The list that comes with Intercore is shown.'));
    await workbench().runCommand(inPalette('agent.addKind'));
    await bundled.waitFor();
    await refresh();
    await bundled.waitFor({ state: 'detached' });
    await finds('The pinned');
    server.answer = (response) => response.writeHead(503).end();
    await refresh();
    await workbench().notification('The server did not send the list. The earlier list is shown.').waitFor();
    await finds('The latest');
    await input().leave();
    await workbench().clearNotifications();
  });

  it('go with the agent', async () => {
    await session.write({ requests: [permission({ number: 5 })] });
    await view().row('Reviewer').waitFor();
    await does('dispatch', 'kill', dispatchId);
    await gone('Reviewer');
  });

  it('are followed by a new dispatch only where the person allows its agent', async () => {
    await workbench().runCommand(inPalette('session.continue'));
    await workbench().notification(said('There is no dispatch that this command applies to.')).waitFor();
    await workbench().clearNotifications();
    await sqlite3(databaseLocation(folder()).path, `UPDATE dispatch_processes SET session_id = 'session-1'`);
    await workbench().runCommand(inPalette('session.continue'));
    await input().waitFor(said('Continue Session'));
    await input().fill('Continue with the tests.');
    await input().accept();
    await workbench()
      .dialog.getByRole('button', { name: said('Allow'), exact: true })
      .waitFor();
    await workbench().screenshot('continue-allowed');
    await workbench().answerDialog('Cancel');
    assert.equal((await does('dispatch', 'list')).split('\n').length, 1);
  });

  it('name what is not installed where another agent kind is picked and allowed', async () => {
    await workbench().runCommand(inPalette('dispatch.handOver'));
    await input().waitFor(said('Select the agent that continues. A running one is stopped first'));
    const row = input().row('codex-acp');
    const programs = 'codex-acp, codex';
    await row.filter({ hasText: said('Not installed: {programs} not found on PATH', { programs }) }).waitFor();
    assert.equal((await input().labels())[0], 'writer');
    await workbench().screenshot('kinds-to-pick');
    await input().pick('codex-acp');
    await workbench()
      .dialog.getByText(
        said('{kind} is not installed: {programs} were not found on PATH.', { kind: 'codex-acp', programs }),
      )
      .waitFor();
    await workbench().screenshot('absent-allowed');
    await workbench().answerDialog('Cancel');
  });

  it('lead to a terminal with the sign-in where the agent was not signed in', async () => {
    await sqlite3(
      databaseLocation(folder()).path,
      `UPDATE dispatches SET agent_type = 'claude', status = 'failed', error_message = 'Not logged in';
       UPDATE dispatch_processes SET failure = 'signIn'`,
    );
    await view().row('Agent not signed in · Reviewer').inlineAction(titleOf('session.signIn'));
    const shown = workbench().page.locator('.part.panel .xterm-rows');
    await shown.filter({ hasText: /[#$%>]\s+claude auth login/ }).waitFor();
    await workbench().screenshot('agent-sign-in');
    const lines = async () => (await shown.innerText()).match(/claude\sauth\slogin/g) ?? [];
    await until(lines, ({ length }) => length === 1);
  });

  it('lead to the same work again, once the terminal of the sign-in is closed', async () => {
    const database = databaseLocation(folder()).path;
    const closes = () => workbench().runCommand('Terminal: Kill the Active Terminal Instance');
    await closes();
    await workbench()
      .notification(said('Signed in to {kind}? Its work can start again.', { kind: 'claude' }))
      .waitFor();
    await workbench().clearNotifications();
    await sqlite3(database, `UPDATE dispatches SET agent_type = 'writer'`);
    const row = view().row('Agent not signed in · Reviewer');
    await until(
      () => row.ariaLabel(),
      (label) => label.includes('writer'),
    );
    await row.inlineAction(titleOf('session.signIn'));
    await workbench().page.locator('.part.panel .xterm').waitFor();
    await closes();
    await workbench()
      .notification(said('Signed in to {kind}? Its work can start again.', { kind: 'writer' }))
      .getByRole('button', { name: said('Start Again') })
      .click();
    await workbench().answerDialog(said('Allow'));
    const columns = 'count(*), count(DISTINCT prompt_hash), count(DISTINCT name), max(agent_type)';
    const sql = `SELECT ${columns} FROM dispatches WHERE agent_type = 'writer'`;
    await until(
      () => sqlite3(database, sql),
      (rows) => rows === '2|1|1|writer',
    );
    assert.deepEqual(await sqlite3(database, `SELECT count(*) FROM dispatches WHERE name = 'Reviewer'`), '2');
    await gone('Agent not signed in · Reviewer');
  });

  it('are in dispatches that the palette tells apart by their times and prompts', async () => {
    await workbench().runCommand(inPalette('dispatch.showTranscript'));
    await input().waitFor(said('Select a dispatch'));
    const rows = await input().rows.allInnerTexts();
    await workbench().screenshot('dispatches-to-pick');
    assert.equal(rows.length, 2);
    for (const row of rows) assert.match(row, /writer · \w+ · .*\d:\d\d.*\s.*echo Thinking; exec sleep 600/);
    await input().leave();
  });
});
