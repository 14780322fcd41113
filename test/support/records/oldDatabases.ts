/**
 * Databases as older versions of the original left them, with rows in every table (`docs/design/formats.md#migration`).
 */
import { TABLES } from '../../../src/kernel/db/schema/schema';
import { SqliteImage } from '../../../src/kernel/db/sqlite';
import { createTableSql } from '../../../src/kernel/db/schema/tables';
import { testEngine } from './kernel';

/** What each version added, with a row or two in each new table. Written out here, apart from the schema under test. */
const STEPS: readonly string[] = [
  `CREATE TABLE state (key TEXT NOT NULL, scope_id TEXT NOT NULL, payload TEXT NOT NULL,
     updated_at INTEGER NOT NULL DEFAULT (unixepoch()), expires_at INTEGER, PRIMARY KEY (key, scope_id));
   CREATE INDEX idx_state_scope ON state(scope_id, key);
   CREATE INDEX idx_state_expires ON state(expires_at) WHERE expires_at IS NOT NULL;
   CREATE TABLE sentinels (name TEXT NOT NULL, scope_id TEXT NOT NULL,
     last_fired INTEGER NOT NULL DEFAULT (unixepoch()), PRIMARY KEY (name, scope_id));
   INSERT INTO state VALUES ('k', 's', '{"a":1}', 100, NULL), ('relay-cursor', '/p', x'3432', 100, 0);
   INSERT INTO sentinels VALUES ('stop', 's', 100);`,
  `CREATE TABLE dispatches (id TEXT NOT NULL PRIMARY KEY, agent_type TEXT NOT NULL DEFAULT 'codex',
     status TEXT NOT NULL DEFAULT 'spawned', project_dir TEXT NOT NULL, prompt_file TEXT, prompt_hash TEXT,
     output_file TEXT, verdict_file TEXT, pid INTEGER, exit_code INTEGER, name TEXT, model TEXT,
     sandbox TEXT DEFAULT 'workspace-write', timeout_sec INTEGER, turns INTEGER DEFAULT 0, commands INTEGER DEFAULT 0,
     messages INTEGER DEFAULT 0, input_tokens INTEGER DEFAULT 0, output_tokens INTEGER DEFAULT 0,
     created_at INTEGER NOT NULL DEFAULT (unixepoch()), started_at INTEGER, completed_at INTEGER, verdict_status TEXT,
     verdict_summary TEXT, error_message TEXT, scope_id TEXT, parent_id TEXT);
   CREATE INDEX idx_dispatches_status ON dispatches(status) WHERE status IN ('spawned', 'running');
   CREATE INDEX idx_dispatches_scope ON dispatches(scope_id) WHERE scope_id IS NOT NULL;
   INSERT INTO dispatches (id, project_dir, created_at, scope_id) VALUES ('disp0001', '/p', 100, 'run00001');`,
  `CREATE TABLE runs (id TEXT NOT NULL PRIMARY KEY, project_dir TEXT NOT NULL, goal TEXT NOT NULL,
     status TEXT NOT NULL DEFAULT 'active', phase TEXT NOT NULL DEFAULT 'brainstorm',
     complexity INTEGER NOT NULL DEFAULT 3, force_full INTEGER NOT NULL DEFAULT 0,
     auto_advance INTEGER NOT NULL DEFAULT 1, created_at INTEGER NOT NULL DEFAULT (unixepoch()),
     updated_at INTEGER NOT NULL DEFAULT (unixepoch()), completed_at INTEGER, scope_id TEXT, metadata TEXT);
   CREATE INDEX idx_runs_status ON runs(status) WHERE status = 'active';
   CREATE TABLE phase_events (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL REFERENCES runs(id),
     from_phase TEXT NOT NULL, to_phase TEXT NOT NULL, event_type TEXT NOT NULL DEFAULT 'advance', gate_result TEXT,
     gate_tier TEXT, reason TEXT, created_at INTEGER NOT NULL DEFAULT (unixepoch()));
   CREATE INDEX idx_phase_events_run ON phase_events(run_id);
   INSERT INTO runs (id, project_dir, goal, phase, created_at, updated_at)
     VALUES ('run00001', '/p', 'old goal', 'planned', 100, 100);
   INSERT INTO phase_events (run_id, from_phase, to_phase, created_at)
     VALUES ('run00001', 'brainstorm', 'planned', 100);`,
  `CREATE TABLE run_agents (id TEXT NOT NULL PRIMARY KEY, run_id TEXT NOT NULL REFERENCES runs(id),
     agent_type TEXT NOT NULL DEFAULT 'claude', name TEXT, status TEXT NOT NULL DEFAULT 'active', dispatch_id TEXT,
     created_at INTEGER NOT NULL DEFAULT (unixepoch()), updated_at INTEGER NOT NULL DEFAULT (unixepoch()));
   CREATE INDEX idx_run_agents_run ON run_agents(run_id);
   CREATE INDEX idx_run_agents_status ON run_agents(status) WHERE status = 'active';
   CREATE TABLE run_artifacts (id TEXT NOT NULL PRIMARY KEY, run_id TEXT NOT NULL REFERENCES runs(id),
     phase TEXT NOT NULL, path TEXT NOT NULL, type TEXT NOT NULL DEFAULT 'file',
     created_at INTEGER NOT NULL DEFAULT (unixepoch()));
   CREATE INDEX idx_run_artifacts_run ON run_artifacts(run_id);
   CREATE INDEX idx_run_artifacts_phase ON run_artifacts(run_id, phase);
   INSERT INTO run_agents (id, run_id, created_at, updated_at) VALUES ('agent001', 'run00001', 100, 100);
   INSERT INTO run_artifacts (id, run_id, phase, path, created_at)
     VALUES ('artif001', 'run00001', 'planned', 'plan.md', 100);`,
  `CREATE TABLE dispatch_events (id INTEGER PRIMARY KEY AUTOINCREMENT, dispatch_id TEXT NOT NULL, run_id TEXT,
     from_status TEXT NOT NULL, to_status TEXT NOT NULL, event_type TEXT NOT NULL DEFAULT 'status_change', reason TEXT,
     created_at INTEGER NOT NULL DEFAULT (unixepoch()));
   CREATE INDEX idx_dispatch_events_dispatch ON dispatch_events(dispatch_id);
   CREATE INDEX idx_dispatch_events_run ON dispatch_events(run_id) WHERE run_id IS NOT NULL;
   CREATE INDEX idx_dispatch_events_created ON dispatch_events(created_at);
   INSERT INTO dispatch_events (dispatch_id, from_status, to_status, created_at)
     VALUES ('disp0001', 'spawned', 'running', 100);`,
  `ALTER TABLE runs ADD COLUMN phases TEXT;
   ALTER TABLE runs ADD COLUMN token_budget INTEGER;
   ALTER TABLE runs ADD COLUMN budget_warn_pct INTEGER DEFAULT 80;
   ALTER TABLE dispatches ADD COLUMN cache_hits INTEGER;
   ALTER TABLE run_artifacts ADD COLUMN content_hash TEXT;
   ALTER TABLE run_artifacts ADD COLUMN dispatch_id TEXT;
   INSERT INTO runs (id, project_dir, goal, phase, phases, created_at, updated_at)
     VALUES ('run00006', '/p', 'short', 'a', '["a","b"]', 100, 100);`,
  `CREATE TABLE interspect_events (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT, agent_name TEXT NOT NULL,
     event_type TEXT NOT NULL, override_reason TEXT, context_json TEXT, session_id TEXT, project_dir TEXT,
     created_at INTEGER NOT NULL DEFAULT (unixepoch()));
   CREATE INDEX idx_interspect_events_agent ON interspect_events(agent_name);
   CREATE INDEX idx_interspect_events_created ON interspect_events(created_at);
   CREATE INDEX idx_interspect_events_run ON interspect_events(run_id) WHERE run_id IS NOT NULL;
   INSERT INTO interspect_events (agent_name, event_type, created_at) VALUES ('reviewer', 'correction', 100);`,
  `ALTER TABLE run_artifacts ADD COLUMN status TEXT NOT NULL DEFAULT 'active';
   INSERT INTO run_artifacts (id, run_id, phase, path, status, created_at)
     VALUES ('artif008', 'run00001', 'executing', 'x', 'rolled_back', 100);`,
  `CREATE TABLE discoveries (id TEXT PRIMARY KEY, source TEXT NOT NULL, source_id TEXT NOT NULL, title TEXT NOT NULL,
     summary TEXT NOT NULL DEFAULT '', url TEXT NOT NULL DEFAULT '', raw_metadata TEXT NOT NULL DEFAULT '{}',
     embedding BLOB, relevance_score REAL NOT NULL DEFAULT 0.0, confidence_tier TEXT NOT NULL DEFAULT 'low',
     status TEXT NOT NULL DEFAULT 'new', run_id TEXT, bead_id TEXT,
     discovered_at INTEGER NOT NULL DEFAULT (unixepoch()), promoted_at INTEGER, reviewed_at INTEGER,
     UNIQUE (source, source_id));
   CREATE TABLE discovery_events (id INTEGER PRIMARY KEY AUTOINCREMENT, discovery_id TEXT NOT NULL,
     event_type TEXT NOT NULL, from_status TEXT NOT NULL DEFAULT '', to_status TEXT NOT NULL DEFAULT '',
     payload TEXT NOT NULL DEFAULT '{}', created_at INTEGER NOT NULL DEFAULT (unixepoch()));
   CREATE TABLE feedback_signals (id INTEGER PRIMARY KEY AUTOINCREMENT, discovery_id TEXT NOT NULL,
     signal_type TEXT NOT NULL, signal_data TEXT NOT NULL DEFAULT '{}', actor TEXT NOT NULL DEFAULT 'system',
     created_at INTEGER NOT NULL DEFAULT (unixepoch()));
   CREATE TABLE interest_profile (id INTEGER PRIMARY KEY CHECK(id = 1), topic_vector BLOB,
     keyword_weights TEXT NOT NULL DEFAULT '{}', source_weights TEXT NOT NULL DEFAULT '{}',
     updated_at INTEGER NOT NULL DEFAULT (unixepoch()));
   INSERT INTO discoveries (id, source, source_id, title, embedding, discovered_at)
     VALUES ('discovery001', 'arxiv', '1', 't', x'0001', 100);
   INSERT INTO discovery_events (discovery_id, event_type, created_at) VALUES ('discovery001', 'created', 100);
   INSERT INTO feedback_signals (discovery_id, signal_type, created_at) VALUES ('discovery001', 'boost', 100);
   INSERT INTO interest_profile (id, updated_at) VALUES (1, 100);`,
];

