/**
 * One change over three repositories, from the wizard to done: in the real workbench, beside an `ic portfolio relay`.
 * Afterwards the `sqlite3` program reads the same story from the four databases.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git, PARCEL_API, PARCEL_WEB, type Commit } from '../../scripts/demo/repositories';
import { ic, IC_SCRIPT } from '../support/ic/ic';
import { sqlite3 } from '../support/records/sqlite3';
import { writeWorkspace } from '../support/vscode/fixtures';
import type { TreeRow } from './support/tree';
import { fillForm } from './support/forms';
import { withWorkbench } from './support/withWorkbench';
import { inPalette, titleOf, viewName } from './support/titles';
import { describeLong } from '../support/long';
import { partOf, said } from './support/said';

const GOAL = 'Call the place of a parcel its location';
const NAMES = ['parcel-api', 'parcel-web', 'parcel-app'] as const;
type Name = (typeof NAMES)[number];

/** High enough for four views, so that no row of the story is out of sight. */
const SIZE = { width: 1280, height: 1200 };

const PARCEL_APP: readonly Commit[] = [
  { message: 'Start the app', files: { 'README.md': '# Parcel App\n\nThe page, on a telephone.\n' } },
  { message: 'Show the place', files: { 'app.js': "exports.title = (parcel) => parcel.place ?? 'Nowhere';\n" } },
];

