/** A real kernel in memory, with a manual clock and ids that are the same in every test run. */
import { readFileSync } from 'node:fs';
import { loadSqlite, type SqliteEngine } from '../../../src/kernel/db/sqlite';
import type { SqlRow } from '../../../src/kernel/db/sqlTypes';
import type { Touched } from '../../../src/kernel/change';
import { Kernel } from '../../../src/kernel/image/kernel';
import type { Ports } from '../../../src/kernel/ports';
import type { Reader, Sync, Unit } from '../../../src/kernel/unit';

/** The engine, compiled once per process. */
export const testEngine: Promise<SqliteEngine> = loadSqlite(
  new WebAssembly.Module(readFileSync(require.resolve('sql.js/dist/sql-wasm.wasm'))),
);

/** 2026-01-01T00:00:00Z, where every test clock starts. */
export const TEST_START_SEC = 1_767_225_600;

export class ManualClock {
  private seconds = TEST_START_SEC;

  nowMs(): number {
    return this.seconds * 1000;
  }

  /** The time in unix seconds. */
  get now(): number {
    return this.seconds;
  }

  advance(seconds: number): void {
    this.seconds += seconds;
  }
}

/** Ids that count up: `aaaaaaa1`, `aaaaaaa2`, … */
export function seededIds(): Ports['ids'] {
  let last = 0;
  return {
    newId: (length) => {
      last += 1;
      return last.toString().padStart(length, 'a');
    },
  };
}

export class TestKernel {
  /** What the last `write` touched. */
  touched: Touched | undefined;

  constructor(
    readonly kernel: Kernel,
    readonly clock: ManualClock,
  ) {}

  /** One unit in a transaction of its own. A failure undoes it and is thrown. */
  write<T>(work: (unit: Unit) => Sync<T>): T {
    const transaction = this.kernel.begin();
    const attempt = transaction.attempt(work);
    this.touched = transaction.commit();
    if (attempt.ok) return attempt.value;
    throw attempt.error;
  }

  read<T>(work: (reader: Reader) => Sync<T>): T {
    return this.kernel.read(work);
  }

  /** Statements of another program, for states our own services never make. */
  exec(sql: string): void {
    this.write((u) => u.db.exec(sql));
  }
}

/** Opens a new database, or the given image. */
export async function openTestKernel(bytes?: Uint8Array): Promise<TestKernel> {
  const clock = new ManualClock();
  return new TestKernel(Kernel.open(await testEngine, bytes, { clock, ids: seededIds() }), clock);
}

/** Every row of every table, to show that a refused command changed nothing. */
export function dumpDatabase(kernel: Kernel): Record<string, SqlRow[]> {
  return kernel.read((r) => {
    const tables = r.db.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", []);
    return Object.fromEntries(
      tables.map(({ name }) => [String(name), r.db.rows(`SELECT rowid, * FROM "${String(name)}" ORDER BY rowid`, [])]),
    );
  });
}
