import assert from 'node:assert/strict';
import { migrateImage } from '../../../src/kernel/db/migrate';
import { COMPONENTS } from '../../../src/kernel/db/schema/schema';
import { SqliteImage } from '../../../src/kernel/db/sqlite';
import { KernelError } from '../../../src/kernel/errors/errors';
import { rollbackRun } from '../../../src/kernel/run/rollback';
import { advanceRun } from '../../../src/kernel/run/advance';
import { getRun, listRuns } from '../../../src/kernel/run/record/queries';
import { listTasks } from '../../../src/kernel/tasks/service';
import { dumpDatabase, openTestKernel, testEngine, type TestKernel } from '../../support/records/kernel';
import { brokenDatabase, databaseOf, dumpBytes, OLD_VERSIONS, oldDatabase } from '../../support/records/oldDatabases';

/** Columns by table, in any order, and index names. */
function shape(kernel: TestKernel): Record<string, unknown> {
  return kernel.read((r) => {
    const columns = r.db.rows(
      `SELECT m.name || '.' || c.name || ' ' || c.type || c."notnull" || ifnull(c.dflt_value, '') || c.pk AS text
       FROM sqlite_schema AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table' ORDER BY 1`,
      [],
    );
    const indexes = r.db.rows("SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY 1", []);
    return {
      version: r.db.rows('PRAGMA user_version', [])[0],
      columns: columns.map((row) => row['text']),
      indexes: indexes.map((row) => row['name']),
    };
  });
}

/** Every row of the old file is still there with the same values, whatever columns have come since. */
async function assertRowsKept(bytes: Uint8Array, kernel: TestKernel): Promise<void> {
  const now = dumpDatabase(kernel.kernel);
  for (const [table, rows] of Object.entries(await dumpBytes(bytes))) {
    if (table === 'sqlite_sequence') continue;
    const kept = (now[table] ?? []).map((row, at) =>
      Object.fromEntries(Object.keys(rows[at] ?? row).map((column) => [column, row[column]])),
    );
    assert.deepEqual(kept, rows, table);
  }
}

async function assertComplete(kernel: TestKernel): Promise<void> {
  assert.deepEqual(shape(kernel), shape(await openTestKernel()));
  const again = await openTestKernel(kernel.kernel.export());
  assert.equal(again.kernel.migration.migrated, false);
  assert.deepEqual(again.kernel.migration.repaired, []);
}

