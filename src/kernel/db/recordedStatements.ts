/** The statements of one transaction with their parameters, so that another library can run them again on the file. */
import type { SqlParams } from './sqlTypes';

export interface RecordedStatement {
  readonly sql: string;
  /** Absent for a script of several statements. */
  readonly params?: SqlParams;
  /** How many rows it changed, for a statement that changes rows. */
  readonly changes?: number;
  /** The key of its INSERT, if the caller uses it. */
  readonly key?: number;
}

const CHANGES_ROWS = /^\s*(?:INSERT|UPDATE|DELETE|REPLACE)\b/i;
const READS = /^\s*(?:SELECT|WITH|VALUES|PRAGMA|EXPLAIN)\b/i;

export class Recording {
  private entries: RecordedStatement[] = [];

  get statements(): readonly RecordedStatement[] {
    return this.entries;
  }

  clear(): void {
    this.entries = [];
  }

  /** The position that `rewind` returns to. */
  mark(): number {
    return this.entries.length;
  }

  rewind(mark: number): void {
    this.entries.length = mark;
  }

  ran(sql: string, params: SqlParams, changes: number): void {
    this.entries.push({ sql, params, ...(CHANGES_ROWS.test(sql) ? { changes } : {}) });
  }

  /** The last statement was an INSERT whose key the caller uses. */
  gave(key: number): void {
    const last = this.entries.pop();
    if (last !== undefined) this.entries.push({ ...last, key });
  }

  script(sql: string): void {
    this.entries.push({ sql });
  }

  /** A query, which is only recorded if it may have written. */
  asked(sql: string, params: SqlParams): void {
    if (!READS.test(sql)) this.entries.push({ sql, params });
  }
}
