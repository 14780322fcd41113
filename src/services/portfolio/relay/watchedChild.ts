/** What a relay knows of a child between two cycles, and when it reads one again that could not be read. */
import type { FileStamp } from '../../../host/image/fileStamp';
import type { KernelError } from '../../../kernel/errors/errors';
import { repeated, type Repeat } from '../../../kernel/failure/repeats';
import type { ChildState } from '../../../kernel/portfolio/relay';

/** The state of one child between two cycles. */
export interface WatchedChild {
  /** The stamp of the files when they were last read completely; undefined: not yet. */
  stamp: FileStamp | undefined;
  /** The state of the child's run then, in the authoritative database. */
  state: ChildState | undefined;
  activeDispatches: number;
  failures: number;
  /** Not checked before this time, in milliseconds. */
  retryAtMs: number;
  problem: KernelError | undefined;
  /** How often in a row this problem occurred. */
  repeat: Repeat | undefined;
  /** Whether the database is the portfolio's own; undefined: not known yet. */
  isOwn: boolean | undefined;
}

const FIRST_RETRY_MS = 2000;
export const LONGEST_RETRY_MS = 60_000;

export function unreadChild(): WatchedChild {
  return {
    stamp: undefined,
    state: undefined,
    activeDispatches: 0,
    failures: 0,
    retryAtMs: 0,
    problem: undefined,
    repeat: undefined,
    isOwn: undefined,
  };
}

/** Delays the next attempt. `problem`: undefined where the failure is not a problem of the child. */
export function noteFailure(known: WatchedChild, problem: KernelError | undefined, nowMs: number): void {
  known.failures += 1;
  known.problem = problem;
  known.repeat = problem && repeated(known.repeat, problem.message, Math.floor(nowMs / 1000));
  known.stamp = undefined;
  known.retryAtMs = nowMs + Math.min(FIRST_RETRY_MS * 2 ** (known.failures - 1), LONGEST_RETRY_MS);
}
