/** Wizards and questions: Back keeps what was answered, Esc and Cancel change nothing, and bad input is said at once. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ic } from '../support/ic/ic';
import { sqlite3 } from '../support/records/sqlite3';
import { startDispatch } from './support/startDispatch';
import { withWorkbench } from './support/withWorkbench';

const GOAL = 'Find out how far Back goes';
const WORDS = '# "Quoted" & **bold**, `code`, <b>tag</b>, $(bug), [link](command:x)';
const LONG_GOAL = `${WORDS}\n\n${'The rest of it continues.\n'.repeat(4300)}end`;
const AGENT_LIMIT_MS = 60_000;

describe('the wizards and questions', function () {
  this.timeout(240_000);
  const workbench = withWorkbench({ opens: 'folder' });

  const folder = (): string => {
    const { opened } = workbench().session;
    if (opened.kind !== 'folder') throw new Error('this test opens a folder');
    return opened.path;
  };
  const database = () => path.join(folder(), '.clavain/intercore.db');
  const rows = (sql: string) => sqlite3(database(), sql);
  const input = () => workbench().quickInput;
  const runs = () => workbench().tree('Runs');
  const dispatches = () => workbench().tree('Dispatches');
  const back = () => input().widget.getByRole('button', { name: 'Back' }).click();

  const activeLabel = () => input().widget.locator('.monaco-list-row.focused .label-name').first().innerText();

  /** Each question of Create Run on a chain of one's own, with an answer. */
  const CREATE: readonly (readonly [question: string, answer: () => Promise<void>])[] = [
    ['What should be true when the run is done?', () => answer(GOAL)],
    ['Select the phases of the run', () => input().pick('Custom…')],
    ['Phases in order', () => answer('one, two three')],
    ['Token budget', () => answer('12 000')],
  ];

  async function answer(text: string): Promise<void> {
    await input().fill(text);
    await input().accept();
  }

  /** Opens Create Run and answers the questions before this one. */
  async function createUpTo(step: number): Promise<void> {
    await workbench().runCommand('Intercore: Create Run…');
    for (const [question, give] of CREATE.slice(0, step)) {
      await input().waitFor(question);
      await give();
    }
    await input().waitFor(CREATE[step]?.[0] ?? '');
  }

  /** Runs `work` and compares the whole file before and after. */
  async function changesNothing(work: () => Promise<void>): Promise<void> {
    const before = await readFile(database());
    await work();
    assert.ok(before.equals(await readFile(database())), 'the database is as it was');
    assert.equal(await workbench().notification().count(), 0, 'nothing is shown');
  }

  before('make a record', async () => {
    assert.equal((await ic(['init'], { cwd: folder() })).code, 0);
    await workbench().openContainer('Intercore');
    await runs().welcome.getByText('There are no runs yet').waitFor();
    await workbench().widenSidebar(420);
  });

  for (const [step, [question]] of CREATE.entries()) {
    it(`changes nothing when Esc ends Create Run at “${question}”`, () =>
      changesNothing(async () => {
        await createUpTo(step);
        await input().cancel();
      }));
  }

  it('says what is wrong with a chain while it is typed', () =>
    changesNothing(async () => {
      await createUpTo(2);
      await input().fill('alone');
      await input().waitForMessage(/at least 2 phases/);
      await input().accept();
      await input().fill('one two one');
      await input().waitForMessage(/duplicate phase "one"/);
      await input().fill('one tw/o');
      await input().waitForMessage(/invalid phase name "tw\/o"/);
      await workbench().screenshot('wizard-chain');
      await input().cancel();
    }));

  it('says what is wrong with a budget', () =>
    changesNothing(async () => {
      await createUpTo(3);
      for (const budget of ['-5', '0', 'many', '1e9', '99999999999999999999']) {
        await input().fill(budget);
        await input().waitForMessage('Enter a whole number greater than 0.');
      }
      await input().accept();
      await input().waitForMessage('Enter a whole number greater than 0.');
      await input().cancel();
    }));

  it('keeps every answer over Back and creates what was answered last', async () => {
    await createUpTo(3);
    await back();
    await input().waitFor('Phases in order');
    assert.equal(await input().input.inputValue(), 'one, two three');
    await back();
    await input().waitFor('Select the phases of the run');
    assert.equal(await activeLabel(), 'Custom…');
    await back();
    await input().waitFor('What should be true');
    assert.equal(await input().input.inputValue(), GOAL);
    assert.equal(await input().widget.getByRole('button', { name: 'Back' }).count(), 0);
    await input().accept();
    await input().waitFor('Select the phases');
    await input().accept();
    await input().waitFor('Phases in order');
    await input().accept();
    await input().waitFor('Token budget');
    await input().fill('12 000');
    await input().accept();
    await runs().row(GOAL).waitFor();
    assert.equal(await rows('SELECT goal, phases, token_budget FROM runs'), `${GOAL}|["one","two","three"]|12000`);
  });

  it('shows 100 kB of newlines, markdown and quotes as one row, and literally in the hover', async () => {
    assert.ok(LONG_GOAL.length > 100_000);
    await workbench().page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(LONG_GOAL)})`);
    await workbench().runCommand('Intercore: Create Run…');
    await input().waitFor('What should be true');
    await input().input.press('ControlOrMeta+V');
    await input().accept();
    await input().waitFor('Select the phases');
    await input().pick('Quick');
    await input().waitFor('Token budget');
    await input().accept();
    const row = runs().rows.filter({ hasText: WORDS });
    await row.waitFor();
    assert.ok(((await row.locator('.label-name').textContent()) ?? '').startsWith(WORDS));
    assert.equal(await row.locator('.label-name .codicon, .label-name b').count(), 0);
    assert.ok(Number(await rows('SELECT max(length(goal)) FROM runs')) > 100_000);
    // Not its label: bringing the middle of so long a one into sight would scroll its beginning away.
    await row.hover();
    const hover = workbench().page.locator('.monaco-hover').filter({ hasText: 'Phases' });
    await hover.waitFor({ state: 'attached' });
    const title = (await hover.locator('strong').first().textContent()) ?? '';
    assert.ok(title.startsWith('# "Quoted" & **bold**, `code`, <b>tag</b>, $(bug), [link](command:x)'), title);
    assert.equal(await hover.locator('.codicon, a, b, em, h1').count(), 0);
    await workbench().screenshot('wizard-long-goal');
  });

  it('keeps a prompt over Back, and starts nothing on Esc', () =>
    changesNothing(async () => {
      await workbench().runCommand('Intercore: Start Dispatch…');
      await input().waitFor('Select an agent');
      await input().pick('shell');
      await input().waitFor('Select a run for the dispatch (optional)');
      await input().pick(GOAL);
      await input().waitFor('Select the source of the prompt');
      await input().pick('Enter Text');
      await input().waitFor('What should the agent do?');
      await answer('echo typed');
      await input().waitFor('Dispatch name');
      await answer('A name');
      await input().waitFor('Model (leave empty');
      await back();
      await input().waitFor('Dispatch name');
      assert.equal(await input().input.inputValue(), 'A name');
      await back();
      await input().waitFor('What should the agent do?');
      assert.equal(await input().input.inputValue(), 'echo typed');
      await back();
      await input().waitFor('Select the source of the prompt');
      await back();
      await input().waitFor('Select a run for the dispatch (optional)');
      assert.equal(await activeLabel(), GOAL);
      await back();
      await input().waitFor('Select an agent');
      assert.equal(await activeLabel(), 'shell');
      await input().cancel();
    }));

  it('asks before a kill, and kills on yes only', async () => {
    const row = await startDispatch(workbench(), { kind: 'shell', run: GOAL, prompt: 'exec sleep 600', name: 'Long' });
    await row.locator.filter({ hasText: 'running' }).waitFor({ timeout: AGENT_LIMIT_MS });
    await changesNothing(async () => {
      await row.contextMenu('Kill Dispatch…');
      await workbench().dialog.getByText('The agent stops immediately.').waitFor();
      await workbench().screenshot('wizard-kill');
      await workbench().answerDialog('Cancel');
    });
    assert.equal(await rows('SELECT status FROM dispatches'), 'running');
    await row.contextMenu('Kill Dispatch…');
    await workbench().answerDialog('Kill');
    await dispatches().row('Long').locator.filter({ hasText: 'cancelled' }).waitFor({ timeout: AGENT_LIMIT_MS });
    assert.equal(await rows('SELECT status FROM dispatches'), 'cancelled');
  });

  it('asks before a rollback, and rolls back on yes only', async () => {
    await runs().row(GOAL).inlineAction('Advance Run');
    await runs().row(GOAL).locator.filter({ hasText: 'two' }).waitFor();
    await runs().row(GOAL).expand();
    await changesNothing(async () => {
      await runs().row('one').contextMenu('Roll Run Back…');
      await workbench().dialog.getByText('no longer count').waitFor();
      await workbench().screenshot('wizard-rollback');
      await workbench().answerDialog('Cancel');
    });
    await runs().row('one').contextMenu('Roll Run Back…');
    await workbench().answerDialog('Roll Back');
    await runs().row('two').locator.filter({ hasText: 'to come' }).waitFor();
    assert.equal(await rows(`SELECT phase FROM runs WHERE goal = '${GOAL}'`), 'one');
  });

  it('asks before a cancel, and cancels on yes only', async () => {
    await changesNothing(async () => {
      await runs().row(GOAL).contextMenu('Cancel Run…');
      await workbench().dialog.waitFor();
      await workbench().page.keyboard.press('Escape');
      await workbench().dialog.waitFor({ state: 'detached' });
    });
    await runs().row(GOAL).contextMenu('Cancel Run…');
    await workbench().answerDialog('Cancel Run');
    await runs().row(GOAL).locator.filter({ hasText: 'canceled in' }).waitFor();
    assert.equal(await rows(`SELECT status FROM runs WHERE goal = '${GOAL}'`), 'cancelled');
  });
});
