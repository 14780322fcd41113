/**
 * Numeric columns with values that another program may have stored: lists show the other rows, and budgets still count.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { COMPONENTS, EXTENSION_SCHEMA, TABLES } from '../../../src/kernel/db/schema/schema';
import { SqliteImage } from '../../../src/kernel/db/sqlite';
import { runUsage } from '../../../src/kernel/budget/budgetState';
import { runTokens } from '../../../src/kernel/budget/service';
import { fits, budgetRequestFor } from '../../../src/kernel/budget/reservation/reservations';
import { createDispatch, endDispatch, markRunning, recordProgress } from '../../../src/kernel/dispatch/service';
import { createRun } from '../../../src/kernel/run/record/runs';
import { report } from '../../../src/views/documents/reports';
import { BoardModel } from '../../../src/views/board/boardModel';
import { DispatchesProjection } from '../../../src/views/projections/dispatch/dispatches';
import { RunsProjection } from '../../../src/views/projections/run/runs';
import { statusSummary } from '../../../src/views/projections/run/statusSummary';
import { TasksProjection } from '../../../src/views/projections/task/tasks';
import type { Projection } from '../../../src/views/rows/row';
import { AGENT_PROCESS, fillRecord } from '../../support/records/filledRecord';
import { icHere } from '../../support/ic/icHere';
import { openTestKernel, testEngine } from '../../support/records/kernel';
import { viewContextOf, TestFolder } from '../../support/records/viewFixture';
import { atOnce } from '../../support/tasks/steps';

/** As SQL. */
const VALUES = [
  '1.5',
  '1e300',
  '-9e999',
  '9223372036854775807',
  '-9223372036854775808',
  "'soon'",
  "x'00ff'",
  'NULL',
  '-1',
];

interface Column {
  readonly table: string;
  readonly name: string;
  readonly isRequired: boolean;
}

/** By the number of the column in its table. */
const COLUMNS: readonly (readonly Column[])[] = [
  ...TABLES,
  EXTENSION_SCHEMA,
  ...COMPONENTS.flatMap(({ tables }) => tables),
].map(({ name: table, columns }) =>
  Object.entries(columns)
    .filter(([, declared]) => /^(INTEGER|REAL)/.test(declared) && !declared.includes('PRIMARY KEY'))
    .map(([name, declared]) => ({ table, name, isRequired: declared.includes('NOT NULL') })),
);

/** Commands that print at least one line for the remaining rows. */
const LISTS = [
  'run list',
  'run list --json',
  'run status {good}',
  'run events {good}',
  'run agent list {good}',
  'run artifact list {good}',
  'run tokens {good}',
  'dispatch list',
  'dispatch list --json',
  'state list k',
  'sentinel list',
  'discovery list',
  'interspect query',
  'events tail --all',
  'events writes',
  'portfolio status {portfolio}',
  'portfolio dep list {portfolio}',
  'portfolio order {portfolio}',
  'project list',
  'task list',
  'subtask list {task}',
  'task show {task}',
];
/** Commands that may also print nothing or exit with 1. */
const OTHERS = [
  'needs',
  'gate check {good}',
  'dispatch queue list',
  'health',
  'run budget {good}',
  'budget show --run={good}',
  'run current',
];

