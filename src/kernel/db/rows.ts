/** Decoding of database rows: any program may have written them, so every one is parsed (design §2). */
import type { z } from 'zod';
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
