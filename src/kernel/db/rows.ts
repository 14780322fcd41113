/** Decoding of database rows: any program may have written them, so every one is parsed (design §2). */
import type * as z from 'zod';
import { KernelError } from '../errors';
import { BrokenText, type StoredValue } from './exactRows';
import type { RowCodec, SqlRow } from './sqlite';
import { startOf } from '../storableText';

/** How much of a key an error shows. */
const MAX_SHOWN_KEY = 80;

/**
 * A codec for rows of `table`. `key` names the column that identifies a row in the error. A text with a NUL is never
 * sound: where C reads it, it is another text than the one that was checked. An integer that no `number` holds exactly is
 * read as the nearest one that it does, unless it identifies the row.
 * @throws KernelError `ROW_INVALID` naming the first column outside the schema.
 */
export function rowCodec<T>(table: string, schema: z.ZodType<T>, key = 'id'): RowCodec<T> {
  return {
    decode(row: SqlRow): T {
      const invalid = (column: string, problem: string): KernelError =>
        new KernelError('ROW_INVALID', { table, id: shownKey(row[key]), column, problem });
      let nearest: Record<string, StoredValue> | undefined;
      for (const column in row) {
        const value = row[column];
        if (typeof value === 'string' && value.includes('\0')) throw invalid(column, 'it contains NUL');
        if (value instanceof BrokenText) throw invalid(column, 'it is not UTF-8');
        if (typeof value !== 'bigint' || column === key || column === 'id') continue;
        nearest ??= { ...row };
        nearest[column] = value < 0 ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
      }
      const parsed = schema.safeParse(nearest ?? row);
      if (parsed.success) return parsed.data;
      const issue = parsed.error.issues[0];
      throw invalid(issue?.path.join('.') || 'row', issue?.message ?? 'not readable');
    },
  };
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
  readonly problem: string;
}

export interface Decoded<T> {
  readonly sound: T[];
  readonly invalid: InvalidRow[];
}

/** Decodes row by row, so that one that cannot be read is reported beside the others instead of hiding them. */
export function decodeEach<T>(rows: readonly SqlRow[], codec: RowCodec<T>): Decoded<T> {
  const sound: T[] = [];
  const invalid: InvalidRow[] = [];
  for (const row of rows) {
    try {
      sound.push(codec.decode(row));
    } catch (error) {
      if (!KernelError.is(error, 'ROW_INVALID')) throw error;
      const { id, column, problem } = error.facts;
      invalid.push({ id, column, problem });
    }
  }
  return { sound, invalid };
}
