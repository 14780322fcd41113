/** The rows of a record in words that do not depend on ids, times, or processes. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

const NAMED = z.array(z.object({ table: z.string(), column: z.string() }));
const COLUMNS = `SELECT m.name AS "table", c.name AS "column" FROM sqlite_master m JOIN pragma_table_info(m.name) c
  WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid`;
/** Of processes and clocks. Whether there is one is compared. */
const VARIES = /(^|_)(pid|at|boot|nonce|mark|token|start_time|timestamp|last_fired)$/;

/** Table by table; both executables are compared in the tables that both have. */
export type Rows = ReadonlyMap<string, readonly string[]>;

export function rowsOf(folder: string): Rows {
  const file = path.join(folder, '.clavain/intercore.db');
  if (!existsSync(file)) return new Map();
  const columns = new Map<string, string[]>();
  for (const { table, column } of NAMED.parse(JSON.parse(sqlite3(file, COLUMNS) || '[]'))) {
    columns.set(table, [...(columns.get(table) ?? []), column]);
  }
  const selects = [...columns].map(([table, names]) => {
    const values = names.map((name) =>
      VARIES.test(name) ? `CASE WHEN "${name}" IS NULL THEN 'NULL' ELSE '<${name}>' END` : `quote("${name}")`,
    );
    const row = names.map((name, at) => `'${at === 0 ? '' : ', '}${name}=' || ${values[at]}`).join(' || ');
    return `SELECT '${table}' AS "table", ${row} AS "column" FROM (SELECT * FROM "${table}" ORDER BY rowid)`;
  });
  const rows = new Map<string, string[]>([...columns.keys()].map((table) => [table, []]));
  for (const { table, column } of NAMED.parse(JSON.parse(sqlite3(file, selects.join(' UNION ALL ')) || '[]'))) {
    rows.get(table)?.push(column);
  }
  return rows;
}

/** Processes that the record says are running. */
export function processesOf(folder: string): readonly number[] {
  const file = path.join(folder, '.clavain/intercore.db');
  if (!existsSync(file)) return [];
  return sqlite3(file, 'SELECT pid FROM dispatches WHERE pid IS NOT NULL', '-list')
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

/** Answers of the sqlite3 program, which sees a write-ahead log, too. */
function sqlite3(file: string, sql: string, mode = '-json'): string {
  const { status, stdout, stderr } = spawnSync('sqlite3', ['-readonly', mode, file], { input: sql, encoding: 'utf8' });
  if (status !== 0) throw new Error(`sqlite3 could not read ${file}: ${stderr}`);
  return stdout.trim();
}
