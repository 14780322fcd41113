/** Discovery and interspect tables of Intercore's schema (`docs/design/formats.md#discoveries`). */
import type { Table } from './tables';

const NOW = 'INTEGER NOT NULL DEFAULT (unixepoch())';
const SERIAL = 'INTEGER PRIMARY KEY AUTOINCREMENT';

export const DISCOVERY_TABLES = [
  {
    name: 'interspect_events',
    key: ['id'],
    columns: {
      id: SERIAL,
      run_id: 'TEXT',
      agent_name: 'TEXT NOT NULL',
      event_type: 'TEXT NOT NULL',
      override_reason: 'TEXT',
      context_json: 'TEXT',
      session_id: 'TEXT',
      project_dir: 'TEXT',
      created_at: NOW,
    },
    indexes: {
      idx_interspect_events_agent: '(agent_name)',
      idx_interspect_events_created: '(created_at)',
      idx_interspect_events_run: '(run_id) WHERE run_id IS NOT NULL',
    },
  },
  {
    name: 'discoveries',
    key: ['id'],
    columns: {
      id: 'TEXT PRIMARY KEY',
      source: 'TEXT NOT NULL',
      source_id: 'TEXT NOT NULL',
      title: 'TEXT NOT NULL',
      summary: "TEXT NOT NULL DEFAULT ''",
      url: "TEXT NOT NULL DEFAULT ''",
      raw_metadata: "TEXT NOT NULL DEFAULT '{}'",
      embedding: 'BLOB',
      relevance_score: 'REAL NOT NULL DEFAULT 0.0',
      confidence_tier: "TEXT NOT NULL DEFAULT 'low'",
      status: "TEXT NOT NULL DEFAULT 'new'",
      run_id: 'TEXT',
      bead_id: 'TEXT',
      discovered_at: NOW,
      promoted_at: 'INTEGER',
      reviewed_at: 'INTEGER',
    },
    constraints: ['UNIQUE (source, source_id)'],
    indexes: {
      idx_discoveries_source: '(source)',
      idx_discoveries_status: "(status) WHERE status NOT IN ('dismissed')",
      idx_discoveries_tier: '(confidence_tier)',
    },
  },
  {
    name: 'discovery_events',
    key: ['id'],
    columns: {
      id: SERIAL,
      discovery_id: 'TEXT NOT NULL',
      event_type: 'TEXT NOT NULL',
      from_status: "TEXT NOT NULL DEFAULT ''",
      to_status: "TEXT NOT NULL DEFAULT ''",
      payload: "TEXT NOT NULL DEFAULT '{}'",
      created_at: NOW,
    },
    indexes: {
      idx_discovery_events_discovery: '(discovery_id)',
      idx_discovery_events_created: '(created_at)',
    },
  },
  {
    name: 'feedback_signals',
    key: ['id'],
    columns: {
      id: SERIAL,
      discovery_id: 'TEXT NOT NULL',
      signal_type: 'TEXT NOT NULL',
      signal_data: "TEXT NOT NULL DEFAULT '{}'",
      actor: "TEXT NOT NULL DEFAULT 'system'",
      created_at: NOW,
    },
    indexes: { idx_feedback_signals_discovery: '(discovery_id)' },
  },
  {
    name: 'interest_profile',
    key: ['id'],
    columns: {
      id: 'INTEGER PRIMARY KEY CHECK (id = 1)',
      topic_vector: 'BLOB',
      keyword_weights: "TEXT NOT NULL DEFAULT '{}'",
      source_weights: "TEXT NOT NULL DEFAULT '{}'",
      updated_at: NOW,
    },
  },
] as const satisfies readonly Table[];
