/**
 * Intercore's schema, version 10 (`docs/design/formats.md#tables`), and the tables of our own components
 * (`docs/design/formats.md#tables-of-our-own`).
 */
import { BUDGET_TABLES } from './budgetSchema';
import { DISCOVERY_TABLES } from './discoverySchema';
import type { Component, Table } from './tables';
import { TASK_TABLES } from './taskSchema';

/** The value of `PRAGMA user_version`; it stays Intercore's. */
export const SCHEMA_VERSION = 10;

const NOW = 'INTEGER NOT NULL DEFAULT (unixepoch())';
const SERIAL = 'INTEGER PRIMARY KEY AUTOINCREMENT';

const STATE_TABLES = [
  {
    name: 'state',
    key: ['key', 'scope_id'],
    columns: {
      key: 'TEXT NOT NULL',
      scope_id: 'TEXT NOT NULL',
      payload: 'TEXT NOT NULL',
      updated_at: NOW,
      expires_at: 'INTEGER',
    },
    indexes: {
      idx_state_scope: '(scope_id, key)',
      idx_state_expires: '(expires_at) WHERE expires_at IS NOT NULL',
    },
  },
  {
    name: 'sentinels',
    key: ['name', 'scope_id'],
    columns: { name: 'TEXT NOT NULL', scope_id: 'TEXT NOT NULL', last_fired: NOW },
  },
] as const satisfies readonly Table[];

const DISPATCHES = {
  name: 'dispatches',
  key: ['id'],
  columns: {
    id: 'TEXT NOT NULL PRIMARY KEY',
    agent_type: "TEXT NOT NULL DEFAULT 'codex'",
    status: "TEXT NOT NULL DEFAULT 'spawned'",
    project_dir: 'TEXT NOT NULL',
    prompt_file: 'TEXT',
    prompt_hash: 'TEXT',
    output_file: 'TEXT',
    verdict_file: 'TEXT',
    pid: 'INTEGER',
    exit_code: 'INTEGER',
    name: 'TEXT',
    model: 'TEXT',
    sandbox: "TEXT DEFAULT 'workspace-write'",
    timeout_sec: 'INTEGER',
    turns: 'INTEGER DEFAULT 0',
    commands: 'INTEGER DEFAULT 0',
    messages: 'INTEGER DEFAULT 0',
    input_tokens: 'INTEGER DEFAULT 0',
    output_tokens: 'INTEGER DEFAULT 0',
    cache_hits: 'INTEGER',
    created_at: NOW,
    started_at: 'INTEGER',
    completed_at: 'INTEGER',
    verdict_status: 'TEXT',
    verdict_summary: 'TEXT',
    error_message: 'TEXT',
    scope_id: 'TEXT',
    parent_id: 'TEXT',
  },
  indexes: {
    idx_dispatches_status: "(status) WHERE status IN ('spawned', 'running')",
    idx_dispatches_scope: '(scope_id) WHERE scope_id IS NOT NULL',
  },
} as const satisfies Table;

const RUNS = {
  name: 'runs',
  key: ['id'],
  columns: {
    id: 'TEXT NOT NULL PRIMARY KEY',
    project_dir: 'TEXT NOT NULL',
    goal: 'TEXT NOT NULL',
    status: "TEXT NOT NULL DEFAULT 'active'",
    phase: "TEXT NOT NULL DEFAULT 'brainstorm'",
    complexity: 'INTEGER NOT NULL DEFAULT 3',
    force_full: 'INTEGER NOT NULL DEFAULT 0',
    auto_advance: 'INTEGER NOT NULL DEFAULT 1',
    created_at: NOW,
    updated_at: NOW,
    completed_at: 'INTEGER',
    scope_id: 'TEXT',
    metadata: 'TEXT',
    phases: 'TEXT',
    token_budget: 'INTEGER',
    budget_warn_pct: 'INTEGER DEFAULT 80',
    parent_run_id: 'TEXT',
    max_dispatches: 'INTEGER DEFAULT 0',
  },
  indexes: {
    idx_runs_status: "(status) WHERE status = 'active'",
    idx_runs_parent: '(parent_run_id) WHERE parent_run_id IS NOT NULL',
  },
} as const satisfies Table;

