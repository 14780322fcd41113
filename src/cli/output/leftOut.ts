/** Rows of a record that lists leave out because they cannot be read. Each is reported; the list shows the others. */
import type { LeftOutRow } from '../../kernel/db/rows';
import type { Output } from './output';

/** In the help of a list. */
export const LEFT_OUT = { 2: 'a row could not be read and was left out' } as const;

/** Reports each row with its problem, and the total, once for a command. */
export function reportLeftOut(out: Output, name: string, rows: readonly LeftOutRow[]): void {
  if (rows.length === 0) return;
  for (const { table, id, column, problem } of rows) {
    out.message(`${name}: ${table} ${id} left out: invalid ${column}: ${problem.text}`);
  }
  const count = rows.length === 1 ? '1 row is' : `${rows.length} rows are`;
  out.note(`  ${count} left out. Correct them with the program that wrote them, or restore a backup.`);
}
