/** What a record says, or a stand-in where it cannot: rows that cannot be read are shown where they belong. */
import { KernelError } from '../../kernel/errors';

/** A record that no version with tasks or a queue has written lacks their tables. */
export function readable<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (KernelError.is(error, 'SQL_FAILED') || KernelError.is(error, 'ROW_INVALID')) return otherwise;
    throw error;
  }
}