describeLong('a portfolio, from the wizard to done', function () {
  this.timeout(180_000);

  let parent: string;
  let relay: ChildProcess | undefined;
  const dir = (name: Name): string => path.join(parent, name);
  const home = (): string => path.join(parent, '.clavain/portfolio.db');
  const record = (name: Name): string => path.join(dir(name), '.clavain/intercore.db');
  const query = async (file: string, sql: string): Promise<string[]> =>
    (await sqlite3(file, sql)).split('\n').filter((line) => line !== '');

  const workbench = withWorkbench(async () => {
    parent = await realpath(await mkdtemp(path.join(tmpdir(), 'intercore-')));
    await createRepository(dir('parcel-api'), PARCEL_API);
    await createRepository(dir('parcel-web'), PARCEL_WEB);
    await createRepository(dir('parcel-app'), PARCEL_APP);
    const file = await writeWorkspace(path.join(parent, 'parcels.code-workspace'), NAMES);
    return { opens: { kind: 'workspace', path: file }, ...SIZE, scale: 2 };
  });
  after('end the relay and remove the folders', async () => {
    relay?.kill('SIGKILL');
    await rm(parent, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });

  const input = () => workbench().quickInput;
  const view = () => workbench().tree(viewName('portfolio'));
  const dispatches = () => workbench().tree(viewName('dispatches'));
  const editor = () => workbench().page.locator('.part.editor');
  const says = (row: TreeRow, text: string | RegExp): Promise<void> => row.locator.filter({ hasText: text }).waitFor();
  const id = async (): Promise<string> => (await query(home(), "SELECT id FROM runs WHERE project_dir = ''"))[0] ?? '';
  const childId = async (name: Name): Promise<string> => (await query(record(name), 'SELECT id FROM runs'))[0] ?? '';

  async function answer(question: string, text: string): Promise<void> {
    await input().waitFor(question);
    await input().fill(text);
    await input().accept();
  }

  async function pick(question: string, row: string): Promise<void> {
    await input().waitFor(question);
    await input().pick(row);
  }

  /** Starts an agent from the child's row; it commits once it is let go. */
  async function start(project: Name, name: string): Promise<void> {
    const work = [
      `echo "${name}"; until [ -e ${path.join(parent, `go-${project}`)} ]; do sleep 0.2; done`,
      `echo "// place is called location" >> CHANGES && git add -A && git commit -qm "${name}"`,
    ].join('; ');
    await view().row(project).inlineAction(titleOf('dispatch.start'));
    const changes = [
      { row: 'Agent: ', question: said('Select an agent'), pick: 'shell' },
      { row: 'Name: ', question: 'Dispatch name', text: name },
    ];
    await fillForm(workbench(), 'Start ', changes, work);
  }

  const letGo = (name: Name): Promise<void> => writeFile(path.join(parent, `go-${name}`), '');

  it('is made by the wizard, over three repositories', async () => {
    await workbench().openContainer('Intercore');
    await workbench().widenSidebar(520);
    await workbench().runCommand(inPalette('portfolio.create'));
    await answer(said('What should be true when the run is done?'), GOAL);
    await input().waitFor(said('Select the folders of the portfolio'));
    await input().pickMany(NAMES);
    await pick(said('Select the phases of the run'), said('Custom…'));
    await answer(
      partOf('Phases in order, separated by spaces or commas', 'Phases in order'),
      'executing → review → done',
    );
    await answer(
      partOf(
        'Maximum concurrent dispatches in all folders (leave empty for no limit)',
        'Maximum concurrent dispatches',
      ),
      '2',
    );
    await answer(said('Token budget'), '');
    await input().waitFor(
      partOf('Select dependencies between folders (optional)', 'Select dependencies between folders'),
    );
    await input().pickMany([]);
    await view().row(GOAL).waitFor();
    await workbench().tree(viewName('tasks')).collapse();
    assert.deepEqual(await query(home(), "SELECT status, phase, max_dispatches FROM runs WHERE project_dir = ''"), [
      'active|executing|2',
    ]);
    for (const name of NAMES) {
      assert.deepEqual(await query(record(name), 'SELECT parent_run_id, goal FROM runs'), [`${await id()}|${GOAL}`]);
    }
  });

  it('gets its dependencies by picker and by drag and drop, and none that closes a circle', async () => {
    await view().row(GOAL).contextMenu(titleOf('portfolio.addDependency'));
    await pick(said('Select the downstream project'), 'parcel-web');
    await pick(said('Select the project that {project} depends on', { project: 'parcel-web' }), 'parcel-api');
    await says(
      view().row('parcel-web'),
      said('waits for {0} (at {1}, needs {2})', { 0: 'parcel-api', 1: 'executing', 2: 'review' }),
    );
    const [api, web, app] = NAMES.map((name) => view().row(name).locator.locator('.label-name'));
    assert.ok(api && web && app);
    await app.dragTo(web);
    await says(
      view().row('parcel-app'),
      said('waits for {0} (at {1}, needs {2})', { 0: 'parcel-web', 1: 'executing', 2: 'review' }),
    );
    await api.dragTo(app);
    await workbench().notification('parcel-app → parcel-api → parcel-web → parcel-app').first().waitFor();
    await workbench().clearNotifications();
    const labels = await view().labels();
    assert.deepEqual(
      labels.filter((label) => label.startsWith('parcel-')),
      NAMES,
    );
    await view().row(said('Dependencies')).expand();
    await view().row('parcel-api → parcel-web').waitFor();
    await view().row('parcel-web → parcel-app').waitFor();
  });

  it('draws them', async () => {
    await view().row(GOAL).inlineAction(titleOf('portfolio.showGraph'));
    const graph = await workbench().webview('.node');
    await graph.locator('.node.waiting').nth(1).waitFor();
    await workbench().runCommand('Preferences: Color Theme');
    await input().pick('Light Modern');
    await workbench().page.locator('.monaco-workbench.vs').waitFor();
    await workbench().page.setViewportSize({ ...SIZE, height: 440 });
    await graph.locator('.node').first().focus();
    await workbench().page.keyboard.press('0');
    await workbench().screenshot('portfolio-graph', 'documentation', editor());
    await workbench().page.setViewportSize(SIZE);
    await workbench().runCommand('Preferences: Color Theme');
    await input().pick('Dark Modern');
    await workbench().page.locator('.monaco-workbench.vs-dark').waitFor();
  });

  it('lets two agents work, says who they are to a third, and queues that', async () => {
    await start('parcel-api', 'Rename it in the service');
    await says(view().row('parcel-api'), said('{0} dispatch running', { 0: 1 }));
    await start('parcel-web', 'Rename it in the page');
    await says(view().row('parcel-web'), said('{0} dispatch running', { 0: 1 }));
    await start('parcel-app', 'Rename it in the app');
    const refusal = workbench().notification('2 active dispatches (parcel-api 1, parcel-web 1) and allows 2').first();
    await refusal.waitFor();
    await workbench().screenshot('portfolio-limit', 'documentation', refusal);
    await workbench().answerNotification('allows 2', said('Add to Queue'));
    await says(dispatches().row('Rename it in the app'), 'queued since');
    await workbench().screenshot('portfolio', 'documentation');
    await letGo('parcel-api');
    await says(dispatches().row('Rename it in the service'), 'completed');
    await says(dispatches().row('Rename it in the app'), 'running');
    assert.equal((await git(dir('parcel-api'), ['log', '-1', '--format=%s'])).trim(), 'Rename it in the service');
  });

  it('holds a project at its gate until the one that it waits for is there', async () => {
    await letGo('parcel-web');
    await says(dispatches().row('Rename it in the page'), 'completed');
    await view().row('parcel-web').inlineAction(titleOf('run.advance'));
    await workbench().answerNotification(
      partOf(
        'Run {id} stays in {phase}. Conditions of its gate that are not met: {failed} of {all}.',
        'Conditions of its gate',
      ),
      said('Show Report'),
    );
    await editor().getByText('[FAIL] All upstream projects at phase review').waitFor();
    await workbench().screenshot('portfolio-gate');
    assert.match(await workbench().editorText(), /Behind +parcel-api – in executing/);
  });

  it('shows what the projects do, while a shell relays too', async () => {
    const portfolio = await id();
    relay = spawn(
      process.execPath,
      [IC_SCRIPT, 'portfolio', 'relay', portfolio, `--db=${home()}`, '--interval=200ms'],
      {
        cwd: parent,
        stdio: 'ignore',
      },
    );
    // Another process moves the service on; the window has the page follow it.
    const advanced = await ic(['run', 'advance', await childId('parcel-api')], { cwd: dir('parcel-api') });
    assert.equal(advanced.code, 0, advanced.stderr);
    await says(view().row('parcel-api'), 'review');
    await view().row(said('Events')).expand();
    const event = (name: RegExp) => view().tree.getByRole('treeitem', { name }).first();
    // A click on a row that is just being read again reaches the command without its row.
    await event(/upstream changed/).waitFor();
    await view().row('parcel-web').inlineAction(titleOf('run.advance'));
    await says(view().row('parcel-app'), 'executing · 1 dispatch running');
    await event(/executing → review, child advanced · parcel-web/).waitFor();
    await workbench().screenshot('portfolio-events');
  });

  it('loses a child that is cancelled, with its agent', async () => {
    await view().row('parcel-app').contextMenu(titleOf('run.cancel'));
    await workbench().answerDialog(said('Cancel Run'));
    await says(view().row('parcel-app'), 'cancelled in executing');
    await says(dispatches().row('Rename it in the app'), 'cancelled');
    relay?.kill('SIGTERM');
    assert.ok(relay);
    const [code] = (await once(relay, 'exit')) as [number | null];
    assert.equal(code, 0, 'the relay in the shell ended on its own');
  });

  it('shows the plan and takes the children along, until it is done', async () => {
    await view().row(GOAL).inlineAction(titleOf('portfolio.advance'));
    await pick(said('Advance the children that are ready first?'), said('Advance Portfolio Only'));
    await says(view().row(GOAL), /review · 1 of 3/);
    await view().row(GOAL).inlineAction(titleOf('portfolio.advance'));
    await input().waitFor(said('Advance the children that are ready first?'));
    assert.deepEqual(await input().labels(), [
      said('Advance Children and Portfolio'),
      said('Advance Portfolio Only'),
      ...NAMES,
    ]);
    await workbench().screenshot('portfolio-plan', 'documentation', input().widget);
    await input().pick(said('Advance Children and Portfolio'));
    await workbench()
      .page.getByRole('treeitem', { name: /1 portfolio/ })
      .first()
      .waitFor();
    assert.deepEqual(await query(home(), "SELECT status, phase FROM runs WHERE project_dir = ''"), ['completed|done']);
  });

  it('is the same story in all four databases, as the sqlite3 program reads it', async () => {
    for (const file of [home(), ...NAMES.map(record)]) {
      assert.deepEqual(await query(file, 'PRAGMA integrity_check'), ['ok']);
    }
    const edges = await query(home(), 'SELECT upstream_project, downstream_project FROM project_deps ORDER BY id');
    assert.deepEqual(edges, [`${dir('parcel-api')}|${dir('parcel-web')}`, `${dir('parcel-web')}|${dir('parcel-app')}`]);
    const own = 'SELECT event_type, from_phase, to_phase, gate_result FROM phase_events WHERE gate_result IS NOT NULL';
    assert.deepEqual(await query(home(), `${own} ORDER BY id`), [
      'advance|executing|review|pass',
      'advance|review|done|pass',
    ]);
    for (const name of NAMES) {
      const relayed = `SELECT event_type, from_phase, to_phase FROM phase_events WHERE reason = 'relay:${dir(name)}' ORDER BY id`;
      const happened = 'SELECT event_type, from_phase, to_phase FROM phase_events ORDER BY id';
      const words = { advance: 'child_advanced', block: 'child_blocked', cancel: 'child_cancelled' };
      const expected = (await query(record(name), happened)).map((line) =>
        line.replace(/^\w+/, (type) => Object.entries(words).find(([key]) => key === type)?.[1] ?? type),
      );
      assert.deepEqual(await query(home(), relayed), expected, name);
      const mirror = 'SELECT id, phase, status FROM runs';
      assert.deepEqual(
        await query(home(), `${mirror} WHERE project_dir = '${dir(name)}'`),
        await query(record(name), mirror),
        name,
      );
    }
  });
});
