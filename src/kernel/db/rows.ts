/** Decoding of database rows: any program may have written them, so every one is parsed (design §2). */
import type * as z from 'zod';
import { KernelError } from '../errors';
import type { RowCodec, SqlRow } from './sqlite';

/**
 * A codec for rows of `table`. `key` names the column that identifies a row in the error.
 * @throws KernelError `ROW_INVALID` naming the first column outside the schema.
 */
export function rowCodec<T>(table: string, schema: z.ZodType<T>, key = 'id'): RowCodec<T> {
  return {
    decode(row: SqlRow): T {
      const parsed = schema.safeParse(row);
      if (parsed.success) return parsed.data;
      const issue = parsed.error.issues[0];
      throw new KernelError('ROW_INVALID', {
        table,
        id: String(row[key] ?? '?'),
        column: issue?.path.join('.') || 'row',
        problem: issue?.message ?? 'not readable',
      });
    },
  };
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
