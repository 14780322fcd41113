/**
 * Access of this process to a database file, in turns. POSIX locks belong to a process and an inode: closing any
 * descriptor of a file drops all locks of the process on it, including those of other threads. So while SQLite has the
 * file open, nothing else in this process opens it, and vice versa.
 */

interface Turns {
  /** The last exclusive access; settled when it is done. */
  alone: Promise<unknown>;
  readonly together: Set<Promise<unknown>>;
}

const files = new Map<string, Turns>();

/** Runs work that opens the file as a plain file, possibly concurrently with others of its kind. */
export async function asPlainFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  const turns = turnsOf(file);
  const running = turns.alone.then(work);
  const settled = running.then(noop, noop);
  turns.together.add(settled);
  try {
    return await running;
  } finally {
    turns.together.delete(settled);
  }
}

/** Runs work during which SQLite has the file open, alone in this process. It must not call `asPlainFile` itself. */
export function asDatabase<T>(file: string, work: () => Promise<T>): Promise<T> {
  const turns = turnsOf(file);
  const running = Promise.all([turns.alone, ...turns.together]).then(work);
  turns.alone = running.then(noop, noop);
  return running;
}

function turnsOf(file: string): Turns {
  const known = files.get(file);
  if (known !== undefined) return known;
  const turns: Turns = { alone: Promise.resolve(), together: new Set() };
  files.set(file, turns);
  return turns;
}

function noop(): void {
  return undefined;
}
