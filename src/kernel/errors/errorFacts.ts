/** Which failures there are: a closed union of codes, with the facts that each carries (`docs/design/failures.md`). */
import type { StateRefusal } from './stateSentences';

/** The facts each code carries. Adding a code without a sentence in `SENTENCES` does not compile. */
export interface ErrorFacts {
  NOT_FOUND: { what: string; id: string };
  INVALID_ARGUMENT: { argument: string; problem: string };
  RUN_TERMINAL: { runId: string; status: string };
  PHASE_TERMINAL: { runId: string; phase: string };
  PHASE_NOT_IN_CHAIN: { runId: string; phase: string; chain: string };
  PHASE_NOT_AHEAD: { runId: string; phase: string; current: string };
  PHASE_NOT_BEHIND: { runId: string; phase: string; current: string };
  PHASE_NOT_SKIPPABLE: { runId: string; phase: string };
  STALE: { what: string; id: string; expected: string; found: string };
  DISPATCH_FINISHED: { dispatchId: string; status: string };
  /** `holders`: which projects hold how many of the active ones. */
  DISPATCH_LIMIT: { portfolioId: string; active: number; limit: number; holders: string };
  /** `used`, `reserved` and `budget` in tokens or micro-dollars; the amounts in words are of the same. */
  RUN_BUDGET: { runId: string } & BudgetShortage;
  PORTFOLIO_BUDGET: { portfolioId: string } & BudgetShortage;
  AGENT_LINKED: { agentId: string };
  DEPENDENCY_CYCLE: { portfolioId: string; path: string };
  DEPENDENCY_EXISTS: { portfolioId: string; upstream: string; downstream: string };
  PROJECT_EXISTS: { name: string; path: string };
  /** `refusal`: the sentence of its own for this state and step. */
  TASK_STATE: { what: string; id: string; state: string; wanted: string; refusal?: StateRefusal };
  TASK_OWNS_RUN: { runId: string; taskId: string; status: string; phase: string };
  PLAN_INVALID: { taskId: string; problem: string };
  AGENT_RUNNING: { id: string; attempt: number };
  /** `pid` and `machine`: of the program that leads; `seconds`: how long it was waited for. */
  LEAD_KEPT: { folder: string; pid: number; machine: string; seconds: number };
  /** Another program leads the folder since this one slept. */
  LEAD_LOST: { folder: string };
  PROMPT_INVALID: { path: string; problem: string };
  /** `exitCode` where git ran to its end. */
  GIT_FAILED: { operation: string; folder: string; problem: string; exitCode?: number };
  SUBMODULE_UNREACHABLE: { path: string; remote: string; problem: string };
  /** `commit`: what the proven work links to, and the remote had when it was proven. */
  SUBMODULE_LOST: { path: string; commit: string; remote: string };
  GIT_MISSING: { operation: string };
  /** `seconds`: how long git gave no sign of life. */
  GIT_TIMEOUT: { operation: string; folder: string; seconds: number };
  GIT_PROGRAM_WAITED: { operation: string; folder: string; program: string; seconds: number };
  /** A clone without all files could not fetch what it lacks. */
  GIT_FILES_MISSING: { operation: string; folder: string; problem: string };
  GIT_LFS_MISSING: { operation: string; folder: string };
  GIT_OWNERSHIP: { operation: string; folder: string };
  GIT_REPOSITORY_MISSING: { operation: string; folder: string };
  /** Git's own files of a folder are in another place, which names no working tree. `command`: what names it. */
  GIT_FILES_APART: { folder: string; place: string; command: string };
  /** The `.git` of a folder leads to a place where nothing is. */
  /** A worktree that is reached by another mount than the one that git knows it by. */
  WORKTREE_OTHER_PATH: { path: string; known: string };
  GIT_LINK_BROKEN: { folder: string; place: string };
  /** `file`: its HEAD, which git cannot read. */
  HEAD_DAMAGED: { folder: string; file: string };
  OBJECTS_MISSING: { folder: string; problem: string };
  REPOSITORY_DAMAGED: { folder: string; problem: string };
  /** The system has refused git, or us, a file that git needs. */
  GIT_ACCESS_REFUSED: { folder: string; problem: string };
  /** `command`: what makes it a repository with a working tree again. */
  BARE_BY_OPTION: { folder: string; command: string };
  /** A repository without a commit. */
  REPOSITORY_EMPTY: { folder: string };
  /** A repository without a working tree. */
  REPOSITORY_BARE: { folder: string };
  HEAD_DETACHED: { folder: string };
  BRANCH_MISSING: { branch: string; folder: string };
  GIT_BUSY: { folder: string; waitedMs: number };
  /** A worktree of ours that is neither there nor known to be deleted. */
  WORKTREE_UNSEEN: { path: string; clone: string; problem: string };
  /** `operation`: the command of git that has hold of the branch. */
  BRANCH_IN_USE: { branch: string; operation: string; folder: string };
  BRANCH_CHECKED_OUT_TWICE: { branch: string; folder: string; other: string };
  WORKTREE_ABSENT: { branch: string; folder: string };
  INDEX_CONFLICTED: { branch: string; folder: string };
  INDEX_LOCKED: { branch: string; folder: string; lock: string };
  /** `reason`: as given to `git worktree lock`; may be empty. */
  WORKTREE_LOCKED: { path: string; reason: string };
  /** `by`: the dispatch or process that runs in it. */
  WORKTREE_IN_USE: { path: string; by: string };
  /** A merge that was cut short and could not be undone yet. */
  MERGE_UNFINISHED: { branch: string; folder: string; problem: string };
  SIGNING_FAILED: { program: string; problem: string };
  SIGNING_WAITED: { program: string; seconds: number };
  MERGE_CONFLICT: { branch: string; base: string; files: string };
  BEADS_MISSING: { program: string; problem: string };
  BEADS_TOO_OLD: { program: string; version: string; needed: string };
  BEADS_FAILED: { operation: string; problem: string };
  /** `status`: that of the HTTP answer. */
  GITHUB_FAILED: { operation: string; status: number; problem: string };
  GITHUB_UNREACHABLE: { operation: string; host: string; problem: string };
  GITHUB_AUTH: { operation: string; problem: string };
  /** `resetsAt`: a time as people read it, in UTC. */
  GITHUB_RATE_LIMIT: { operation: string; resetsAt: string };
  GITHUB_NOT_FOUND: { what: string };
  PULL_REQUEST_EMPTY: { head: string; base: string };
  /** `found`: where its head is now. */
  PULL_REQUEST_MOVED: { number: number; proven: string; found: string };
  PROOF_MISSING: { subtask: string };
  PROOF_OUTDATED: { subtask: string; branch: string; proven: string; found: string };
  BASE_HOLDS_WORK: { base: string; commit: string };
  BASE_MOVED: { base: string };
  /** `state`: why its work is not in the base branch: open, closed, or there is none. */
  PULL_REQUEST_UNMERGED: { subtask: string; state: string };
  /** `branches`: names with how many commits each has that are nowhere else. */
  WORK_UNPUSHED: { name: string; branches: string };
  FOLDER_TAKEN: { path: string };
  DISCOVERY_DUPLICATE: { source: string; sourceId: string };
  DISCOVERY_CLOSED: { discoveryId: string; status: string };
  ROW_INVALID: { table: string; id: string; column: string; problem: string };
  SQL_FAILED: { problem: string };

