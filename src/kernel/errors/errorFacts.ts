/** The codes of failures, a closed union, with the facts of each code (`docs/design/failures.md`). */
import type { StateRefusal } from './stateSentences';
import type { NotFoundSubject, StaleSubject, StateSubject } from './subjects';
import type { ForeignText, Problem } from './reasons/problem';

/** The facts of each code. Adding a code without a sentence in `SENTENCES` does not compile. */
export interface ErrorFacts {
  NOT_FOUND: { what: NotFoundSubject; id: string };
  INVALID_ARGUMENT: { argument: string; problem: Problem<'INVALID_ARGUMENT'> };
  RUN_TERMINAL: { runId: string; status: string };
  PHASE_TERMINAL: { runId: string; phase: string };
  PHASE_NOT_IN_CHAIN: { runId: string; phase: string; chain: string };
  PHASE_NOT_AHEAD: { runId: string; phase: string; current: string };
  PHASE_NOT_BEHIND: { runId: string; phase: string; current: string };
  PHASE_NOT_SKIPPABLE: { runId: string; phase: string };
  STALE: { what: StaleSubject; id: string; expected: string; found: string };
  DISPATCH_FINISHED: { dispatchId: string; status: string };
  /** `holders`: how many active dispatches each project has. */
  DISPATCH_LIMIT: { portfolioId: string; active: number; limit: number; holders: string };
  /** `used`, `reserved` and `budget` in tokens or micro-dollars; the texts show the same amounts. */
  RUN_BUDGET: { runId: string } & BudgetShortage;
  PORTFOLIO_BUDGET: { portfolioId: string } & BudgetShortage;
  AGENT_LINKED: { agentId: string };
  DEPENDENCY_CYCLE: { portfolioId: string; path: string };
  DEPENDENCY_EXISTS: { portfolioId: string; upstream: string; downstream: string };
  PROJECT_EXISTS: { name: string; path: string };
  /** `refusal`: the key of the sentence for this state and step. */
  TASK_STATE: { what: StateSubject; id: string; state: string; wanted: string; refusal?: StateRefusal };
  TASK_OWNS_RUN: { runId: string; taskId: string; status: string; phase: string };
  PLAN_INVALID: { taskId: string; problem: Problem<'PLAN_INVALID'> };
  AGENT_RUNNING: { id: string; attempt: number };
  /** `pid` and `machine`: of the program that leads; `seconds`: how long this program waited. */
  LEAD_KEPT: { folder: string; pid: number; machine: string; seconds: number };
  /** Another program has led the folder since this one was suspended. */
  LEAD_LOST: { folder: string };
  PROMPT_INVALID: { path: string; problem: Problem<'PROMPT_INVALID'> };
  /** `command`: as typed, `git fetch`. `exitCode` where git exited. */
  GIT_FAILED: { command: string; folder: string; problem: Problem<'GIT_FAILED'>; exitCode?: number };
  SUBMODULE_UNREACHABLE: { path: string; remote: string; problem: Problem<'SUBMODULE_UNREACHABLE'> };
  /** `commit`: the commit that the proven work links to. The remote had it when the work was proven. */
  SUBMODULE_LOST: { path: string; commit: string; remote: string };
  GIT_MISSING: object;
  /** `seconds`: how long git made no progress. */
  GIT_TIMEOUT: { command: string; folder: string; seconds: number };
  GIT_PROGRAM_WAITED: { command: string; folder: string; program: string; seconds: number };
  /** A partial clone could not fetch missing files. */
  GIT_FILES_MISSING: { command: string; folder: string; problem: ForeignText };
  GIT_LFS_MISSING: { command: string; folder: string };
  GIT_OWNERSHIP: { folder: string };
  GIT_REPOSITORY_MISSING: { folder: string };
  /** The git folder of a folder is elsewhere and names no working tree. `command`: sets the working tree. */
  GIT_FILES_APART: { folder: string; place: string; command: string };
  /** The `.git` of a folder leads to a place where nothing is. */
  /** A worktree at another mount than the one that git has recorded. */
  WORKTREE_OTHER_PATH: { path: string; known: string };
  GIT_LINK_BROKEN: { folder: string; place: string };
  /** `file`: its HEAD, which git cannot read. */
  HEAD_DAMAGED: { folder: string; file: string };
  OBJECTS_MISSING: { folder: string; problem: Problem<'OBJECTS_MISSING'> };
  REPOSITORY_DAMAGED: { folder: string; problem: Problem<'REPOSITORY_DAMAGED'> };
  /** The system denied git or Intercore access to a file that git needs. */
  GIT_ACCESS_REFUSED: { folder: string; problem: ForeignText };
  /** `command`: makes it a repository with a working tree again. */
  BARE_BY_OPTION: { folder: string; command: string };
  /** A repository without a commit. */
  REPOSITORY_EMPTY: { folder: string };
  /** A repository without a working tree. */
  REPOSITORY_BARE: { folder: string };
  HEAD_DETACHED: { folder: string };
  BRANCH_MISSING: { branch: string; folder: string };
  GIT_BUSY: { folder: string; waitedMs: number };
  /** A worktree of ours that is missing but not known to be deleted. */
  WORKTREE_UNSEEN: { path: string; clone: string; problem: Problem<'WORKTREE_UNSEEN'> };
  /** `operation`: the git command that holds the branch. */
  BRANCH_IN_USE: { branch: string; operation: string; folder: string };
  BRANCH_CHECKED_OUT_TWICE: { branch: string; folder: string; other: string };
  WORKTREE_ABSENT: { branch: string; folder: string };
  INDEX_CONFLICTED: { branch: string; folder: string };
  INDEX_LOCKED: { branch: string; folder: string; lock: string };
  /** `reason`: as given to `git worktree lock`; may be empty. */
  WORKTREE_LOCKED: { path: string; reason: string };
  /** `by`: the dispatch or process that runs in it. */
  WORKTREE_IN_USE: { path: string; by: string };
  /** An interrupted merge that could not be undone yet. */
  MERGE_UNFINISHED: { branch: string; folder: string; problem: Problem<'MERGE_UNFINISHED'> };
  SIGNING_FAILED: { program: string; problem: ForeignText };
  SIGNING_WAITED: { program: string; seconds: number };
  MERGE_CONFLICT: { branch: string; base: string; files: string };
  BEADS_MISSING: { program: string; problem: ForeignText };
  BEADS_TOO_OLD: { program: string; version: string; needed: string };
  BEADS_FAILED: { command: string; problem: Problem<'BEADS_FAILED'> };
  /** `request`: its method and path. `status`: of the HTTP response. */
  GITHUB_FAILED: { request: string; status: number; problem: Problem<'GITHUB_FAILED'> };
  GITHUB_UNREACHABLE: { host: string; problem: ForeignText };
  GITHUB_AUTH: { problem: Problem<'GITHUB_AUTH'> };
  /** `resetsAt`: a readable time, in UTC. */
  GITHUB_RATE_LIMIT: { resetsAt: string };
  /** `name`: of the repository or pull request. */
  GITHUB_NOT_FOUND: { name: string };
  PULL_REQUEST_EMPTY: { head: string; base: string };
  /** `found`: the commit of its head now. */
  PULL_REQUEST_MOVED: { number: number; proven: string; found: string };
  PROOF_MISSING: { subtask: string };
  PROOF_OUTDATED: { subtask: string; branch: string; proven: string; found: string };
  BASE_HOLDS_WORK: { base: string; commit: string };
  BASE_MOVED: { base: string };
  /** `state`: why its work is not in the base branch: the pull request is open, closed, or missing. */
  PULL_REQUEST_UNMERGED: { subtask: string; state: string };
  /** `branches`: names, each with its number of commits that exist nowhere else. */
  WORK_UNPUSHED: { name: string; branches: string };
  FOLDER_TAKEN: { path: string };
  DISCOVERY_DUPLICATE: { source: string; sourceId: string };
  DISCOVERY_CLOSED: { discoveryId: string; status: string };
  ROW_INVALID: { table: string; id: string; column: string; problem: Problem<'ROW_INVALID'> };
  SQL_FAILED: { problem: Problem<'SQL_FAILED'> };

