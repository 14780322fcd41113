/**
 * The only file that knows sql.js (`docs/design/architecture.md#layers`). It gives an in-memory SQLite image typed
 * queries, one kind of transaction, and an export of the committed state.
 */
import type { BindParams, Database, Statement } from 'sql.js';
import type * as z from 'zod';
import { KernelError, problemOf } from '../errors/errors';
import { because, foreignText } from '../errors/reasons/problem';
import { ExactRows, loadedEngine } from './exactRows';
import { LeftOutRows } from './rows';
import { Recording, type RecordedStatement } from './recordedStatements';
import { SharedBytes } from './sharedBytes';
import type { RowCodec, SqlParams, SqlRow } from './sqlTypes';

export interface Query {
  /** All rows of the statement, decoded: for callers that must omit none. @throws KernelError `ROW_INVALID` */
  all<T>(sql: string, params: SqlParams, codec: RowCodec<T>): T[];
  /** The readable rows of the statement, decoded; others are recorded and omitted. */
  list<T>(sql: string, params: SqlParams, codec: RowCodec<T>): T[];
  /** The rows that `list` omitted. */
  readonly leftOut: LeftOutRows;
  /** The first row, decoded, or undefined. */
  get<T>(sql: string, params: SqlParams, codec: RowCodec<T>): T | undefined;
  /** All rows as SQLite returns them, for stores that decode row by row. */
  rows(sql: string, params: SqlParams): SqlRow[];
}

export interface Statements extends Query {
  /** Runs a statement that changes rows and returns their number. */
  run(sql: string, params: SqlParams): number;
  /** Runs an INSERT into a table with an integer key and returns the new key. */
  insert(sql: string, params: SqlParams): number;
  /** Runs several statements without parameters (schema only). */
  exec(sql: string): void;
}

export type SqliteEngine = z.infer<typeof loadedEngine>;

/** Starts the WASM engine once per process. `wasm` is made of `sql-wasm.wasm`, so no file is read here. */
export async function loadSqlite(wasm: WebAssembly.Module): Promise<SqliteEngine> {
  // A large program that is not needed until a record is opened.
  const { default: initSqlJs } = await import('sql.js');
  const loaded = await new Promise<unknown>((resolve, reject) => {
    initSqlJs(new ExactRows().options(wasm, reject)).then(resolve, reject);
  });
  return loadedEngine.parse(loaded);
}

/** How many compiled statements are kept; far more than one view uses. */
const MOST_STATEMENTS = 200;

const MOST_FINDINGS = 10_000;
const NOT_ALLOWED = /^(CHECK constraint failed in |NULL value in )/;

/** A database image in memory. Not usable after `close`. */
export class SqliteImage implements Statements {
  private database: Database;
  /** Where the database's bytes are, if that is known. */
  private shared: SharedBytes | undefined;
  /** Compiled once, keyed by their text; they belong to the connection. */
  private readonly statements = new Map<string, Statement>();
  private readonly columns = new WeakMap<Statement, readonly string[]>();
  private readonly recording = new Recording();
  readonly leftOut = new LeftOutRows();
  private inTransaction = false;
  private isReading = false;

  /** Opens a copy of `bytes`, or an empty database. Throws `SQL_FAILED` where the bytes are no database. */
  constructor(
    private readonly engine: SqliteEngine,
    bytes?: Uint8Array,
  ) {
    this.shared = bytes && new SharedBytes(bytes);
    this.database = guarded(() => new engine.Database(this.shared?.opening()));
    this.applyPragmas();
  }

  all<T>(sql: string, params: SqlParams, codec: RowCodec<T>): T[] {
    return this.rows(sql, params).map((row) => codec.decode(row));
  }

  list<T>(sql: string, params: SqlParams, codec: RowCodec<T>): T[] {
    return this.leftOut.decode(this.rows(sql, params), codec);
  }

  get<T>(sql: string, params: SqlParams, codec: RowCodec<T>): T | undefined {
    const row = this.rows(sql, params)[0];
    return row === undefined ? undefined : codec.decode(row);
  }

  rows(sql: string, params: SqlParams): SqlRow[] {
    return guarded(() => {
      const statement = this.prepared(sql);
      try {
        statement.bind(params as BindParams);
        const rows: SqlRow[] = [];
        while (statement.step()) rows.push(this.engine.exactRows.current(this.columnsOf(statement)));
        if (this.inTransaction) this.recording.asked(sql, params);
        return rows;
      } finally {
        statement.reset();
      }
    });
  }

  run(sql: string, params: SqlParams): number {
    this.noteWriting();
    return guarded(() => {
      this.database.run(sql, params as BindParams);
      const changes = this.database.getRowsModified();
      if (this.inTransaction) this.recording.ran(sql, params, changes);
      return changes;
    });
  }