/** Versions of the original before ours. */
export const OLD_VERSIONS = STEPS.map((_, index) => index + 1);

async function build(fill: (image: SqliteImage) => void): Promise<Uint8Array> {
  const image = new SqliteImage(await testEngine);
  try {
    fill(image);
    return image.export();
  } finally {
    image.close();
  }
}

function stampOld(image: SqliteImage, version: number): void {
  for (const step of STEPS.slice(0, version)) image.exec(step);
  image.exec(`PRAGMA user_version = ${version}`);
}

/** A database of one of `OLD_VERSIONS`. */
export function oldDatabase(version: number): Promise<Uint8Array> {
  return build((image) => stampOld(image, version));
}

/** What the original makes of versions 2, 3 and 4: stamped 10, with columns missing (Q3). */
export function brokenDatabase(version: 2 | 3 | 4): Promise<Uint8Array> {
  return build((image) => {
    stampOld(image, version);
    if (version === 4) image.exec("ALTER TABLE run_artifacts ADD COLUMN status TEXT NOT NULL DEFAULT 'active'");
    if (version >= 3) {
      image.exec('ALTER TABLE runs ADD COLUMN parent_run_id TEXT');
      image.exec('ALTER TABLE runs ADD COLUMN max_dispatches INTEGER DEFAULT 0');
    }
    for (const table of TABLES) {
      image.exec(createTableSql(table).replace('CREATE TABLE', 'CREATE TABLE IF NOT EXISTS'));
      for (const [name, on] of Object.entries(table.indexes ?? {})) {
        image.exec(`CREATE INDEX IF NOT EXISTS ${name} ON ${table.name}${on}`);
      }
    }
    image.exec('PRAGMA user_version = 10');
  });
}

/** Any database, from statements. */
export function databaseOf(sql: string): Promise<Uint8Array> {
  return build((image) => image.exec(sql));
}

/** Every row of every table of an image that no kernel has opened. */
export async function dumpBytes(bytes: Uint8Array): Promise<Record<string, Record<string, unknown>[]>> {
  const image = new SqliteImage(await testEngine, bytes);
  try {
    const tables = image.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", []);
    return Object.fromEntries(
      tables.map(({ name }) => [String(name), image.rows(`SELECT * FROM "${String(name)}" ORDER BY rowid`, [])]),
    );
  } finally {
    image.close();
  }
}
