import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { COMPONENTS } from '../../../../src/kernel/db/schema/schema';
import { createRun } from '../../../../src/kernel/run/record/runs';
import { openTestKernel, type TestKernel } from '../../../support/records/kernel';

/**
 * Columns of a fresh database in their order, as the original makes them (`docs/design/formats.md#tables`), and ours of
 * ours.
 */
const FRESH: Readonly<Record<string, string>> = {
  _migrate_lock: 'x',
  discoveries:
    'id source source_id title summary url raw_metadata embedding relevance_score confidence_tier status run_id bead_id discovered_at promoted_at reviewed_at',
  discovery_events: 'id discovery_id event_type from_status to_status payload created_at',
  dispatch_events: 'id dispatch_id run_id from_status to_status event_type reason created_at',
  dispatches:
    'id agent_type status project_dir prompt_file prompt_hash output_file verdict_file pid exit_code name model sandbox timeout_sec turns commands messages input_tokens output_tokens cache_hits created_at started_at completed_at verdict_status verdict_summary error_message scope_id parent_id',
  extension_schema: 'component version',
  feedback_signals: 'id discovery_id signal_type signal_data actor created_at',
  interest_profile: 'id topic_vector keyword_weights source_weights updated_at',
  interspect_events: 'id run_id agent_name event_type override_reason context_json session_id project_dir created_at',
  phase_events: 'id run_id from_phase to_phase event_type gate_result gate_tier reason created_at',
  project_deps: 'id portfolio_run_id upstream_project downstream_project created_at',
  queued_dispatches: 'id run_id project_dir request queued_at_ms problem',
  run_agents: 'id run_id agent_type name status dispatch_id created_at updated_at',
  run_artifacts: 'id run_id phase path type content_hash dispatch_id status created_at',
  runs: 'id project_dir goal status phase complexity force_full auto_advance created_at updated_at completed_at scope_id metadata phases token_budget budget_warn_pct parent_run_id max_dispatches',
  sentinels: 'name scope_id last_fired',
  state: 'key scope_id payload updated_at expires_at',
};

const INDEXES = [
  'idx_discoveries_source(source)',
  "idx_discoveries_status(status) WHERE status NOT IN ('dismissed')",
  'idx_discoveries_tier(confidence_tier)',
  'idx_discovery_events_created(created_at)',
  'idx_discovery_events_discovery(discovery_id)',
  'idx_dispatch_events_created(created_at)',
  'idx_dispatch_events_dispatch(dispatch_id)',
  'idx_dispatch_events_run(run_id) WHERE run_id IS NOT NULL',
  'idx_dispatches_scope(scope_id) WHERE scope_id IS NOT NULL',
  "idx_dispatches_status(status) WHERE status IN ('spawned', 'running')",
  'idx_feedback_signals_discovery(discovery_id)',
  'idx_interspect_events_agent(agent_name)',
  'idx_interspect_events_created(created_at)',
  'idx_interspect_events_run(run_id) WHERE run_id IS NOT NULL',
  'idx_phase_events_run(run_id)',
  'idx_project_deps_portfolio(portfolio_run_id)',
  'idx_run_agents_run(run_id)',
  "idx_run_agents_status(status) WHERE status = 'active'",
  'idx_run_artifacts_phase(run_id, phase)',
  'idx_run_artifacts_run(run_id)',
  'idx_runs_parent(parent_run_id) WHERE parent_run_id IS NOT NULL',
  "idx_runs_status(status) WHERE status = 'active'",
  'idx_state_expires(expires_at) WHERE expires_at IS NOT NULL',
  'idx_state_scope(scope_id, key)',
];

function rows(kernel: TestKernel, sql: string): Readonly<Record<string, unknown>>[] {
  return kernel.read((r) => r.db.rows(sql, []));
}

