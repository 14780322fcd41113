/** What is read of databases in one go: between two turns of the event loop, or two parts of an output. */
import * as z from 'zod';
import { SqliteImage } from '../../../src/kernel/db/sqlite';
import type { SqlParams, SqlRow } from '../../../src/kernel/db/sqlTypes';
import { itemsIn, noReads, type Reads } from '../records/countedReads';

const rowsMethod = z.custom<(this: SqliteImage, sql: string, params: SqlParams) => SqlRow[]>(
  (value) => typeof value === 'function',
);

export class ReadSteps {
  /** Of the step with the most rows. */
  largest = noReads();
  private step = noReads();
  private isCounting = false;

  /** Counts while `work` runs, in all databases of this process. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const original = rowsMethod.parse(Reflect.get(SqliteImage.prototype, 'rows'));
    const count = (found: readonly SqlRow[]): void => this.count(found);
    SqliteImage.prototype.rows = function (this: SqliteImage, sql: string, params: SqlParams) {
      const found = original.call(this, sql, params);
      count(found);
      return found;
    };
    // The length of a step is a time, and fast machines read more in it: here each reading of the clock takes a millisecond.
    let nowMs = performance.now();
    Object.defineProperty(performance, 'now', { configurable: true, value: () => (nowMs += 1) });
    try {
      return await work();
    } finally {
      Reflect.deleteProperty(performance, 'now');
      SqliteImage.prototype.rows = original;
      this.end();
    }
  }

  /** What follows is another step. */
  end(): void {
    this.isCounting = false;
    if (weight(this.step) > weight(this.largest)) this.largest = this.step;
    this.step = noReads();
  }

  private count(found: readonly SqlRow[]): void {
    if (!this.isCounting) {
      this.isCounting = true;
      setImmediate(() => this.end());
    }
    this.step.statements += 1;
    this.step.rows += found.length;
    for (const row of found) for (const value of Object.values(row)) this.step.listed += itemsIn(value);
  }
}

/** Reading a row takes as long as reading many ids of a list in one cell. */
const IDS_PER_ROW = 50;

/** In rows. */
export function weight({ rows, listed }: Reads): number {
  return rows + listed / IDS_PER_ROW;
}
