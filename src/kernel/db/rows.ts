/**
 * Decoding of database rows: any program may have written them, so every row is parsed
 * (`docs/design/architecture.md#layers`).
 */
import type * as z from 'zod';
import { KernelError } from '../errors/errors';
import { because, foreignText, type Problem } from '../errors/reasons/problem';
import { BrokenText, type StoredValue } from './exactRows';
import type { RowCodec, SqlRow } from './sqlTypes';
import { startOf } from '../text/storableText';

/** How much of a key an error shows. */
const MAX_SHOWN_KEY = 80;
/** How many omitted rows are recorded. */
const MOST_LEFT_OUT = 1000;

/**
 * A codec for rows of `table`. `key` names the column that identifies a row in the error. A text with a NUL is always
 * invalid: C would read a shorter text than the one that was checked. An integer that no `number` holds exactly is read
 * as the nearest one, unless it identifies the row. Any number is read so where the schema wants an integer or a finite
 * number. `columnOf` gives the columns that a statement selects under other names, by these names.
 * @throws KernelError `ROW_INVALID` naming the first column outside the schema.
 */
export function rowCodec<T>(
  table: string,
  schema: z.ZodType<T>,
  key = 'id',
  columnOf: Readonly<Record<string, string>> = {},
): RowCodec<T> {
  return {
    decode(row: SqlRow): T {
      const invalid = (name: string, problem: Problem<'ROW_INVALID'>): KernelError =>
        new KernelError('ROW_INVALID', { table, id: shownKey(row[key]), column: columnOf[name] ?? name, problem });
      let nearest: Record<string, StoredValue> | undefined;
      for (const column in row) {
        const value = row[column];
        if (typeof value === 'string' && value.includes('\0')) throw invalid(column, because('it contains NUL'));
        if (value instanceof BrokenText) throw invalid(column, because('it is not UTF-8'));
        if (typeof value !== 'bigint' || column === key || column === 'id') continue;
        nearest ??= { ...row };
        nearest[column] = nearestInteger(Number(value));
      }
      let parsed = schema.safeParse(nearest ?? row);
      while (!parsed.success) {
        const column = parsed.error.issues[0]?.path[0];
        if (typeof column !== 'string' || column === key || column === 'id') break;
        const value = (nearest ?? row)[column];
        if (typeof value !== 'number' || Number.isNaN(value) || Number.isSafeInteger(value)) break;
        nearest ??= { ...row };
        nearest[column] = nearestInteger(value);
        parsed = schema.safeParse(nearest);
      }
      if (parsed.success) return parsed.data;
      const issue = parsed.error.issues[0];
      const [name, ...inside] = issue?.path.map(String) ?? [];
      const path = name === undefined ? 'row' : [columnOf[name] ?? name, ...inside].join('.');
      throw invalid(path, foreignText(issue?.message ?? parsed.error.message));
    },
  };
}

function nearestInteger(value: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Math.trunc(value)));
}

function shownKey(value: StoredValue | undefined): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value !== 'string') return '?';
  return startOf(value, MAX_SHOWN_KEY).replace(/\p{Cc}/gu, ' ');
}

/** A stored row that cannot be read: its key, and what is wrong with it. */
export interface InvalidRow {
  readonly id: string;
  readonly column: string;
  readonly problem: Problem<'ROW_INVALID'>;
}

export interface Decoded<T> {
  readonly sound: T[];
  readonly invalid: InvalidRow[];
}

/** The same with its table. */
export interface LeftOutRow extends InvalidRow {
  readonly table: string;
}

/** Rows omitted from lists, each once, in the order in which they were last found. */
export class LeftOutRows {
  private readonly rows = new Map<string, { readonly row: LeftOutRow; readonly met: number }>();
  private met = 0;

  /** Decodes row by row and records unreadable rows. */
  decode<T>(rows: readonly SqlRow[], codec: RowCodec<T>): T[] {
    return rows.flatMap((row) => {
      try {
        return [codec.decode(row)];
      } catch (error) {
        if (!KernelError.is(error, 'ROW_INVALID')) throw error;
        this.note(error.facts);
        return [];
      }
    });
  }

  /** How often rows have been omitted so far. */
  get mark(): number {
    return this.met;
  }

  /** The rows omitted since `mark` had this value. */
  since(mark = 0): readonly LeftOutRow[] {
    return [...this.rows.values()].flatMap(({ row, met }) => (met > mark ? [row] : []));
  }

  /** Records a row that a list omits for another reason. */
  note(row: LeftOutRow): void {
    const key = `${row.table} ${row.id} ${row.column}`;
    this.met += 1;
    if (this.rows.size < MOST_LEFT_OUT || this.rows.has(key)) this.rows.set(key, { row, met: this.met });
  }
}

/** Decodes row by row, so that an unreadable row is reported with the others instead of hiding them. */
export function decodeEach<T>(leftOut: LeftOutRows, rows: readonly SqlRow[], codec: RowCodec<T>): Decoded<T> {
  const sound: T[] = [];
  const invalid: InvalidRow[] = [];
  for (const row of rows) {
    try {
      sound.push(codec.decode(row));
    } catch (error) {
      if (!KernelError.is(error, 'ROW_INVALID')) throw error;
      leftOut.note(error.facts);
      const { id, column, problem } = error.facts;
      invalid.push({ id, column, problem });
    }
  }
  return { sound, invalid };
}