  RECORD_OF_OTHERS: { path: string; owner: string; folder: string };
  LOCKS_UNSAFE: { path: string; problem: Problem<'LOCKS_UNSAFE'> };
  DATABASE_MISSING: { path: string };
  DATABASE_LOADING: { path: string };
  DATABASE_DAMAGED: { path: string; problem: Problem<'DATABASE_DAMAGED'> };
  /** `problem`: what Intercore refuses in the file or next to it. */
  DATABASE_REFUSED: { path: string; problem: Problem<'DATABASE_REFUSED'> };
  DATABASE_IN_USE: { path: string; by: string };
  DATABASE_BUSY: { path: string; waitedMs: number };
  DATABASE_UNGUARDED: { path: string; problem: Problem<'DATABASE_UNGUARDED'> };
  LOCK_UNKNOWN: { path: string; problem: Problem<'LOCK_UNKNOWN'> };
  DATABASE_HOT_JOURNAL: { path: string; journal: string };
  DATABASE_LOG_LEFT: { path: string; log: string };
  DATABASE_NEWER: { path: string; version: number; supported: number };
  DATABASE_READ_ONLY: { path: string; problem: ForeignText };
  DATABASE_PATH: { path: string; problem: Problem<'DATABASE_PATH'> };
  DATABASE_WRITE_FAILED: { path: string; reason: 'disk-full' | 'permission' | 'other'; problem: ForeignText };
  DATABASE_CHANGING: { path: string; attempts: number };
  MIGRATION_FAILED: { fromVersion: number; problem: ForeignText };
  KERNEL_CLOSED: { path: string };

