/** The native half of the comparison, for a Node that has `node:sqlite`. Prints one `NativeResult` as JSON. */
import { createRequire } from 'node:module';
import { COMMIT, LIST_RUNS, nativeTask, type NativeResult, type NativeTask } from './workload';

/** The part of `node:sqlite` that is used here; the types of our Node do not know it yet. */
interface NativeModule {
  readonly DatabaseSync: new (file: string) => {
    exec(sql: string): void;
    prepare(sql: string): { run(...params: (string | number)[]): unknown; all(): unknown[] };
    close(): void;
  };
}

function measure(task: NativeTask): NativeResult {
  const { DatabaseSync } = createRequire(__filename)('node:sqlite') as NativeModule;
  const started = performance.now();
  const database = new DatabaseSync(task.file);
  // The same durability as ours: on disk when the call returns.
  database.exec(`PRAGMA journal_mode = ${task.journalMode}; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;`);
  const openMs = performance.now() - started;
  const statements = COMMIT.map(({ sql, params }) => ({ statement: database.prepare(sql), params }));
  const commitMs = Array.from({ length: task.commits }, (_, n) =>
    timed(() => {
      database.exec('BEGIN IMMEDIATE');
      for (const { statement, params } of statements) statement.run(...params(n));
      database.exec('COMMIT');
    }),
  );
  const list = database.prepare(LIST_RUNS);
  const listMs = Array.from({ length: task.lists }, () => timed(() => list.all()));
  database.close();
  return { openMs, commitMs, listMs };
}

function timed(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

process.stdout.write(JSON.stringify(measure(nativeTask.parse(JSON.parse(process.argv[2] ?? '')))));