const RUN_TABLES = [
  {
    name: 'phase_events',
    key: ['id'],
    columns: {
      id: SERIAL,
      run_id: 'TEXT NOT NULL REFERENCES runs(id)',
      from_phase: 'TEXT NOT NULL',
      to_phase: 'TEXT NOT NULL',
      event_type: "TEXT NOT NULL DEFAULT 'advance'",
      gate_result: 'TEXT',
      gate_tier: 'TEXT',
      reason: 'TEXT',
      created_at: NOW,
    },
    indexes: { idx_phase_events_run: '(run_id)' },
  },
  {
    name: 'run_agents',
    key: ['id'],
    columns: {
      id: 'TEXT NOT NULL PRIMARY KEY',
      run_id: 'TEXT NOT NULL REFERENCES runs(id)',
      agent_type: "TEXT NOT NULL DEFAULT 'claude'",
      name: 'TEXT',
      status: "TEXT NOT NULL DEFAULT 'active'",
      dispatch_id: 'TEXT',
      created_at: NOW,
      updated_at: NOW,
    },
    indexes: {
      idx_run_agents_run: '(run_id)',
      idx_run_agents_status: "(status) WHERE status = 'active'",
    },
  },
  {
    name: 'run_artifacts',
    key: ['id'],
    columns: {
      id: 'TEXT NOT NULL PRIMARY KEY',
      run_id: 'TEXT NOT NULL REFERENCES runs(id)',
      phase: 'TEXT NOT NULL',
      path: 'TEXT NOT NULL',
      type: "TEXT NOT NULL DEFAULT 'file'",
      content_hash: 'TEXT',
      dispatch_id: 'TEXT',
      status: "TEXT NOT NULL DEFAULT 'active'",
      created_at: NOW,
    },
    indexes: {
      idx_run_artifacts_run: '(run_id)',
      idx_run_artifacts_phase: '(run_id, phase)',
    },
  },
  {
    name: 'dispatch_events',
    key: ['id'],
    columns: {
      id: SERIAL,
      dispatch_id: 'TEXT NOT NULL',
      run_id: 'TEXT',
      from_status: 'TEXT NOT NULL',
      to_status: 'TEXT NOT NULL',
      event_type: "TEXT NOT NULL DEFAULT 'status_change'",
      reason: 'TEXT',
      created_at: NOW,
    },
    indexes: {
      idx_dispatch_events_dispatch: '(dispatch_id)',
      idx_dispatch_events_run: '(run_id) WHERE run_id IS NOT NULL',
      idx_dispatch_events_created: '(created_at)',
    },
  },
  {
    name: 'project_deps',
    key: ['id'],
    columns: {
      id: SERIAL,
      portfolio_run_id: 'TEXT NOT NULL REFERENCES runs(id)',
      upstream_project: 'TEXT NOT NULL',
      downstream_project: 'TEXT NOT NULL',
      created_at: NOW,
    },
    constraints: ['UNIQUE (portfolio_run_id, upstream_project, downstream_project)'],
    indexes: { idx_project_deps_portfolio: '(portfolio_run_id)' },
  },
] as const satisfies readonly Table[];

/** Left by the original's migration, and harmless (Q2); kept so that both programs create the same file. */
const MIGRATE_LOCK = { name: '_migrate_lock', key: [], columns: { x: 'INTEGER' } } as const satisfies Table;

const INTERCORE_TABLES = [...STATE_TABLES, DISPATCHES, RUNS, ...RUN_TABLES, ...DISCOVERY_TABLES, MIGRATE_LOCK] as const;
export const TABLES: readonly Table[] = INTERCORE_TABLES;

