/**
 * The main job: in the real workbench, on a real repository, one run from its first phase to done. Through palette,
 * trees and pickers only; afterwards the `sqlite3` program reads the same story from the file.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git, PARCEL_API } from '../../scripts/demo/repositories';
import type { AgentKind } from '../../src/contract/agentKinds';
import { BUILT_IN_AGENT_KINDS } from '../../src/services/agents/builtInKinds';
import { claudeEnvironment, codexEnvironment } from '../support/agents/environment';
import { installAgent } from '../support/agents/install';
import { reply, run as command, say, type Script } from '../support/agents/script';
import { startModelServer, type ModelServer } from '../support/agents/server';
import { sqlite3 } from '../support/records/sqlite3';
import { fillForm } from './support/forms';
import { startDispatch } from './support/startDispatch';
import { Workbench } from './support/workbench';
import { takeFailurePicture } from './support/picture';
import { inPalette, titleOf, viewName } from './support/titles';
import { partOf, said } from './support/said';

const GOAL = 'Tell people when their parcel is late';
const STEP_LIMIT_MS = 240_000;
const AGENT_LIMIT_MS = 60_000;

const commitAll = (message: string): string =>
  `git add -A && git -c user.name=Agent -c user.email=agent@example.com commit -qm "${message}"`;

/** The shell agent's prompt is its program. It takes its time, so that its log can be followed. */
const SHELL_PROMPT = [
  'echo "Reading the service"',
  'for step in 1 2 3 4 5 6; do echo "Working on step $step"; sleep 0.5; done',
  'echo "exports.isLate = (days) => days > 2;" > src/late.js',
  commitAll('Say what late means'),
  'echo "The shell agent is done"',
].join('; ');

const VERDICT = '--- VERDICT ---\nSTATUS: pass\nSUMMARY: Late parcels are reported, with a test.\n---';

const SCRIPTS: readonly Script[] = [
  {
    name: 'claude',
    prompt: 'Write the test',
    turns: [
      reply(
        [
          say('I will write a test for late parcels.'),
          command(`echo "require('../src/late');" > test/late.test.js && ${commitAll('Test late parcels')}`),
        ],
        { input: 1200, cacheRead: 300, output: 80 },
      ),
      reply([say('The test is written and committed.')], { input: 40, cacheRead: 1500, output: 12 }),
    ],
  },
  {
    name: 'codex',
    prompt: 'Review the change',
    turns: [
      reply(
        [say('I will check the history.'), command(`echo reviewed > REVIEW.md && ${commitAll('Review the change')}`)],
        {
          input: 900,
          output: 60,
        },
      ),
      reply([say(VERDICT)], { input: 1000, output: 40 }),
    ],
  },
];

