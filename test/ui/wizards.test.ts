/** Forms, wizards and questions: Back keeps what was answered, Esc and Cancel change nothing, and bad input is said at once. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ic } from '../support/ic/ic';
import { itLong, itLongIf } from '../support/long';
import { sqlite3 } from '../support/records/sqlite3';
import { startDispatch } from './support/startDispatch';
import { withWorkbench } from './support/withWorkbench';
import { inPalette, titleOf, viewName } from './support/titles';
import { partOf, said } from './support/said';

const GOAL = 'Find out how far Back goes';
const WORDS = '# "Quoted" & **bold**, `code`, <b>tag</b>, $(bug), [link](command:x)';
const LONG_GOAL = `${WORDS}\n\n${'The rest of it continues.\n'.repeat(800)}end`;
const AGENT_LIMIT_MS = 60_000;

describe('the wizards and questions', function () {
  this.timeout(240_000);
  const workbench = withWorkbench({ opens: 'folder', settings: { 'intercore.agents.default': 'shell' } });

  const folder = (): string => {
    const { opened } = workbench().session;
    if (opened.kind !== 'folder') throw new Error('this test opens a folder');
    return opened.path;
  };
  const database = () => path.join(folder(), '.clavain/intercore.db');
  const rows = (sql: string) => sqlite3(database(), sql);
  const input = () => workbench().quickInput;
  const runs = () => workbench().tree(viewName('runs'));
  const dispatches = () => workbench().tree(viewName('dispatches'));
  const back = () => input().widget.getByRole('button', { name: 'Back' }).click();

  /** Where Create Run can be left, with the way there from its form. */
  const CREATE: readonly (readonly [question: string, open: () => Promise<void>])[] = [
    [said('What should be true when the run is done?'), () => Promise.resolve()],
    [said('Select the phases of the run'), () => input().pickIn(input().formRow('Phases: '))],
    [
      partOf('Phases in order, separated by spaces or commas', 'Phases in order'),
      async () => {
        await input().pickIn(input().formRow('Phases: '));
        await input().waitFor(said('Select the phases of the run'));
        await input().pick(said('Custom…'));
      },
    ],
    [
      partOf('Token budget (leave empty for none)', 'Token budget (leave empty'),
      () => input().pickIn(input().formRow('Token budget: ')),
    ],
  ];

  async function answer(text: string): Promise<void> {
    await input().fill(text);
    await input().accept();
  }

  /** Opens Create Run with a goal in it, and goes to one of its questions. */
  async function createUpTo(step: number): Promise<void> {
    await workbench().runCommand(inPalette('run.create'));
    await input().waitFor(said('What should be true when the run is done?'));
    await input().fill(GOAL);
    const [question, open] = CREATE[step] ?? assert.fail();
    await open();
    if (step > 0) await input().waitFor(question);
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
    const itThere = itLongIf(step > 0 && step < CREATE.length - 1);
    itThere(`changes nothing when Esc ends Create Run at “${question}”`, () =>
      changesNothing(async () => {
        await createUpTo(step);
        await input().cancel();
      }),
    );
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

  itLong('says what is wrong with a budget', () =>
    changesNothing(async () => {
      await createUpTo(3);
      for (const budget of ['-5', '0', 'many', '1e9', '99999999999999999999']) {
        await input().fill(budget);
        await input().waitForMessage(said('Enter a whole number greater than 0.'));
      }
      await input().accept();
      await input().waitForMessage(said('Enter a whole number greater than 0.'));
      await input().cancel();
    }),
  );

  it('keeps every answer over Back and creates what was answered last', async () => {
    await createUpTo(2);
    await answer('one, two three');
    await input().formRow('Phases: one → two → three').waitFor();
    assert.equal(await input().input.inputValue(), GOAL);
    await input().pickIn(input().formRow(said('Token budget: none')));
    await input().waitFor(partOf('Token budget (leave empty for none)', 'Token budget (leave empty'));
    await answer('12 000');
    await input().formRow('Token budget: 12000').waitFor();
    await input().pickIn(input().formRow('Phases: '));
    await input().waitFor(said('Select the phases of the run'));
    await back();
    await input().formRow(said('Create the run')).waitFor();
    assert.equal(await input().widget.getByRole('button', { name: 'Back' }).count(), 0);
    await input().accept();
    await runs().row(GOAL).waitFor();
    assert.equal(await rows('SELECT goal, phases, token_budget FROM runs'), `${GOAL}|["one","two","three"]|12000`);
  });

  it('shows 20 kB of newlines, markdown and quotes as one row, and literally in the hover', async () => {
    assert.ok(LONG_GOAL.length > 20_000);
    await workbench().page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(LONG_GOAL)})`);
    await workbench().runCommand(inPalette('run.create'));
    await input().waitFor(partOf('What should be true when the run is done?', 'What should be true'));
    await input().pickIn(input().formRow('Phases: '));
    await input().waitFor(said('Select the phases of the run'));
    await input().pick('Quick');
    await input().formRow('Phases: executing').waitFor();
    await input().input.press('ControlOrMeta+V');
    await input().accept();
    const row = runs().rows.filter({ hasText: WORDS });
    await row.waitFor();
    assert.ok(((await row.locator('.label-name').textContent()) ?? '').startsWith(`executing · ${WORDS}`));
    assert.equal(await row.locator('.label-name .codicon, .label-name b').count(), 0);
    assert.ok(Number(await rows('SELECT max(length(goal)) FROM runs')) > 20_000);
    // Not its label: bringing the middle of so long a one into sight would scroll its beginning away.
    await row.hover();
    const hover = workbench()
      .page.locator('.monaco-hover')
      .filter({ hasText: said('Phases') });
    await hover.waitFor({ state: 'attached' });
    const title = (await hover.locator('strong').first().textContent()) ?? '';
    assert.ok(title.startsWith('# "Quoted" & **bold**, `code`, <b>tag</b>, $(bug), [link](command:x)'), title);
    assert.equal(await hover.locator('.codicon, a, b, em, h1').count(), 0);
    await workbench().screenshot('wizard-long-goal');
  });

  itLong('keeps a prompt over Back, and starts nothing on Esc', () =>
    changesNothing(async () => {
      await workbench().runCommand(inPalette('dispatch.start'));
      await input().waitFor(said('What should the agent do?'));
      await input().fill('echo typed');
      for (const [row, question] of [
        ['Agent: ', said('Select an agent')],
        ['Run: ', said('Select a run for the dispatch (optional)')],
        ['Model: ', partOf("Model (leave empty for the agent's default)", 'Model (leave empty')],
      ]) {
        await input().pickIn(input().formRow(row ?? ''));
        await input().waitFor(question ?? '');
        await back();
        await input().formRow('Start ').waitFor();
        assert.equal(await input().input.inputValue(), 'echo typed');
      }
      await workbench().screenshot('wizard-dispatch');
      await input().cancel();
    }),
  );

  itLong('asks before a kill, and kills on yes only', async () => {
    const row = await startDispatch(workbench(), { kind: 'shell', run: GOAL, prompt: 'exec sleep 600', name: 'Long' });
    await row.locator.filter({ hasText: 'running' }).waitFor({ timeout: AGENT_LIMIT_MS });
    await changesNothing(async () => {
      await row.contextMenu(titleOf('dispatch.kill'));
      await workbench()
        .dialog.getByText(
          partOf(
            'The agent stops immediately. Files already written are kept; work in progress is lost.',
            'The agent stops immediately.',
          ),
        )
        .waitFor();
      await workbench().screenshot('wizard-kill');
      await workbench().answerDialog('Cancel');
    });
    assert.equal(await rows('SELECT status FROM dispatches'), 'running');
    await row.contextMenu(titleOf('dispatch.kill'));
    await workbench().answerDialog(said('Kill'));
    await dispatches().row('Long').locator.filter({ hasText: 'cancelled' }).waitFor({ timeout: AGENT_LIMIT_MS });
    assert.equal(await rows('SELECT status FROM dispatches'), 'cancelled');
  });

  itLong('asks before a rollback, and rolls back on yes only', async () => {
    await runs().row(GOAL).inlineAction(titleOf('run.advance'));
    await runs().row(GOAL).locator.filter({ hasText: 'two' }).waitFor();
    await runs().row(GOAL).expand();
    await changesNothing(async () => {
      await runs().row('one').contextMenu(titleOf('run.rollback'));
      await workbench()
        .dialog.getByText(
          partOf(
            'Artifacts of {phases} no longer count. The agents of the run are marked as failed, and their processes are stopped.',
            'no longer count',
          ),
        )
        .waitFor();
      await workbench().screenshot('wizard-rollback');
      await workbench().answerDialog('Cancel');
    });
    await runs().row('one').contextMenu(titleOf('run.rollback'));
    await workbench().answerDialog(said('Roll Back'));
    await runs()
      .row('two')
      .locator.filter({ hasText: said('to come') })
      .waitFor();
    assert.equal(await rows(`SELECT phase FROM runs WHERE goal = '${GOAL}'`), 'one');
  });

  it('starts the usual agent for the newest run with two Enters', async () => {
    await workbench().runCommand(inPalette('dispatch.start'));
    await input().formRow('Start shell for “# "Quoted"').waitFor();
    await input().accept();
    const row = dispatches().row('shell');
    await row.waitFor();
    assert.equal(await rows("SELECT count(*) FROM dispatches WHERE agent_type = 'shell' AND name IS NULL"), '1');
    // Its end is recorded before the next test compares the database.
    await row.locator.filter({ hasText: 'completed' }).waitFor({ timeout: AGENT_LIMIT_MS });
  });

  itLong('asks before a cancel, and cancels on yes only', async () => {
    await changesNothing(async () => {
      await runs().row(GOAL).contextMenu(titleOf('run.cancel'));
      await workbench().dialog.waitFor();
      await workbench().page.keyboard.press('Escape');
      await workbench().dialog.waitFor({ state: 'detached' });
    });
    await runs().row(GOAL).contextMenu(titleOf('run.cancel'));
    await workbench().answerDialog(said('Cancel Run'));
    await runs().row(GOAL).locator.filter({ hasText: 'canceled in' }).waitFor();
    assert.equal(await rows(`SELECT status FROM runs WHERE goal = '${GOAL}'`), 'cancelled');
  });
});
