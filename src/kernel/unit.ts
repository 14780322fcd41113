/**
 * A unit of work: what every service function of the kernel is given (`docs/design/architecture.md#write-protocol`).
 */
import type { Touched } from './change';
import type { Query, Statements } from './db/sqlite';

/** Reading. Nothing a reader does changes the image. */
export interface Reader {
  readonly db: Query;
  /** Unix seconds, fixed for the whole unit. */
  readonly now: number;
}

/**
 * Writing, inside one transaction. A unit may be run again from the start when another process wrote first, so it must
 * depend on the database and its arguments only.
 */
export interface Unit extends Reader {
  readonly db: Statements;
  /** What this unit touched; service functions add to it. */
  readonly touched: Touched;
  /** A new id: of eight characters, for a run, dispatch, agent or artifact, unless another length is asked for. */
  newId(length?: number): string;
}

/** Refuses asynchronous callbacks at compile time: nothing may be awaited inside a transaction. */
export type Sync<T> = T extends PromiseLike<unknown> ? never : T;
