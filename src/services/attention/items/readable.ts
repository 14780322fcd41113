/** What a record says, or a stand-in where it cannot: rows that cannot be read are shown where they belong. */
import { KernelError, lacksTables } from '../../../kernel/errors/errors';
import type { Reader } from '../../../kernel/unit';

/** A record that no version with tasks or a queue has written lacks their tables. */
export function readable<T>({ db }: Reader, read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (KernelError.is(error, 'ROW_INVALID')) db.leftOut.note(error.facts);
    else if (!lacksTables(error)) throw error;
    return otherwise;
  }
}
