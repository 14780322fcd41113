/** Rows of a list that cannot be read: each is named, and the list shows the others. */
import type { InvalidRow } from '../kernel/db/rows';
import { EXIT, type CliContext, type ExitCode } from './command';

/** In the help of a list. */
export const LEFT_OUT = { 2: 'a row could not be read and is left out' } as const;

/** The exit code of the list. */
export function leftOut({ name, out }: CliContext, what: string, invalid: readonly InvalidRow[]): ExitCode {
  for (const { id, column, problem } of invalid) {
    out.message(`${name}: ${what} ${id} left out: invalid ${column}: ${problem}`);
  }
  if (invalid.length === 0) return EXIT.ok;
  out.note('  The other rows are shown. Correct the row with the program that wrote it, or restore a backup.');
  return EXIT.failure;
}
