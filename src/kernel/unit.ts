/**
 * A unit of work, the first argument of every service function of the kernel
 * (`docs/design/architecture.md#write-protocol`).
 */
import type { Touched } from './change';
import type { Query, Statements } from './db/sqlite';

/** Reads. A reader never changes the image. */
export interface Reader {
  readonly db: Query;
  /** Unix seconds, fixed for the whole unit. */
  readonly now: number;
}

/**
 * Writes, inside one transaction. A unit may be repeated from the start if another process wrote first, so it must
 * depend only on the database and its arguments.
 */
export interface Unit extends Reader {
  readonly db: Statements;
  /** What this unit touched; service functions add to it. */
  readonly touched: Touched;
  /** A new id: eight characters, for a run, dispatch, agent or artifact, unless another length is given. */
  newId(length?: number): string;
}

/** Rejects asynchronous callbacks at compile time: nothing may be awaited inside a transaction. */
export type Sync<T> = T extends PromiseLike<unknown> ? never : T;