  /** Its agent's kind has no sessions, or it has not started yet. */
  SESSION_MISSING: { dispatchId: string };
  SESSION_ENDED: { dispatchId: string };
  SESSION_RUNNING: { dispatchId: string };
  /** `by` and `answer`: of the answer that was first. */
  REQUEST_ANSWERED: { dispatchId: string; number: number; by: string; answer: string };
  REQUEST_VOID: { dispatchId: string; number: number };
  AGENT_NOT_STEERED: { dispatchId: string };
  AGENT_KIND_UNKNOWN: { kind: string; known: string };
  AGENT_UNLISTED: { kind: string; known: string };
  AGENT_NOT_INSTALLED: { kind: string; command: string };
  AGENT_NEEDS_PROGRAM: { kind: string; program: string };
  /** `least`: the oldest version that it starts with. */
  AGENT_NEEDS_NODE: { kind: string; version: string; least: string };
  AGENT_NOT_ADDED: { kind: string; package: string; problem: ForeignText };
  /** `package`: with its version. */
  AGENT_KIND_IN_USE: { kind: string; problem: Problem<'AGENT_KIND_IN_USE'> };
  AGENT_ALTERED: { kind: string; package: string };
  AGENT_NOT_STARTED: { command: string; problem: Problem<'AGENT_NOT_STARTED'> };
  /** `until`: a time in ISO form. `reason`: as reported by the service. */
  ACCOUNT_HELD: { kind: string; reason: string; until: string };
  ACCOUNT_STOPPED: { kind: string; reason: string };
  TOO_MANY_DISPATCHES: { active: number; limit: number };
  DISPATCHES_LIVE: { path: string; active: number };
  PROCESS_UNKNOWN: { dispatchId: string; pid: number; problem: Problem<'PROCESS_UNKNOWN'> };
  FILE_UNREADABLE: { path: string; problem: Problem<'FILE_UNREADABLE'> };
  FILE_UNWRITABLE: { path: string; problem: ForeignText };
  SETUP_FAILED: { command: string; problem: Problem<'SETUP_FAILED'> };
  /** The line about the network, then the command with the end of its output. */
  SETUP_OFFLINE: { problem: ForeignText };
  COPY_FAILED: { path: string; folder: string; problem: ForeignText };
  FOLDER_MISSING: { path: string };
  FOLDER_UNUSABLE: { path: string; problem: Problem<'FOLDER_UNUSABLE'> };
  PATH_OUTSIDE: { path: string; folder: string };
  /** A path of the record that is neither in a folder of the user nor in one of ours. */
  RECORDED_ELSEWHERE: { path: string };
  /** A location cannot be trusted, although a person decided so. */
  LOCATION_REFUSED: { path: string; problem: Problem<'LOCATION_REFUSED'> };
  UNTRUSTED: { action: string };
  PERSON_DECIDES: { operation: string };
  AGENT_WIDER: { kind: string };
  AGENT_NOT_ALLOWED: { kind: string; folder: string };
  NO_FOLDER: { action: string };
  NO_PORTFOLIO_HOME: { action: string };
  /** `problem`: a whole sentence about what is missing. */
  NONE_AVAILABLE: { problem: Problem<'NONE_AVAILABLE'> };
  SETTING_INVALID: { setting: string; problem: ForeignText };
}

/** A budget shortage: numbers for programs, texts for people. */
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
