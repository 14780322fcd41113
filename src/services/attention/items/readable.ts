/** A value of the record, or a fallback if its rows cannot be read. Unreadable rows are shown elsewhere. */
import { KernelError, lacksTables } from '../../../kernel/errors/errors';
import type { Reader } from '../../../kernel/unit';

/** A record from a version without tasks or a queue lacks their tables. */
export function readable<T>({ db }: Reader, read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (KernelError.is(error, 'ROW_INVALID')) db.leftOut.note(error.facts);
    else if (!lacksTables(error)) throw error;
    return otherwise;
  }
}
