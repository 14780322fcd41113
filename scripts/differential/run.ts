/** Runs one sequence with one executable, and says what came of each step in words that do not depend on ids or times. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Step } from './lines';

/** A program and its first arguments. */
export type Executable = readonly [string, ...string[]];

export interface StepOutcome {
  readonly line: string;
  readonly code: number | null;
  readonly stdout: string;
  /** Rows of every table after the step. */
  readonly rows: string;
}

/** Tables of ours that the original does not have, and SQLite's own. */
const TABLES = `runs phase_events run_agents run_artifacts dispatches dispatch_events state sentinels discoveries
  discovery_events feedback_signals interspect_events interest_profile project_deps`.split(/\s+/);
/** Of a row that has a text as its key. */
const ID = /"id":"([a-z0-9]{8}|[a-z0-9]{12})"/g;
const TIME = /\b1[5-9]\d{8}\b|\b\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)/g;

export function outcomesOf([program, ...first]: Executable, steps: readonly Step[]): StepOutcome[] {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ic-differential-')));
  const kept = new Map<string, string>();
  /** In the order in which they were first seen. */
  const ids = new Map<string, string>();
  const plain = (text: string): string => {
    let named = text.replaceAll(folder, '<folder>').replace(TIME, '<time>');
    for (const [id, name] of ids) named = named.replaceAll(id, name);
    return named;
  };
  try {
    writeFileSync(path.join(folder, 'payload.json'), '{"a":1}');
    return steps.map(({ words, keep }) => {
      const filled = words.map((word) => word.replace(/\{(\w+)\}/g, (_, name: string) => kept.get(name) ?? 'none'));
      const env = { PATH: process.env['PATH'] ?? '', PWD: folder, TZ: 'UTC', TMPDIR: folder, XDG_STATE_HOME: folder };
      const { status, stdout } = spawnSync(program, [...first, ...filled], { cwd: folder, env, encoding: 'utf8' });
      if (keep !== undefined && status === 0) kept.set(keep, /^\S+/.exec(stdout)?.[0] ?? 'none');
      const rows = rowsOf(folder);
      for (const [, id = ''] of rows.matchAll(ID)) if (!ids.has(id)) ids.set(id, `<id ${ids.size + 1}>`);
      return { line: words.join(' '), code: status, stdout: plain(stdout), rows: plain(rows) };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Read by the sqlite3 program, which sees a write-ahead log, too. */
function rowsOf(folder: string): string {
  const sql = TABLES.map((table) => `.print ${table}\nSELECT * FROM ${table} ORDER BY rowid;`).join('\n');
  const file = path.join(folder, '.clavain/intercore.db');
  return spawnSync('sqlite3', ['-json', file], { input: sql, encoding: 'utf8' }).stdout;
}
