import assert from 'node:assert/strict';
import path from 'node:path';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { foreignText } from '../../../../src/kernel/errors/reasons/problem';
import { cancelRun } from '../../../../src/kernel/run/cancel';
import { skipPhase } from '../../../../src/kernel/run/skip';
import { advanceRun } from '../../../../src/kernel/run/advance';
import { overrideGate } from '../../../../src/kernel/run/override';
import { createRun } from '../../../../src/kernel/run/record/runs';
import { addAgent, addArtifact } from '../../../../src/kernel/tracking/service';
import { RunsProjection } from '../../../../src/views/projections/run/runs';
import { WithUnreadableRows } from '../../../../src/views/projections/unreadableRows';
import { PAGE_SIZE } from '../../../../src/views/projections/pages';
import { openTestFolder, viewContextOf, type TestFolder } from '../../../support/records/viewFixture';
import { rowNamed } from '../../../support/views/rows';

const CHAIN = ['planned', 'executing', 'review', 'done'];

function create(folder: TestFolder, goal: string, phases: readonly string[] = CHAIN) {
  return folder.write((u) => createRun(u, { projectDir: folder.folder, goal, phases: [...phases] }));
}

describe('the Runs view', () => {
  let folder: TestFolder;
  let view: RunsProjection;

  beforeEach(async () => {
    folder = await openTestFolder();
    view = new RunsProjection(viewContextOf(folder));
  });

  it('shows the runs of a single folder at the top, active ones first, ended ones under their day', () => {
    const done = create(folder, 'Old work');
    folder.write((u) => cancelRun(u, done.id));
    create(folder, 'New work');
    const [first, day, ...rest] = view.roots();
    assert.equal(first?.label, 'planned · New work');
    assert.equal(day?.ref.kind, 'group');
    assert.equal(day.expands, 'expanded');
    assert.equal(day.description, '1 run');
    assert.equal(rest.length, 0);
    const [ended] = view.children(day.ref);
    assert.match(ended?.contextValue ?? '', /^intercore\.run\+cancelled/);
    assert.match(ended?.description ?? '', /^canceled in planned/);
  });

  it('shows the phases in order with the gate before the next one, and says what is missing', () => {
    const run = create(folder, 'Work');
    const [row] = view.roots();
    assert.equal(row?.contextValue, 'intercore.run+active+blocked+writable');
    assert.equal(row.label, 'planned · Work');
    assert.equal(row.description, 'gate blocked');
    assert.match(row.spoken, /active.*gate blocked/);
    const phases = view.children(row.ref);
    assert.deepEqual(
      phases.map((phase) => phase.label),
      CHAIN,
    );
    const planned = rowNamed(phases, 'planned');
    assert.equal(planned.description, 'gate to executing blocked, 1 of 1 missing');
    assert.match(planned.contextValue, /\+current\+blocked\+runActive/);
    const [condition] = view.children(planned.ref);
    assert.equal(condition?.label, 'An artifact of phase planned');
    assert.match(condition.contextValue, /\+fail$/);
    assert.equal(view.tooltip(condition.ref)?.text, 'Add an artifact to phase planned of this run.');

    folder.write((u) => addArtifact(u, { runId: run.id, phase: 'planned', path: 'docs/plan.md' }));
    assert.equal(view.roots()[0]?.contextValue, 'intercore.run+active+writable');
    const artifact = rowNamed(view.children(planned.ref), 'docs/plan.md');
    assert.deepEqual(artifact.opens, { what: 'file', path: path.resolve('/projects/alpha/docs/plan.md') });
  });

  it('tells phases that were passed over from phases that were done', () => {
    const run = create(folder, 'Work');
    folder.write((u) => skipPhase(u, run.id, { phase: 'review', reason: 'small' }));
    folder.write((u) => overrideGate(u, run.id, { reason: 'hurry' }));
    folder.write((u) => advanceRun(u, run.id, { tier: 'none' }));
    const day = view.roots()[0];
    assert.ok(day !== undefined);
    const row = view.children(day.ref)[0];
    assert.ok(row !== undefined);
    const phases = view.children(row.ref).filter((child) => child.ref.kind === 'phase');
    assert.deepEqual(
      phases.map((phase) => phase.description),
      ['done', 'done', 'skipped', 'done'],
    );
    assert.equal(new Set([phases[1]?.icon.id, phases[2]?.icon.id]).size, 2);
  });

  it('gathers agents and events under headings, newest event first, and opens evidence', () => {
    const run = create(folder, 'Work');
    folder.write((u) => advanceRun(u, run.id, { tier: 'hard' }));
    folder.write((u) => overrideGate(u, run.id, { reason: 'known to be right' }));
    folder.write((u) => addAgent(u, { runId: run.id, agentType: 'claude', name: 'Builder' }));
    const row = view.roots()[0];
    assert.ok(row !== undefined);
    const groups = view.children(row.ref).filter((child) => child.ref.kind === 'group');
    assert.deepEqual(
      groups.map((group) => [group.label, group.description]),
      [
        ['Agents', '1, 1 active'],
        ['Events', '2'],
      ],
    );
    const agents = view.children(rowNamed(groups, 'Agents').ref);
    assert.equal(agents[0]?.spoken, 'Agent Builder, active');
    const [override, block] = view.children(rowNamed(groups, 'Events').ref);
    assert.match(override?.description ?? '', /^override/);
    assert.equal(block?.contextValue, 'intercore.event+evidence');
    assert.equal(block.opens?.what, 'document');
  });

  it('offers no changes where the window is untrusted or the database is read-only', () => {
    create(folder, 'Work');
    assert.match(view.roots()[0]?.contextValue ?? '', /\+writable/);
    folder.isTrusted = false;
    assert.doesNotMatch(view.roots()[0]?.contextValue ?? '', /\+writable/);
    folder.isTrusted = true;
    const error = new KernelError('DATABASE_NEWER', { path: '/p', version: 11, supported: 10 });
    folder.state = { kind: 'readOnly', error };
    assert.doesNotMatch(view.roots()[0]?.contextValue ?? '', /\+writable/);
  });

  it('stays empty while there is no database, and says of several folders what is wrong with one', async () => {
    folder.state = { kind: 'missing' };
    assert.deepEqual(view.roots(), []);
    const error = new KernelError('DATABASE_DAMAGED', {
      path: '/p/x.db',
      problem: foreignText<string>('not a database'),
    });
    folder.state = { kind: 'failed', error, backup: '/p/x.db.backup-1' };
    assert.deepEqual(view.roots(), [], 'its welcome content says what can be done');
    const other = await openTestFolder('/projects/beta');
    const [row] = new RunsProjection(viewContextOf(folder, other)).roots();
    assert.equal(row?.contextValue, 'intercore.folder+failed+backup');
    assert.match(row.description ?? '', /is damaged: not a database/);
    const tooltip = view.tooltip(row.ref);
    assert.deepEqual(tooltip?.facts.at(-1), ['Newest backup', '/p/x.db.backup-1']);
    assert.match(tooltip.text ?? '', /Restore the newest backup/);
  });

  it('has a row for each folder of several, with ids that name the folder', async () => {
    const other = await openTestFolder('/projects/beta');
    const both = new RunsProjection(viewContextOf(folder, other));
    create(folder, 'Here');
    create(other, 'There');
    const roots = both.roots();
    assert.deepEqual(
      roots.map((row) => [row.label, row.description]),
      [
        ['alpha', '1 active run'],
        ['beta', '1 active run'],
      ],
    );
    const ids = roots.flatMap((row) => both.children(row.ref)).map((row) => row.ref.id);
    // Both kernels number their runs alike.
    assert.equal(new Set(ids).size, 2);
    assert.deepEqual(
      both.roots().map((row) => row.ref.id),
      roots.map((row) => row.ref.id),
    );
  });

  it('shows a stored run that cannot be read beside the others, and says why', () => {
    create(folder, 'Sound');
    const broken = create(folder, 'Broken');
    folder.exec(`UPDATE runs SET phases = 'no json' WHERE id = '${broken.id}'`);
    const rows = view.roots();
    assert.equal(rowNamed(rows, 'Sound').ref.kind, 'run');
    const invalid = rowNamed(rows, broken.id);
    assert.equal(invalid.contextValue, 'intercore.invalidRun');
    assert.match(invalid.description ?? '', /^cannot be read: phases/);
  });

  it('says so where something below a run cannot be read', () => {
    const run = create(folder, 'Work');
    folder.write((u) => addAgent(u, { runId: run.id }));
    const row = view.roots()[0];
    assert.ok(row !== undefined);
    folder.exec(`PRAGMA ignore_check_constraints = 1; UPDATE run_agents SET status = 'lost'`);
    const whole = new WithUnreadableRows(viewContextOf(folder), view, ['runs']);
    const below = whole.children(row.ref);
    assert.ok(below.length > 1, 'the phases are shown');
    const agents = below.find(({ label }) => label === 'Agents');
    assert.equal(agents?.description, '1');
    assert.deepEqual(whole.children(agents.ref), []);
    const heading = whole.roots().at(-1);
    assert.equal(heading?.label, '1 row cannot be read');
    assert.match(whole.children(heading.ref)[0]?.description ?? '', /^cannot be read: status/);
  });

  it('shows a long list by pages, with a row for the rest', () => {
    folder.write((u) => {
      for (let index = 0; index < PAGE_SIZE + 30; index++) createRun(u, { projectDir: '/p', goal: `Run ${index}` });
      return undefined;
    });
    const rows = view.roots();
    assert.equal(rows.length, PAGE_SIZE + 1);
    const older = rows.at(-1);
    assert.deepEqual(
      { label: older?.label, description: older?.description, expands: older?.expands },
      { label: 'Show Older…', description: '30', expands: 'no' },
    );
    assert.ok(older !== undefined);
    const ids = [...rows.slice(0, -1), ...view.children(older.ref)].map((row) => row.ref.id);
    assert.equal(new Set(ids).size, PAGE_SIZE + 30);
  });

  it('reads only what changed', () => {
    const runs = Array.from({ length: 50 }, (_, index) => create(folder, `Run ${index}`));
    view.roots();
    folder.reads = 0;
    view.roots();
    assert.equal(folder.reads, 0);
    const [first] = runs;
    assert.ok(first !== undefined);
    folder.write((u) => overrideGate(u, first.id, { reason: 'go' }));
    view.roots();
    // The run itself, its gate and its budget.
    assert.equal(folder.reads, 3);
  });

  it('warns instead of blocking where gates are soft', () => {
    create(folder, 'Work');
    folder.tier = 'soft';
    const row = view.roots()[0];
    assert.equal(row?.contextValue, 'intercore.run+active+writable');
    const planned = rowNamed(view.children(row.ref), 'planned');
    assert.match(planned.description ?? '', /^gate to executing warns/);
  });
});
