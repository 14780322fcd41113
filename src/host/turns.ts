/**
 * Long work in steps: a generator yields wherever other work may run, so reading ten thousand rows blocks the event
 * loop only briefly at a time. Rows may change between two steps, so a reader first determines the ids of its rows.
 */

/** Work that yields between its steps. A step should take a few milliseconds at most. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** After this time, other work of the event loop gets its turn. Including the current step, less than a frame. */
const TURN_MS = 6;

/** Runs all steps, with turns for other work between them. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const until = performance.now() + TURN_MS;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (performance.now() < until);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** How many items are mapped in a step. */
const ITEMS = 20;
/** The maximum and minimum number of rows read in a step. */
const ROWS = 100;
const LEAST_ROWS = 10;
/** A step that takes longer than this is followed by one of fewer rows. */
const STEP_MS = 4;

/** Maps a list of any length. */
export function* mapped<T, U>(items: readonly T[], of: (item: T, index: number) => U): Steps<U[]> {
  const all: U[] = [];
  for (const [index, item] of items.entries()) {
    all.push(of(item, index));
    if (index % ITEMS === ITEMS - 1) yield;
  }
  return all;
}

/**
 * Reads rows by id in chunks, in the order of the chunks. A chunk has as many rows as can be read in a few
 * milliseconds, so fewer for long rows or on a slow machine.
 */
export function* readAmong<K, T>(ids: readonly K[], read: (ids: readonly K[]) => readonly T[]): Steps<T[]> {
  const all: T[] = [];
  let rows = ROWS;
  for (let from = 0; from < ids.length;) {
    const startedAt = performance.now();
    const some = ids.slice(from, from + rows);
    for (const row of read(some)) all.push(row);
    from += some.length;
    const tookMs = performance.now() - startedAt;
    const inTime = tookMs === 0 ? ROWS : Math.floor((rows * STEP_MS) / tookMs);
    rows = Math.max(LEAST_ROWS, Math.min(ROWS, inTime));
    yield;
  }
  return all;
}

/** Collects all chunks, each of which is a step. */
export function* gathered<T>(chunks: Iterable<readonly T[]>): Steps<T[]> {
  const all: T[] = [];
  for (const chunk of chunks) {
    for (const item of chunk) all.push(item);
    yield;
  }
  return all;
}
