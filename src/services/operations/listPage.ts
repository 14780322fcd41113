/** Reads long lists in chunks that yield to other work. */
import { inTurns, readAmong, type Steps } from '../../host/turns';
import type { ListPage } from '../../kernel/list/recordPages';
import type { Reader, Sync } from '../../kernel/unit';
import type { ProjectKernel } from '../record/kernels';

/** The default page length. */
const DEFAULT_ROWS = 1000;

/** Reads keys, and then their rows. */
export function readInSteps<K, T>(
  kernel: Pick<ProjectKernel, 'read'>,
  keysOf: (reader: Reader) => Sync<readonly K[]>,
  read: (reader: Reader, keys: readonly K[]) => Sync<readonly T[]>,
): Promise<T[]> {
  return inTurns(rowsInSteps(kernel, keysOf, read));
}

/** Sorting thousands of keys may need its own turn. */
function* rowsInSteps<K, T>(
  kernel: Pick<ProjectKernel, 'read'>,
  keysOf: (reader: Reader) => Sync<readonly K[]>,
  read: (reader: Reader, keys: readonly K[]) => Sync<readonly T[]>,
): Steps<T[]> {
  const keys = kernel.read<readonly K[]>(keysOf);
  yield;
  return yield* readAmong(keys, (some) => kernel.read<readonly T[]>((reader) => read(reader, some)));
}

export interface AskedPage {
  readonly from: number | undefined;
  readonly limit: number | undefined;
}

/** How the rows of a list are read. */
export interface LongList<T> {
  /** The keys of its rows, in order. */
  keys(reader: Reader, page: ListPage): readonly string[];
  read(reader: Reader, keys: readonly string[]): Sync<T>;
}

/** The requested page of a list, in parts, and the start of the next page; null for the last page. */
export async function readPage<T>(
  kernel: Pick<ProjectKernel, 'read'>,
  { from = 0, limit = DEFAULT_ROWS }: AskedPage,
  list: LongList<T>,
): Promise<{ readonly parts: T[]; readonly nextFrom: number | null }> {
  // One more row than the page holds shows whether there is a next page.
  const found = { hasMore: false };
  const keysOf = (reader: Reader): readonly string[] => {
    const keys = list.keys(reader, { from, limit: limit + 1 });
    found.hasMore = keys.length > limit;
    return keys.slice(0, limit);
  };
  const parts = await readInSteps(kernel, keysOf, (reader, some): T[] => [list.read(reader, some)]);
  return { parts, nextFrom: found.hasMore ? from + limit : null };
}
