/** What operations on records, runs and dispatches resolve with. */
import type { ErrorCode } from '../../kernel/errors/errors';

/** A workspace folder and how its database stands. */
export interface FolderInfo {
  readonly folder: string;
  readonly database: string;
  readonly state: 'missing' | 'loading' | 'ready' | 'readOnly' | 'failed';
  /** Why it cannot be written or read. */
  readonly problem: { readonly code: ErrorCode; readonly message: string } | null;
  readonly generation: number;
}

/** One commit, or one reload after another process changed the file (then the id lists are empty: anything may differ). */
export interface RecordChange {
  readonly folder: string;
  readonly generation: number;
  readonly origin: 'commit' | 'file';
  readonly runs: readonly string[];
  readonly dispatches: readonly string[];
}

/** Of a page of a long list. */
export interface MoreRows {
  /** `from` of the next page; null where this page is the last. */
  readonly nextFrom: number | null;
}

/** A part of an agent's log, as people read it. */
export interface LogLines {
  readonly lines: readonly string[];
  /** Reading on from here misses no line and gives none twice. */
  readonly nextLine: number;
  /** The agent has ended, and there is nothing after these. */
  readonly isComplete: boolean;
  /** Files of the dispatch that were changed after they were left; empty where they are as they were. */
  readonly altered: readonly AlteredFile[];
}

/** `exit`: the record of how the agent ended, without which the log cannot be verified. */
export type AlteredFile = 'prompt' | 'log' | 'exit';

/** What a rollback would do. */
export interface RollbackPlan {
  readonly fromPhase: string;
  readonly toPhase: string;
  readonly rolledBackPhases: readonly string[];
}