  RECORD_OF_OTHERS: { path: string; owner: string; folder: string };
  LOCKS_UNSAFE: { path: string; problem: string };
  DATABASE_MISSING: { path: string };
  DATABASE_LOADING: { path: string };
  DATABASE_DAMAGED: { path: string; problem: string };
  /** `problem`: what in the file, or beside it, Intercore does not let SQLite see. */
  DATABASE_REFUSED: { path: string; problem: string };
  DATABASE_IN_USE: { path: string; by: string };
  DATABASE_BUSY: { path: string; waitedMs: number };
  DATABASE_UNGUARDED: { path: string; problem: string };
  LOCK_UNKNOWN: { path: string; problem: string };
  DATABASE_HOT_JOURNAL: { path: string; journal: string };
  DATABASE_LOG_LEFT: { path: string; log: string };
  DATABASE_NEWER: { path: string; version: number; supported: number };
  DATABASE_READ_ONLY: { path: string; problem: string };
  DATABASE_PATH: { path: string; problem: string };
  DATABASE_WRITE_FAILED: { path: string; reason: 'disk-full' | 'permission' | 'other'; problem: string };
  DATABASE_CHANGING: { path: string; attempts: number };
  MIGRATION_FAILED: { fromVersion: number; problem: string };
  KERNEL_CLOSED: { path: string };

  AGENT_KIND_UNKNOWN: { kind: string; known: string };
  AGENT_NOT_STARTED: { command: string; problem: string };
  /** `until`: a time in ISO form. `reason`: in the words of the service. */
  ACCOUNT_HELD: { kind: string; reason: string; until: string };
  ACCOUNT_STOPPED: { kind: string; reason: string };
  TOO_MANY_DISPATCHES: { active: number; limit: number };
  DISPATCHES_LIVE: { path: string; active: number };
  PROCESS_UNKNOWN: { dispatchId: string; pid: number; problem: string };
  FILE_UNREADABLE: { path: string; problem: string };
  FILE_UNWRITABLE: { path: string; problem: string };
  SETUP_FAILED: { command: string; problem: string };
  /** The line that says so, then the command with the end of its output. */
  SETUP_OFFLINE: { problem: string };
  COPY_FAILED: { path: string; folder: string; problem: string };
  FOLDER_MISSING: { path: string };
  FOLDER_UNUSABLE: { path: string; problem: string };
  PATH_OUTSIDE: { path: string; folder: string };
  /** A path of the record that is in no folder of the person's and in no place of ours. */
  RECORDED_ELSEWHERE: { path: string };
  /** A person's decision to trust a location cannot be carried out. */
  LOCATION_REFUSED: { path: string; problem: string };
  UNTRUSTED: { action: string };
  PERSON_DECIDES: { operation: string };
  AGENT_WIDER: { kind: string };
  AGENT_NOT_ALLOWED: { kind: string; folder: string };
  NO_FOLDER: { action: string };
  NO_PORTFOLIO_HOME: { action: string };
  /** `problem`: a whole sentence about what is missing. */
  NONE_AVAILABLE: { problem: string };
  SETTING_INVALID: { setting: string; problem: string };
}

/** What a dispatch lacks to start: figures for programs, words for people. */
interface BudgetShortage {
  measure: string;
  used: number;
  reserved: number;
  budget: number;
  needed: string;
  left: string;
  of: string;
  missing: string;
}

export type ErrorCode = keyof ErrorFacts;