describe('the main job', function () {
  this.timeout(STEP_LIMIT_MS);

  let folder: string;
  let repository: string;
  let models: ModelServer;
  let workbench: Workbench;
  let picture = 0;

  before('make a repository, agents and a window', async function () {
    this.timeout(600_000);
    const claude = await installAgent('claude');
    const codex = await installAgent('codex');
    if (claude.kind !== 'installed' || codex.kind !== 'installed') return this.skip();
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'intercore-')));
    repository = path.join(folder, 'parcel-api');
    await createRepository(repository, PARCEL_API);
    models = await startModelServer(SCRIPTS);
    const world = (name: string) => ({ url: models.url, home: path.join(folder, name) });
    const kinds = [
      builtIn('claude', claude.binary, await claudeEnvironment(world('claude-home'))),
      builtIn('codex', codex.binary, await codexEnvironment(world('codex-home'))),
    ];
    workbench = await Workbench.open({
      opens: { kind: 'folder', path: repository },
      settings: { 'intercore.agents.kinds': kinds },
      width: 1280,
      height: 800,
      scale: 2,
    });
    await workbench.widenSidebar(420);
  });

  afterEach('keep what a failed step saw', async function () {
    if (this.currentTest?.state !== 'failed') return;
    console.log(`      picture: ${await takeFailurePicture(workbench.page, this.currentTest.fullTitle())}`);
    for (const line of workbench.session.console.slice(-15)) console.log(`      console: ${line}`);
    await workbench.page.keyboard.press('Escape');
  });

  after('close the window', async () => {
    await workbench.close();
    await models.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });

  const shoot = (name: string): Promise<string> =>
    workbench.screenshot(`run-${String(++picture)}-${name}`, 'documentation');
  const runs = () => workbench.tree(viewName('runs'));
  const dispatches = () => workbench.tree(viewName('dispatches'));
  const head = async (): Promise<string> => (await git(repository, ['log', '-1', '--format=%s'])).trim();

  /** Waits until the run's row says this. */
  const runSays = (text: string | RegExp): Promise<void> =>
    runs().row(GOAL).locator.filter({ hasText: text }).waitFor();

  /** Adds a file through the Explorer's context menu and advances from the run's row. */
  async function passWith(file: string, from: string, to: string): Promise<void> {
    await writeFile(path.join(repository, file), `# ${from}\n\nWhat ${from} left behind.\n`);
    await workbench.explorerMenu(file, titleOf('artifact.add'));
    await workbench.openContainer('Intercore');
    await runs().row(GOAL).inlineAction(titleOf('run.advance'));
    await runSays(to);
  }

  const start = (kind: string, prompt: string, name: string) =>
    startDispatch(workbench, { kind, run: GOAL, prompt, name, isNewKind: kind !== 'shell' });

  const ends = (name: string, state: string): Promise<void> =>
    dispatches().row(name).locator.filter({ hasText: state }).waitFor({ timeout: AGENT_LIMIT_MS });

  it('initializes the record from the welcome view', async () => {
    await workbench.openContainer('Intercore');
    await runs()
      .welcome.getByRole('button', { name: /Initialize Intercore/ })
      .or(runs().welcome.getByText(titleOf('database.initialize')))
      .first()
      .click();
    await runs().welcome.getByText('There are no runs yet').waitFor();
  });

  it('creates a run on the default chain, through the palette', async () => {
    const input = workbench.quickInput;
    await workbench.runCommand(inPalette('run.create'));
    await input.waitFor(said('What should be true when the run is done?'));
    await input.fill('  ');
    await input.accept();
    await input.title.filter({ hasText: said('The goal must not be empty.') }).waitFor();
    await input.fill(GOAL);
    await input.title
      .filter({ hasText: partOf('The goal must not be empty.', 'must not be empty') })
      .waitFor({ state: 'detached' });
    await shoot('create-run');
    const budget = {
      row: said('Token budget: none'),
      question: partOf('Token budget (leave empty for none)', 'Token budget (leave empty'),
      text: '200000',
    };
    await fillForm(workbench, said('Create the run'), [budget], GOAL);
    await runSays('brainstorm');
    await runs().row(GOAL).expand();
  });

  it('is refused by the hard gate, and the report says what is missing', async () => {
    await runs().row(GOAL).inlineAction(titleOf('run.advance'));
    await workbench.answerNotification(
      partOf(
        'Run {id} stays in {phase}. Conditions of its gate that are not met: {failed} of {all}.',
        'Conditions of its gate',
      ),
      said('Show Report'),
    );
    await workbench.page.locator('.part.editor').getByText('[FAIL] An artifact of phase brainstorm').waitFor();
    await shoot('gate-blocked');
    const report = await workbench.editorText();
    assert.match(report, /Gate from brainstorm to brainstorm-reviewed: not satisfied/);
    assert.match(report, /To do +Add an artifact to phase brainstorm of this run\./);
  });

  it('passes once an artifact is added from the Explorer', async () => {
    await passWith('IDEA.md', 'brainstorm', 'brainstorm-reviewed');
    await shoot('first-gate-passed');
  });

  it('continues to executing, phase by phase', async () => {
    await passWith('REVIEWED.md', 'brainstorm-reviewed', 'strategized');
    await passWith('STRATEGY.md', 'strategized', 'planned');
    await passWith('PLAN.md', 'planned', 'executing');
    await git(repository, ['add', '--all']);
    await git(repository, ['commit', '--quiet', '--message', 'Plan late parcels']);
  });

  it('follows the log of a shell agent that commits', async () => {
    await start('shell', SHELL_PROMPT, 'Late parcels');
    await dispatches().row('Late parcels').click();
    await workbench.page.locator('.part.editor').getByText('Working on step 1').waitFor({ timeout: AGENT_LIMIT_MS });
    await workbench.statusItem('Intercore Log').waitFor();
    await workbench.page
      .locator('.part.editor')
      .getByText('The shell agent is done')
      .waitFor({ timeout: AGENT_LIMIT_MS });
    await ends('Late parcels', 'completed');
    assert.equal(await head(), 'Say what late means');
    assert.equal(
      await readFile(path.join(repository, 'src/late.js'), 'utf8'),
      'exports.isLate = (days) => days > 2;\n',
    );
  });

  it('is not let into review while an agent works, and then is', async () => {
    await start('claude', 'Write the test', 'Claude writes');
    await ends('Claude writes', 'completed');
    assert.equal(await head(), 'Test late parcels');
    await dispatches().row('Claude writes').click();
    await workbench.page.locator('.part.editor').getByText('The test is written and committed.').first().waitFor();
    await shoot('claude-log');
    await runs().row(GOAL).inlineAction(titleOf('run.advance'));
    await runSays('review');
  });

  it("needs a verdict, which the codex agent's review gives", async () => {
    await runs().row(GOAL).inlineAction(titleOf('run.advance'));
    await workbench
      .notification(
        partOf(
          'Run {id} stays in {phase}. Conditions of its gate that are not met: {failed} of {all}.',
          'Conditions of its gate',
        ),
      )
      .first()
      .waitFor();
    await workbench.clearNotifications();
    await start('codex', 'Review the change', 'Codex reviews');
    await ends('Codex reviews', 'completed');
    assert.equal(await head(), 'Review the change');
    await dispatches().row('Codex reviews').click();
    await shoot('codex-verdict');
    await runs().row(GOAL).inlineAction(titleOf('run.advance'));
    await runSays('polish');
    await runs().row(GOAL).inlineAction(titleOf('run.advance'));
    await runSays('reflect');
  });

  it('is overridden at the last gate, with a reason, and completes', async () => {
    const input = workbench.quickInput;
    await runs().row(GOAL).contextMenu(titleOf('gate.override'));
    await input.waitFor(
      partOf('Reason for overriding the gate of run {id}. It is stored as evidence.', 'It is stored as evidence'),
    );
    await input.accept();
    await input.waitForMessage(said('Enter a reason.'));
    await input.fill('Nothing to reflect on: the change is small');
    await shoot('override');
    await input.accept();
    await workbench.page.getByRole('treeitem', { name: /1 run/ }).first().waitFor();
    await workbench.runCommand(inPalette('run.showEvents'));
    await workbench.page.locator('.part.editor').getByText('Nothing to reflect on').first().waitFor();
    await shoot('completed');
  });

  it('asked the models for exactly what the scripts expect', () => {
    assert.deepEqual(models.errors, []);
  });

  it('left the same story in the file, as the sqlite3 program reads it', async () => {
    const database = path.join(repository, '.clavain/intercore.db');
    const query = async (sql: string): Promise<string[]> => (await sqlite3(database, sql)).split('\n');
    assert.deepEqual(await query('PRAGMA integrity_check'), ['ok']);
    assert.deepEqual(await query('PRAGMA user_version'), ['10']);
    assert.deepEqual(await query('SELECT goal, status, phase, token_budget FROM runs'), [
      `${GOAL}|completed|done|200000`,
    ]);
    assert.deepEqual(
      await query('SELECT event_type, from_phase, to_phase, gate_result, gate_tier FROM phase_events ORDER BY id'),
      [
        'block|brainstorm|brainstorm-reviewed|fail|hard',
        'advance|brainstorm|brainstorm-reviewed|pass|hard',
        'advance|brainstorm-reviewed|strategized|pass|hard',
        'advance|strategized|planned|pass|hard',
        'advance|planned|executing|pass|hard',
        'advance|executing|review|pass|hard',
        'block|review|polish|fail|hard',
        'advance|review|polish|pass|hard',
        'advance|polish|reflect|pass|hard',
        'override|reflect|done|fail|hard',
      ],
    );
    assert.deepEqual(await query('SELECT phase, path, status FROM run_artifacts ORDER BY rowid'), [
      'brainstorm|IDEA.md|active',
      'brainstorm-reviewed|REVIEWED.md|active',
      'strategized|STRATEGY.md|active',
      'planned|PLAN.md|active',
    ]);
    assert.deepEqual(
      await query(
        'SELECT agent_type, name, status, exit_code, verdict_status, input_tokens, output_tokens FROM dispatches ORDER BY rowid',
      ),
      [
        'shell|Late parcels|completed|0||0|0',
        'claude|Claude writes|completed|0||1240|92',
        'codex|Codex reviews|completed|0|pass|1900|100',
      ],
    );
    assert.deepEqual(await query('SELECT status, count(*) FROM run_agents GROUP BY status'), ['completed|3']);
    assert.deepEqual(
      await query('SELECT from_status, to_status, count(*) FROM dispatch_events GROUP BY 1, 2 ORDER BY 1'),
      ['running|completed|3', 'spawned|running|3'],
    );
  });
});

/** The built-in kind with its real command line, run from where the test installed it and with loopback as its world. */
function builtIn(name: string, binary: string, world: Readonly<Record<string, string>>): AgentKind {
  const kind = BUILT_IN_AGENT_KINDS.find((known) => known.name === name);
  assert.ok(kind, `there is a built-in kind ${name}`);
  const env = Object.fromEntries(Object.entries(world).filter(([variable]) => variable !== 'PATH'));
  return { ...kind, command: binary, env };
}