describe('the schema of a new database', () => {
  it('has the tables and columns of version 10, in order, those of our components, and nothing else', async () => {
    const kernel = await openTestKernel();
    const found = rows(
      kernel,
      `SELECT m.name AS name, (SELECT group_concat(name, ' ') FROM (SELECT name FROM pragma_table_info(m.name) ORDER BY cid))
         AS columns FROM sqlite_schema AS m WHERE type = 'table' AND m.name <> 'sqlite_sequence' ORDER BY m.name`,
    );
    const own = COMPONENTS.flatMap(({ tables }) => tables).map(
      ({ name, columns }) => [name, Object.keys(columns).join(' ')] as const,
    );
    const expected: Record<string, string> = { ...FRESH, ...Object.fromEntries(own) };
    assert.deepEqual(Object.fromEntries(found.map((row) => [row['name'], row['columns']])), expected);
  });

  it('has the indexes of version 10 and of our components', async () => {
    const kernel = await openTestKernel();
    const sql = "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
    const found = rows(kernel, sql).map((row) => String(row['sql']).replace(/^CREATE INDEX (\w+) ON \w+/, '$1'));
    const own = COMPONENTS.flatMap(({ tables }) => tables).flatMap(({ indexes = {} }) =>
      Object.entries(indexes).map(([name, on]) => name + on.replace(/^ON \w+/, '')),
    );
    assert.deepEqual(found, [...INDEXES, ...own].sort());
  });

  it('fills the defaults of version 10', async () => {
    const kernel = await openTestKernel();
    kernel.exec(`INSERT INTO runs (id, project_dir, goal) VALUES ('r', '/p', 'g');
      INSERT INTO dispatches (id, project_dir) VALUES ('d', '/p');
      INSERT INTO run_artifacts (id, run_id, phase, path) VALUES ('f', 'r', 'a', 'x');
      INSERT INTO run_agents (id, run_id) VALUES ('a', 'r');
      INSERT INTO discoveries (id, source, source_id, title) VALUES ('x', 's', '1', 't');`);
    const get = (sql: string): unknown => Object.values(rows(kernel, sql)[0] ?? {});
    assert.deepEqual(
      get('SELECT status, phase, complexity, force_full, auto_advance, budget_warn_pct, max_dispatches FROM runs'),
      ['active', 'brainstorm', 3, 0, 1, 80, 0],
    );
    assert.deepEqual(get('SELECT agent_type, status, sandbox, turns, input_tokens, cache_hits FROM dispatches'), [
      'codex',
      'spawned',
      'workspace-write',
      0,
      0,
      null,
    ]);
    assert.deepEqual(get('SELECT type, status FROM run_artifacts'), ['file', 'active']);
    assert.deepEqual(get('SELECT agent_type, status FROM run_agents'), ['claude', 'active']);
    assert.deepEqual(get('SELECT status, confidence_tier, raw_metadata, relevance_score FROM discoveries'), [
      'new',
      'low',
      '{}',
      0,
    ]);
    assert.ok(Number((get('SELECT created_at FROM runs') as unknown[])[0]) > 1_700_000_000);
  });

  it('refuses rows that refer to a run that is not there', async () => {
    const kernel = await openTestKernel();
    assert.throws(() => kernel.exec("INSERT INTO run_agents (id, run_id) VALUES ('a', 'none')"), /FOREIGN KEY/);
  });

  it('is sound to the sqlite3 program', async function () {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'ic-schema-'));
    try {
      if (!hasSqlite3()) {
        console.warn('      skipped: there is no sqlite3 program here');
        this.skip();
      }
      const kernel = await openTestKernel();
      kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'seen by others' }));
      const file = path.join(folder, 'intercore.db');
      writeFileSync(file, kernel.kernel.export());
      const sql = 'PRAGMA integrity_check; PRAGMA user_version; SELECT goal FROM runs;';
      assert.equal(execFileSync('sqlite3', [file, sql], { encoding: 'utf8' }), 'ok\n10\nseen by others\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function hasSqlite3(): boolean {
  try {
    execFileSync('sqlite3', ['--version']);
    return true;
  } catch {
    return false;
  }
}
