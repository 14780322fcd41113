/** A row of any table that cannot be read: each view, page, and document says how many there are and why, once. */
import assert from 'node:assert/strict';
import { COMPONENTS, TABLES } from '../../../src/kernel/db/schema/schema';
import { SqliteImage } from '../../../src/kernel/db/sqlite';
import { BoardModel } from '../../../src/views/board/boardModel';
import { report } from '../../../src/views/documents/reports';
import { DispatchesProjection } from '../../../src/views/projections/dispatch/dispatches';
import { NeedsProjection } from '../../../src/views/projections/needs';
import { RunsProjection } from '../../../src/views/projections/run/runs';
import { TasksProjection } from '../../../src/views/projections/task/tasks';
import { WithUnreadableRows } from '../../../src/views/projections/unreadableRows';
import { timelineFacts } from '../../../src/views/timeline/facts';
import { timelinePicture } from '../../../src/views/timeline/picture';
import type { Projection, Row } from '../../../src/views/rows/row';
import type { ViewContext } from '../../../src/views/projections/viewContext';
import { TreeState } from '../../../src/views/trees/treeState';
import { attentionIn } from '../../support/views/attention';
import { fillRecord } from '../../support/records/filledRecord';
import { openTestKernel, testEngine } from '../../support/records/kernel';
import { viewContextOf, TestFolder } from '../../support/records/viewFixture';
import { atOnce } from '../../support/tasks/steps';

const FOLDER = '/projects/alpha';
const SAYS = /cannot be read|has an invalid /;

/** What a view shows, and in it what it says about rows that cannot be read. */
type List = (context: ViewContext, folder: TestFolder) => readonly string[];

const tree =
  (shown: readonly string[], make: (context: ViewContext, folder: TestFolder) => Projection): List =>
  (context, folder) => {
    const view = new WithUnreadableRows(context, make(context, folder), shown);
    const below = (rows: readonly Row[]): string[] =>
      rows.flatMap((row) => [`${row.label} ${row.description ?? ''}`, ...below(view.children(row.ref))]);
    below(view.roots());
    // A heading is drawn again once its number differs.
    return below(view.roots());
  };

let names: Readonly<Record<string, string>>;
const text =
  (kind: 'run' | 'events' | 'gate', id: 'good' | 'bad'): List =>
  (context) =>
    atOnce(report(context, { kind, folder: FOLDER, runId: names[id] ?? '' })).split('\n');

const LISTS: Readonly<Record<string, List>> = {
  Runs: tree(['runs'], (context) => new RunsProjection(context)),
  Dispatches: tree(['dispatches', 'queued_dispatches'], (context) => new DispatchesProjection(context)),
  Tasks: tree(['projects', 'tasks', 'subtasks'], (context) => new TasksProjection(context)),
  'Needs You': tree([], (context, folder) => new NeedsProjection(context, () => attentionIn(folder))),
  board: (context) => {
    const { parts, head } = new BoardModel(context).board(context.records()[0]);
    return [
      ...parts.flatMap(({ cards }) => cards.map(({ title }) => title)),
      ...head.notices.map((notice) => notice.text),
    ];
  },
  timeline: (context, { record }) => {
    const run = record.runs.get(names['bad'] ?? '');
    if (run === undefined) return [SAYS.source];
    const facts = atOnce(timelineFacts((work) => record.read(work), run, 1));
    const { items, frame } = atOnce(timelinePicture(context, facts));
    return [...items.map(({ spoken }) => spoken), ...frame.notices.map((notice) => notice.text)];
  },
  'report of a run': text('run', 'bad'),
  'report of events': text('events', 'bad'),
  'report of a gate': text('gate', 'bad'),
  'report of a task': (context) =>
    atOnce(report(context, { kind: 'task', folder: FOLDER, taskId: names['task'] ?? '' })).split('\n'),
};

describe('a row that cannot be read', function () {
  this.timeout(120_000);
  let sound: Uint8Array;

  before(async () => {
    const kernel = await openTestKernel();
    names = fillRecord(kernel, FOLDER);
    sound = kernel.kernel.export().slice();
  });

  /** What all lists show of the record. */
  const shownOf = async (bytes: Uint8Array): Promise<ReadonlyMap<string, readonly string[]>> => {
    const kernel = await openTestKernel(bytes.slice());
    const folder = new TestFolder(FOLDER, kernel);
    const shown = new Map(Object.entries(LISTS).map(([name, list]) => [name, list(viewContextOf(folder), folder)]));
    kernel.kernel.close();
    return shown;
  };

  it('is named by each list that lacks it, with the reason', async () => {
    const whole = await shownOf(sound);
    const problems: string[] = [];
    for (const [name, lines] of whole) if (lines.some((line) => SAYS.test(line))) problems.push(`${name} is not whole`);
    for (const { name: table, columns } of [...TABLES, ...COMPONENTS.flatMap(({ tables }) => tables)]) {
      // The last column is a moment or a detail in most tables, which no list is selected by.
      const bytes = await withOdd(sound, table, Object.keys(columns).at(-1) ?? '');
      if (bytes === undefined) continue;
      for (const [name, shown] of await shownOf(bytes)) {
        const about = shown.filter((line) => SAYS.test(line));
        const isLacking = shown.length - about.length < (whole.get(name)?.length ?? 0);
        if (isLacking && about.length === 0) problems.push(`${name} without a word on ${table}`);
        if (new Set(about).size < about.length) problems.push(`${name} repeats ${about.join(' | ')}`);
      }
    }
    assert.deepEqual(problems, []);
  });

  it('is counted in the heading once what holds it was opened', async () => {
    const bytes = await withOdd(sound, 'run_agents', 'agent_type');
    const folder = new TestFolder(FOLDER, await openTestKernel(bytes));
    const context = viewContextOf(folder);
    const view = new WithUnreadableRows(context, new RunsProjection(context), ['runs']);
    const state = new TreeState(view);
    const open = (refs: ReturnType<TreeState['showRoots']>): void => {
      for (const ref of refs) open(state.showChildren(ref));
    };
    open(state.showRoots());
    assert.equal(view.count(), 1);
    state.refresh();
    const heading = view.roots().at(-1);
    assert.equal(heading?.label, '1 row cannot be read');
    assert.match(view.children(heading.ref)[0]?.description ?? '', /^cannot be read: agent_type: /);
  });
});

/** The record with bytes where the first row of a table has text or a number; undefined where it refuses them. */
async function withOdd(sound: Uint8Array, table: string, column: string): Promise<Uint8Array | undefined> {
  const image = new SqliteImage(await testEngine, sound.slice());
  try {
    image.exec(`PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;
      UPDATE ${table} SET ${column} = x'00ff' WHERE rowid = (SELECT min(rowid) FROM ${table})`);
    return image.export().slice();
  } catch {
    return undefined;
  } finally {
    image.close();
  }
}
