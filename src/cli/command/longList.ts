/** Lists of any length, printed as they are read: a chunk of rows is in memory at a time. */
import type { Reader, Sync } from '../../kernel/unit';
import { EXIT, type CliContext, type ExitCode } from './command';
import type { JsonValue } from '../output/output';

/** How many rows are read and printed at once. */
const ROWS = 500;

/** How the rows of a list are read and printed. */
export interface LongList<K, T> {
  /** Keys of all rows, in order. */
  keys(reader: Reader): Sync<readonly K[]>;
  read(reader: Reader, keys: readonly K[]): Sync<readonly T[]>;
  json(row: T): JsonValue;
  fields(row: T): readonly (string | number | null)[];
}

/** A reader that closes early is not an error; a list that a signal interrupts is incomplete. */
export async function printList<K, T>(context: CliContext, list: LongList<K, T>): Promise<ExitCode> {
  const { flags, out, stopped } = context;
  const session = await context.session();
  const keys = session.read<readonly K[]>((reader) => list.keys(reader));
  let count = 0;
  for (let from = 0; from < keys.length; from += ROWS) {
    const rows = session.read<readonly T[]>((reader) => list.read(reader, keys.slice(from, from + ROWS)));
    for (const row of rows) {
      if (flags.json) out.listItem(list.json(row), count === 0);
      else out.row(...list.fields(row));
      count += 1;
    }
    if (!(await out.flush())) return EXIT.ok;
    if (stopped.aborted) return EXIT.failure;
  }
  if (flags.json) out.endList(count === 0);
  return EXIT.ok;
}
