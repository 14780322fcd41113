/** Long lists, read a chunk at a time with turns for other work in between. */
import { inTurns, readAmong, type Steps } from '../../host/turns';
import type { ListPage } from '../../kernel/list/recordPages';
import type { Reader, Sync } from '../../kernel/unit';
import type { ProjectKernel } from '../record/kernels';

/** Rows of a page whose length the caller does not give. */
const DEFAULT_ROWS = 1000;

/** Reads keys, and then what they name. */
export function readInSteps<K, T>(
  kernel: Pick<ProjectKernel, 'read'>,
  keysOf: (reader: Reader) => Sync<readonly K[]>,
  read: (reader: Reader, keys: readonly K[]) => Sync<readonly T[]>,
): Promise<T[]> {
  return inTurns(rowsInSteps(kernel, keysOf, read));
}

/** Sorting thousands of keys may take a turn of its own. */
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
  /** Of its rows in their order. */
  keys(reader: Reader, page: ListPage): readonly string[];
  read(reader: Reader, keys: readonly string[]): Sync<T>;
}

/**
 * The page of a list that a caller asks for, in parts, and where the next page starts, which is null where this is the
 * last.
 */
export async function readPage<T>(
  kernel: Pick<ProjectKernel, 'read'>,
  { from = 0, limit = DEFAULT_ROWS }: AskedPage,
  list: LongList<T>,
): Promise<{ readonly parts: T[]; readonly nextFrom: number | null }> {
  // One more than the page has tells whether there is another.
  const found = { hasMore: false };
  const keysOf = (reader: Reader): readonly string[] => {
    const keys = list.keys(reader, { from, limit: limit + 1 });
    found.hasMore = keys.length > limit;
    return keys.slice(0, limit);
  };
  const parts = await readInSteps(kernel, keysOf, (reader, some): T[] => [list.read(reader, some)]);
  return { parts, nextFrom: found.hasMore ? from + limit : null };
}