  insert(sql: string, params: SqlParams): number {
    this.run(sql, params);
    const key = this.rows('SELECT last_insert_rowid() AS id', [])[0]?.['id'];
    if (typeof key !== 'number') throw new KernelError('SQL_FAILED', { problem: because('no row id after INSERT') });
    if (this.inTransaction) this.recording.gave(key);
    return key;
  }

  exec(sql: string): void {
    this.noteWriting();
    this.execute(sql);
    if (this.inTransaction) this.recording.script(sql);
  }

  /**
   * Runs `work`, which only reads, in one transaction, so that SQLite does not check before each statement whether the
   * file has changed.
   */
  reading<T>(work: () => T): T {
    if (this.inTransaction || this.isReading) return work();
    this.rows('BEGIN', []);
    this.isReading = true;
    try {
      return work();
    } finally {
      this.isReading = false;
      this.rows('COMMIT', []);
    }
  }

  begin(): void {
    this.execute('BEGIN IMMEDIATE');
    this.inTransaction = true;
    this.recording.clear();
  }

  /** The statements of the current or last transaction, without undone ones. */
  get recorded(): readonly RecordedStatement[] {
    return this.recording.statements;
  }

  /** Starts a part of the transaction that can be undone separately. */
  savepoint(): number {
    this.execute('SAVEPOINT unit');
    return this.recording.mark();
  }

  /** Keeps what was done since the savepoint. */
  release(): void {
    this.execute('RELEASE unit');
  }

  /** Undoes everything since the savepoint that `mark` belongs to. */
  undo(mark: number): void {
    this.recording.rewind(mark);
    this.execute('ROLLBACK TO unit; RELEASE unit;');
  }

  commit(): void {
    this.execute('COMMIT');
    this.inTransaction = false;
    this.shared?.committed();
  }

  /** Safe to call when a failed statement has already ended the transaction. */
  rollback(): void {
    if (!this.inTransaction) return;
    this.inTransaction = false;
    this.recording.clear();
    this.execute('ROLLBACK');
  }

  /**
   * The committed image, valid until the next transaction and read-only: SQLite may be using these bytes. Throws inside
   * a transaction, where the export would contain half a write.
   */
  export(): Uint8Array {
    if (this.inTransaction) throw new KernelError('SQL_FAILED', { problem: because('export inside a transaction') });
    return this.shared?.current ?? this.reopen();
  }

  /** Differs from an earlier mark of this image if rows, the schema or the version were written in between. */
  changeMark(): string {
    const marks = this.rows(
      `SELECT total_changes() AS rows, s.schema_version, u.user_version
       FROM pragma_schema_version AS s, pragma_user_version AS u`,
      [],
    );
    return JSON.stringify(marks);
  }

  /**
   * What `PRAGMA quick_check` finds wrong, or undefined for a sound image. A value that a table does not allow is not
   * damage: its row is checked where it is read.
   */
  damage(): string | undefined {
    const findings = this.rows(`PRAGMA quick_check(${MOST_FINDINGS})`, []).map((row) => String(row['quick_check']));
    return findings.find((finding) => finding !== 'ok' && !NOT_ALLOWED.test(finding));
  }

  close(): void {
    this.database.close();
  }

  /** A list runs the same statement hundreds of times, and compiling is most of its cost. */
  private prepared(sql: string): Statement {
    const known = this.statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.database.prepare(sql);
    this.statements.set(sql, statement);
    const [oldest] = this.statements.keys();
    if (this.statements.size > MOST_STATEMENTS && oldest !== undefined) {
      this.statements.get(oldest)?.free();
      this.statements.delete(oldest);
    }
    return statement;
  }

  /** Read once for each statement: SQLite compiles one again after the schema changed, with the same columns. */
  private columnsOf(statement: Statement): readonly string[] {
    const known = this.columns.get(statement);
    if (known?.length === this.engine.exactRows.width) return known;
    const columns = statement.getColumnNames();
    this.columns.set(statement, columns);
    return columns;
  }

  /** Exports the image and continues in shared bytes with new room to grow. */
  private reopen(): Uint8Array {
    return guarded(() => {
      const bytes = this.database.export();
      const shared = new SharedBytes(bytes);
      const database = new this.engine.Database(shared.opening());
      this.database.close();
      this.statements.clear();
      [this.database, this.shared] = [database, shared];
      // They belong to the connection, and are lost with it.
      this.applyPragmas();
      return bytes;
    });
  }

  /** Outside our transactions, commits are not reported. */
  private noteWriting(): void {
    if (!this.inTransaction) this.shared?.giveUp();
  }

  private execute(sql: string): void {
    guarded(() => this.database.exec(sql));
  }

  private applyPragmas(): void {
    this.execute('PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA recursive_triggers = OFF;');
  }
}

/** sql.js throws plain errors and bare strings; both become `SQL_FAILED`. */
function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof KernelError) throw error;
    throw new KernelError('SQL_FAILED', { problem: foreignText(problemOf(error)) }, { cause: error });
  }
}
