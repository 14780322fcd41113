/**
 * What each error code means for the failed work: one exhaustive map, so that no caller decides it
 * (`docs/design/failures.md#classes`).
 */
import { isKernelError, KernelError, type ErrorCode } from '../errors/errors';

export const ERROR_CLASSES = [
  /** Passes on its own: another program is busy, or a network is down. */
  'passes',
  /** Passes at a known time. */
  'passesAtTime',
  /** Lasts until a person changes something: a sign-in, a setting, a file, a decision. */
  'person',
  /** The same call fails in the same way: its arguments, or a bug. */
  'wrong',
  /** The work was not done, and another attempt may do it. */
  'workNotDone',
  /** The code does not identify the cause: git, SQLite and the file system fail for many reasons. */
  'unknown',
] as const;
export type ErrorClass = (typeof ERROR_CLASSES)[number];

const CLASS_OF: { readonly [C in ErrorCode]: ErrorClass } = {
  NOT_FOUND: 'person',
  INVALID_ARGUMENT: 'wrong',
  RUN_TERMINAL: 'person',
  PHASE_TERMINAL: 'person',
  PHASE_NOT_IN_CHAIN: 'person',
  PHASE_NOT_AHEAD: 'person',
  PHASE_NOT_BEHIND: 'person',
  PHASE_NOT_SKIPPABLE: 'person',
  STALE: 'passes',
  DISPATCH_FINISHED: 'passes',
  DISPATCH_LIMIT: 'passes',
  RUN_BUDGET: 'person',
  PORTFOLIO_BUDGET: 'person',
  AGENT_LINKED: 'wrong',
  DEPENDENCY_CYCLE: 'person',
  DEPENDENCY_EXISTS: 'wrong',
  PROJECT_EXISTS: 'person',
  TASK_STATE: 'person',
  TASK_OWNS_RUN: 'person',
  PLAN_INVALID: 'workNotDone',
  AGENT_RUNNING: 'passes',
  LEAD_KEPT: 'passes',
  LEAD_LOST: 'passes',
  PROMPT_INVALID: 'person',
  GIT_FAILED: 'unknown',
  SUBMODULE_UNREACHABLE: 'passes',
  GIT_MISSING: 'person',
  GIT_TIMEOUT: 'unknown',
  GIT_PROGRAM_WAITED: 'unknown',
  GIT_FILES_MISSING: 'passes',
  GIT_LFS_MISSING: 'person',
  GIT_OWNERSHIP: 'person',
  GIT_REPOSITORY_MISSING: 'person',
  GIT_FILES_APART: 'person',
  WORKTREE_OTHER_PATH: 'person',
  GIT_LINK_BROKEN: 'person',
  HEAD_DAMAGED: 'person',
  OBJECTS_MISSING: 'person',
  REPOSITORY_DAMAGED: 'person',
  GIT_ACCESS_REFUSED: 'person',
  BARE_BY_OPTION: 'person',
  REPOSITORY_EMPTY: 'person',
  REPOSITORY_BARE: 'person',
  HEAD_DETACHED: 'person',
  BRANCH_MISSING: 'person',
  MERGE_UNFINISHED: 'unknown',
  GIT_BUSY: 'passes',
  WORKTREE_UNSEEN: 'person',
  WORKTREE_IN_USE: 'passes',
  WORKTREE_LOCKED: 'person',
  BRANCH_IN_USE: 'person',
  BRANCH_CHECKED_OUT_TWICE: 'person',
  WORKTREE_ABSENT: 'person',
  INDEX_CONFLICTED: 'person',
  INDEX_LOCKED: 'passes',
  SIGNING_FAILED: 'person',
  SIGNING_WAITED: 'person',
  SUBMODULE_LOST: 'person',
  MERGE_CONFLICT: 'person',
  BEADS_MISSING: 'person',
  BEADS_TOO_OLD: 'person',
  BEADS_FAILED: 'unknown',
  GITHUB_FAILED: 'unknown',
  GITHUB_UNREACHABLE: 'passes',
  GITHUB_AUTH: 'person',
  GITHUB_RATE_LIMIT: 'passesAtTime',
  GITHUB_NOT_FOUND: 'person',
  PULL_REQUEST_EMPTY: 'workNotDone',
  PULL_REQUEST_MOVED: 'person',
  PROOF_MISSING: 'passes',
  PROOF_OUTDATED: 'passes',
  BASE_HOLDS_WORK: 'person',
  BASE_MOVED: 'passes',
  PULL_REQUEST_UNMERGED: 'person',
  WORK_UNPUSHED: 'person',
  FOLDER_TAKEN: 'person',
  DISCOVERY_DUPLICATE: 'wrong',
  DISCOVERY_CLOSED: 'wrong',
  ROW_INVALID: 'person',
  SQL_FAILED: 'unknown',
  RECORD_OF_OTHERS: 'person',
  LOCKS_UNSAFE: 'person',
  DATABASE_MISSING: 'person',
  DATABASE_LOADING: 'passes',
  DATABASE_DAMAGED: 'person',
  DATABASE_REFUSED: 'person',
  DATABASE_IN_USE: 'passes',
  DATABASE_BUSY: 'passes',
  DATABASE_UNGUARDED: 'person',
  LOCK_UNKNOWN: 'person',
  DATABASE_HOT_JOURNAL: 'person',
  DATABASE_LOG_LEFT: 'person',
  DATABASE_NEWER: 'person',
  DATABASE_READ_ONLY: 'person',
  DATABASE_PATH: 'person',
  DATABASE_WRITE_FAILED: 'unknown',
  DATABASE_CHANGING: 'passes',
  MIGRATION_FAILED: 'person',
  KERNEL_CLOSED: 'passes',
  AGENT_KIND_UNKNOWN: 'person',
  AGENT_UNLISTED: 'person',
  AGENT_NOT_INSTALLED: 'person',
  AGENT_NEEDS_PROGRAM: 'person',
  AGENT_NEEDS_NODE: 'person',
  AGENT_NOT_ADDED: 'unknown',
  AGENT_KIND_IN_USE: 'person',
  AGENT_ALTERED: 'person',
  AGENT_NOT_STARTED: 'person',
  SESSION_MISSING: 'person',
  SESSION_ENDED: 'person',
  SESSION_RUNNING: 'person',
  REQUEST_ANSWERED: 'passes',
  REQUEST_VOID: 'person',
  AGENT_NOT_STEERED: 'wrong',
  ACCOUNT_HELD: 'passesAtTime',
  ACCOUNT_STOPPED: 'passes',
  TOO_MANY_DISPATCHES: 'passes',
  DISPATCHES_LIVE: 'passes',
  PROCESS_UNKNOWN: 'unknown',
  FILE_UNREADABLE: 'unknown',
  FILE_UNWRITABLE: 'unknown',
  SETUP_FAILED: 'unknown',
  SETUP_OFFLINE: 'passes',
  COPY_FAILED: 'unknown',
  FOLDER_MISSING: 'person',
  FOLDER_UNUSABLE: 'person',
  PATH_OUTSIDE: 'person',
  RECORDED_ELSEWHERE: 'person',
  LOCATION_REFUSED: 'person',
  UNTRUSTED: 'person',
  PERSON_DECIDES: 'person',
  AGENT_WIDER: 'person',
  AGENT_NOT_ALLOWED: 'person',
  NO_FOLDER: 'person',
  NO_PORTFOLIO_HOME: 'person',
  NONE_AVAILABLE: 'person',
  SETTING_INVALID: 'person',
};

/** How the system, Node, git and SQLite report a full disk or an exceeded quota. */
const DISK_FULL = /\bENOSPC\b|\bEDQUOT\b|no space left on device|disk quota exceeded|disk is full/i;

/** The class of any thrown value; one that is not our error is a bug, or an unnamed failure of the system. */
export function errorClassOf(error: unknown): ErrorClass {
  const named = isKernelError(error) ? CLASS_OF[error.code] : 'unknown';
  return named === 'unknown' && error instanceof Error && DISK_FULL.test(error.message) ? 'passes' : named;
}

/** When a failure passes, in seconds, if it names a time; otherwise null. */
export function passesAt(error: unknown): number | null {
  const time = timeOf(error);
  const ms = time === undefined ? NaN : Date.parse(time);
  return Number.isFinite(ms) ? Math.ceil(ms / 1000) : null;
}

function timeOf(error: unknown): string | undefined {
  if (KernelError.is(error, 'GITHUB_RATE_LIMIT')) return error.facts.resetsAt;
  return KernelError.is(error, 'ACCOUNT_HELD') ? error.facts.until : undefined;
}