describe('migration', () => {
  it('makes a new database that needs no backup', async () => {
    const { migration } = (await openTestKernel()).kernel;
    assert.deepEqual(migration, { fileVersion: 0, migrated: true, wasEmpty: true, repaired: [], readOnly: false });
  });

  for (const version of OLD_VERSIONS) {
    it(`completes version ${version} and keeps its rows`, async () => {
      const bytes = await oldDatabase(version);
      const kernel = await openTestKernel(bytes);
      const { fileVersion, migrated, wasEmpty, readOnly } = kernel.kernel.migration;
      assert.deepEqual(
        { fileVersion, migrated, wasEmpty, readOnly },
        { fileVersion: version, migrated: true, wasEmpty: false, readOnly: false },
      );
      await assertRowsKept(bytes, kernel);
      await assertComplete(kernel);
    });
  }

  it('lets the runs of an old version be worked with', async () => {
    const kernel = await openTestKernel(await oldDatabase(3));
    const run = kernel.read((r) => getRun(r, 'run00001'));
    assert.deepEqual(
      {
        phase: run.phase,
        hasCustomChain: run.hasCustomChain,
        budgetWarnPct: run.budgetWarnPct,
        maxDispatches: run.maxDispatches,
        parentRunId: run.parentRunId,
        scopeId: run.scopeId,
      },
      {
        phase: 'planned',
        hasCustomChain: false,
        budgetWarnPct: 80,
        maxDispatches: 0,
        parentRunId: null,
        scopeId: null,
      },
    );
    assert.equal(kernel.write((u) => advanceRun(u, 'run00001', { tier: 'none' })).toPhase, 'executing');
    assert.equal(kernel.write((u) => rollbackRun(u, 'run00001', { toPhase: 'planned' })).cancelledDispatches.length, 1);
  });

  const missing = {
    2: ['dispatches.cache_hits'],
    3: ['dispatches.cache_hits', 'runs.phases', 'runs.token_budget', 'runs.budget_warn_pct'],
    4: [
      'dispatches.cache_hits',
      'runs.phases',
      'runs.token_budget',
      'runs.budget_warn_pct',
      'run_artifacts.content_hash',
      'run_artifacts.dispatch_id',
    ],
  } as const;
  for (const version of [2, 3, 4] as const) {
    it(`repairs what the original makes of version ${version}`, async () => {
      const bytes = await brokenDatabase(version);
      const kernel = await openTestKernel(bytes);
      assert.equal(kernel.kernel.migration.fileVersion, 10);
      assert.deepEqual(kernel.kernel.migration.repaired, missing[version]);
      await assertRowsKept(bytes, kernel);
      await assertComplete(kernel);
    });
  }

  it('repairs missing tables and indexes of a file stamped 10', async () => {
    const whole = await openTestKernel();
    whole.exec('DROP TABLE project_deps; DROP INDEX idx_runs_parent; DROP TABLE dispatch_processes;');
    const kernel = await openTestKernel(whole.kernel.export());
    assert.deepEqual(kernel.kernel.migration.repaired, [
      'idx_runs_parent',
      'project_deps',
      'idx_project_deps_portfolio',
    ]);
    await assertComplete(kernel);
  });

  it('adds our own tables to a complete file of the original without calling that a repair', async () => {
    const theirs = await openTestKernel();
    theirs.exec('DROP TABLE extension_schema; DROP TABLE dispatch_processes;');
    const kernel = await openTestKernel(theirs.kernel.export());
    assert.equal(kernel.kernel.migration.migrated, true);
    assert.deepEqual(kernel.kernel.migration.repaired, []);
    await assertComplete(kernel);
  });

  it('opens a newer version for reading only, and adds no column to tables of Intercore', async () => {
    const newer = await databaseOf('CREATE TABLE runs (id TEXT, other TEXT); PRAGMA user_version = 11;');
    const kernel = await openTestKernel(newer);
    assert.deepEqual(kernel.kernel.migration, {
      fileVersion: 11,
      migrated: false,
      wasEmpty: false,
      repaired: [],
      readOnly: true,
    });
    const columns = kernel.read((r) => r.db.rows("SELECT name FROM pragma_table_info('runs')", []));
    assert.deepEqual(columns, [{ name: 'id' }, { name: 'other' }]);
    assert.deepEqual(
      kernel.read((r) => listTasks(r)),
      [],
    );
  });

  it('leaves a file with a newer component of ours for reading only', async () => {
    const newer = await openTestKernel();
    newer.exec("UPDATE extension_schema SET version = 99 WHERE component = 'dispatch'");
    const kernel = await openTestKernel(newer.kernel.export());
    assert.equal(kernel.kernel.migration.readOnly, true);
  });

  it('writes a component version again where the row says nothing sensible', async () => {
    const odd = await openTestKernel();
    odd.exec("UPDATE extension_schema SET version = 'two'");
    const kernel = await openTestKernel(odd.kernel.export());
    assert.equal(kernel.kernel.migration.readOnly, false);
    const stored = kernel.read((r) => r.db.rows('SELECT component, version FROM extension_schema', []));
    assert.deepEqual(
      new Map(stored.map(({ component, version }) => [component, version])),
      new Map(COMPONENTS.map(({ name, version }) => [name, version])),
    );
  });

  it('goes through with rows that no version would have written', async () => {
    const bytes = await databaseOf(`CREATE TABLE runs (id TEXT NOT NULL PRIMARY KEY, project_dir TEXT NOT NULL,
        goal TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'active', phase TEXT NOT NULL DEFAULT 'brainstorm',
        complexity INTEGER NOT NULL DEFAULT 3, force_full INTEGER NOT NULL DEFAULT 0,
        auto_advance INTEGER NOT NULL DEFAULT 1, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
        completed_at INTEGER, scope_id TEXT, metadata TEXT);
      INSERT INTO runs (id, project_dir, goal, status, created_at, updated_at)
        VALUES ('bad', '/p', x'00ff', 'dreaming', 'never', 1), ('good', '/p', 'g', 'active', 1, 1);
      PRAGMA user_version = 3;`);
    const list = (await openTestKernel(bytes)).read((r) => listRuns(r));
    assert.deepEqual(
      { runs: list.runs.map((run) => run.id), invalid: list.invalid.map((row) => row.id) },
      { runs: ['good'], invalid: ['bad'] },
    );
  });

  it('leaves the image as it was where it fails half-way', async () => {
    const bytes = await databaseOf('CREATE TABLE t (x); CREATE INDEX idx_runs_status ON t(x);');
    const image = new SqliteImage(await testEngine, bytes);
    assert.throws(() => migrateImage(image), { code: 'MIGRATION_FAILED' });
    assert.deepEqual(image.export(), bytes);
    image.close();
  });

  const foreign = {
    'a table of ours with another key': 'CREATE TABLE runs (name TEXT PRIMARY KEY, started INTEGER);',
    'a table of ours without its columns': 'CREATE TABLE dispatches (id TEXT NOT NULL PRIMARY KEY, note TEXT);',
    'a view in the place of a table': 'CREATE TABLE t (id TEXT); CREATE VIEW runs AS SELECT id FROM t;',
    'an index name taken by another table': 'CREATE TABLE t (x); CREATE INDEX idx_runs_status ON t(x);',
    'another extension_schema': 'CREATE TABLE extension_schema (component TEXT, version TEXT);',
  };
  for (const [what, sql] of Object.entries(foreign)) {
    it(`refuses a database of another program: ${what}`, async () => {
      const bytes = await databaseOf(`${sql} PRAGMA user_version = 4;`);
      await assert.rejects(
        openTestKernel(bytes),
        (error) => KernelError.is(error, 'MIGRATION_FAILED') && error.facts.fromVersion === 4,
      );
    });
  }
});