/** Which version each component of our own tables has in this file. */
export const EXTENSION_SCHEMA: Table = {
  name: 'extension_schema',
  key: ['component'],
  columns: { component: 'TEXT NOT NULL PRIMARY KEY', version: 'INTEGER NOT NULL' },
};

const OWN_COMPONENTS = [
  {
    name: 'dispatch',
    version: 1,
    tables: [
      {
        name: 'dispatch_processes',
        key: ['dispatch_id'],
        columns: {
          dispatch_id: 'TEXT PRIMARY KEY',
          argv: 'TEXT NOT NULL',
          cwd: 'TEXT NOT NULL',
          log_file: 'TEXT NOT NULL',
          exit_file: 'TEXT NOT NULL',
          start_token: 'TEXT',
          host: 'TEXT NOT NULL',
          session_id: 'TEXT',
          cost_usd: 'REAL',
          account: 'TEXT',
          failure: 'TEXT',
          failure_resets_at: 'INTEGER',
          permissions: 'TEXT',
          by_default: 'INTEGER',
        },
      },
      {
        name: 'permission_decisions',
        key: ['dispatch_id', 'number'],
        columns: {
          dispatch_id: 'TEXT NOT NULL',
          number: 'INTEGER NOT NULL',
          tool: 'TEXT NOT NULL',
          subject: 'TEXT NOT NULL',
          answer: 'TEXT NOT NULL',
          decided_by: 'TEXT NOT NULL',
          name: 'TEXT NOT NULL',
          reason: 'TEXT',
          asked_at: 'INTEGER',
          decided_at: 'INTEGER NOT NULL',
        },
      },
    ],
  },
  { name: 'village', version: 2, tables: TASK_TABLES },
  { name: 'budget', version: 1, tables: BUDGET_TABLES },
  {
    name: 'callers',
    version: 1,
    tables: [
      {
        name: 'signed_writes',
        key: ['id'],
        columns: {
          id: SERIAL,
          caller: 'TEXT NOT NULL',
          operation: 'TEXT NOT NULL',
          run_id: 'TEXT',
          created_at: NOW,
        },
        indexes: { idx_signed_writes_run: '(run_id) WHERE run_id IS NOT NULL' },
      },
      {
        name: 'event_callers',
        key: ['source', 'event_id'],
        columns: { source: 'TEXT NOT NULL', event_id: 'INTEGER NOT NULL', write_id: 'INTEGER NOT NULL' },
      },
    ],
  },
  {
    name: 'queue',
    version: 1,
    tables: [
      {
        name: 'queued_dispatches',
        key: ['id'],
        columns: {
          id: 'TEXT NOT NULL PRIMARY KEY',
          run_id: 'TEXT',
          project_dir: 'TEXT NOT NULL',
          request: 'TEXT NOT NULL',
          queued_at_ms: 'INTEGER NOT NULL',
          problem: 'TEXT',
        },
      },
    ],
  },
] as const satisfies readonly Component[];
export const COMPONENTS: readonly Component[] = OWN_COMPONENTS;

type DeclaredTable = (typeof INTERCORE_TABLES)[number] | (typeof OWN_COMPONENTS)[number]['tables'][number];
export type TableName = DeclaredTable['name'];
type ColumnsOf<N extends TableName> = Extract<DeclaredTable, { readonly name: N }>['columns'];
export type ColumnName<N extends TableName> = keyof ColumnsOf<N> & string;
/** Columns that an INSERT must give: those without a default that are not NULL, and keys that SQLite does not make. */
export type RequiredColumnName<N extends TableName> = {
  [C in ColumnName<N>]: ColumnsOf<N>[C] extends `${string}DEFAULT${string}` | `${string}AUTOINCREMENT`
    ? never
    : ColumnsOf<N>[C] extends `${string}NOT NULL${string}` | `${string}PRIMARY KEY${string}`
      ? C
      : never;
}[ColumnName<N>];