describe('an invalid number in a record', function () {
  this.timeout(180_000);
  let folder: string;
  let names: Readonly<Record<string, string>>;
  let sound: Uint8Array;

  before(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-numbers-')));
    await mkdir(path.join(folder, '.clavain'));
    const kernel = await openTestKernel();
    names = fillRecord(kernel, folder);
    sound = kernel.kernel.export().slice();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** A record with the value in one column of the first row of every table. */
  const odd = async (at: number, shift: number): Promise<Uint8Array> => {
    const image = new SqliteImage(await testEngine, sound.slice());
    image.exec('PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF');
    for (const [index, columns] of COLUMNS.entries()) {
      const column = columns[at % Math.max(1, columns.length)];
      const value = VALUES[(index + at + shift) % VALUES.length] ?? '';
      if (column === undefined || (value === 'NULL' && column.isRequired)) continue;
      const { table, name } = column;
      image.exec(`UPDATE ${table} SET ${name} = ${value} WHERE rowid = (SELECT min(rowid) FROM ${table})`);
    }
    const bytes = image.export().slice();
    image.close();
    return bytes;
  };
  const states = Array.from({ length: 12 }, (_, at) => [at, at % VALUES.length] as const);

  it('stops no reading command, in any column', async () => {
    const file = path.join(folder, '.clavain', 'intercore.db');
    const problems: string[] = [];
    for (const [at, shift] of states) {
      await writeFile(file, await odd(at, shift));
      for (const line of [...LISTS, ...OTHERS]) {
        const words = line.split(' ').map((word) => word.replace(/\{(\w+)\}/, (_, name: string) => names[name] ?? ''));
        const { code, stdout, stderr } = await icHere(words, {
          cwd: folder,
          env: { XDG_STATE_HOME: folder, TMPDIR: folder },
        });
        const isBad = /internal error|SQL/.test(stderr) || (LISTS.includes(line) && stdout.trim().length < 3);
        if (isBad || code === 3) problems.push(`${at} ${shift} ic ${line}: ${code} ${stdout} ${stderr}`);
      }
    }
    assert.equal(problems.join('\n'), '');
  });

  it('does not empty a view, board or report', async () => {
    for (const [at, shift] of states) {
      const fixture = viewContextOf(new TestFolder(folder, await openTestKernel(await odd(at, shift))));
      for (const view of [
        new RunsProjection(fixture),
        new DispatchesProjection(fixture),
        new TasksProjection(fixture),
      ]) {
        assert.ok(rowsOf(view).length >= 2, `${at} ${shift}`);
      }
      assert.ok(new BoardModel(fixture).board(fixture.records()[0]).parts.length > 0, `${at} ${shift}`);
      assert.match(atOnce(report(fixture, { kind: 'run', folder, runId: names['good'] ?? '' })), /good/);
      statusSummary(fixture, folder);
    }
  });

  it('does not overflow a sum of tokens or exhaust a budget', async () => {
    const kernel = await openTestKernel();
    const { id } = kernel.write((u) => createRun(u, { projectDir: folder, goal: 'g', tokenBudget: 1_000_000 }));
    const guess = { tokens: 1000, cost: 1000 };
    for (const value of VALUES) {
      const dispatch = kernel.write((u) => {
        const made = createDispatch(u, { agentType: 'claude', projectDir: folder, scopeId: id });
        markRunning(u, made.id, AGENT_PROCESS);
        endDispatch(u, made.id, { status: 'completed' });
        return made.id;
      });
      kernel.exec(`UPDATE dispatches SET input_tokens = ${value}, output_tokens = ${value}, cache_hits = ${value}
        WHERE id = '${dispatch}'`);
      const totals = kernel.read((r) => runTokens(r, id));
      assert.ok(Number.isSafeInteger(totals.totalTokens) && Number.isSafeInteger(totals.cacheHits), value);
      assert.ok(kernel.read((r) => runUsage(r, id)).tokens.used < 1000, value);
      const request = kernel.read((r) => budgetRequestFor(r, 'claude', {}, guess));
      assert.equal(kernel.read((r) => fits(r, id, request)).fits, true, value);
    }
  });

  it('does not take a budget from later dispatches if it is an invented cost', async () => {
    const kernel = await openTestKernel();
    const { id } = kernel.write((u) => createRun(u, { projectDir: folder, goal: 'g' }));
    kernel.exec(`INSERT INTO budget_limits (run_id, cost_micros) VALUES ('${id}', 5000000)`);
    kernel.write((u) => {
      const { id: dispatch } = createDispatch(u, { agentType: 'claude', projectDir: folder, scopeId: id });
      markRunning(u, dispatch, AGENT_PROCESS);
      recordProgress(u, dispatch, { costUsd: 1e12 });
      endDispatch(u, dispatch, { status: 'completed' });
    });
    const request = kernel.read((r) => budgetRequestFor(r, 'claude', {}, { tokens: 1, cost: 1_000_000 }));
    assert.equal(kernel.read((r) => fits(r, id, request)).fits, true);
  });
});

/** All rows of a view. */
function rowsOf(view: Projection): unknown[] {
  const below = (rows: ReturnType<Projection['roots']>): unknown[] =>
    rows.flatMap((row) => [row, ...below(view.children(row.ref))]);
  return below(view.roots());
}
