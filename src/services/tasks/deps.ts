/** The dependencies of work on tasks. */
import type { ErrorCode } from '../../kernel/errors/errors';
import type { CopyMode } from '../../contract/results/worktrees';
import type { Git } from '../../host/git/git';
import type { GitHubTransport } from '../../host/git/transport/gitHubTransport';
import type { GitHubApi } from '../../host/github/api';
import type { Log } from '../../host/log';
import type { Trusted } from '../../host/process/startProcess';
import type { Ports } from '../../kernel/ports';
import type { Backoff } from '../../kernel/tasks/stage/backoff';
import type { Project, Subtask, Task } from '../../kernel/tasks/record/model';
import type { StageName } from '../../kernel/tasks/stage/stages';
import type { EnvironmentSource } from '../dispatch/context/environment';
import type { Dispatcher } from '../dispatch/dispatcher';
import type { HeldAccounts } from '../dispatch/context/heldAccounts';
import type { ProjectKernel } from '../record/projectKernel';
import type { HeavySteps } from './heavySteps';
import type { LeaderProgram } from './leader';

/** A command line that checks a worker's result: a program and its arguments. */
export type CheckCommand = readonly [string, ...string[]];

/** Beads; defaults to a search on PATH. */
export const DEFAULT_BD = 'bd';

/** Read when they are needed, so that a change applies from the next attempt. */
export interface TaskSettings {
  /** Agent kinds. */
  readonly planner: string;
  readonly worker: string;
  /** Attempts of one round, including the first. */
  readonly maxAttempts: number;
  /** The time limit of one attempt, and of each check. */
  readonly timeLimitMinutes: number;
  /** The maximum of concurrent planners and workers of one folder. */
  readonly maxConcurrent: number;
  readonly checks: readonly CheckCommand[];
  /** Prepares new worktrees, and a clean checkout for the checks. Without one, checks run in the agent's tree. */
  readonly setup?: readonly CheckCommand[];
  /** Ignored files of the clone that worktrees get, as `.gitignore` patterns; defaults to none. */
  readonly include?: readonly string[];
  /** How they get there; defaults to copies. */
  readonly includeBy?: CopyMode;
  /** How long the worktree of a failed subtask is kept, in minutes; 0 means forever. */
  readonly failedCleanupMinutes: number;
  readonly backoff: Backoff;
  /** The tracker of new tasks; defaults to the record itself. */
  readonly tracker?: 'native' | 'beads';
  /** `bd`: a name on PATH, or an absolute path. */
  readonly beadsPath?: string;
  /** The interval between two syncs with Beads; 0: only when something is due. Defaults to half a minute. */
  readonly beadsSyncSeconds?: number;
  /** Absolute paths of templates. */
  readonly plannerPrompt: string;
  readonly workerPrompt: string;
}

/** The limit that refused the start of an agent last, and when the start was requested, in milliseconds. */
export interface NoRoom {
  readonly limit: ErrorCode;
  readonly atMs: number;
}

export interface TaskDeps {
  /** The kind of program that leads, for programs that watch; defaults to a window. */
  readonly program?: LeaderProgram;
  readonly kernel: ProjectKernel;
  readonly dispatcher: Dispatcher;
  /** Held accounts of agents; defaults to none known. */
  readonly held?: Pick<HeldAccounts, 'kinds' | 'onDidRelease' | 'settled'>;
  /** Whether programs may be started: checks, and Beads. */
  readonly trusted: Trusted;
  readonly git: Git;
  /** The bundled launcher, which runs checks. */
  readonly launcherPath: string;
  /** Beyond this many bytes the middle of a check's log is cut; 0 for no limit. */
  readonly logLimitBytes?: () => number;
  /** The first port of a worktree's own range; not passed on if absent. */
  readonly portBaseOf?: (worktree: string) => Promise<number>;
  /** The environment of checks and set-up commands; defaults to our own variables. */
  readonly environment?: () => Promise<EnvironmentSource>;
  /** The folder for worktrees, plans and check output: absolute, never inside a clone. */
  readonly storageDir: string;
  readonly settings: () => TaskSettings;
  /** Shared by all folders of the program. */
  readonly heavySteps: HeavySteps;
  readonly publish: Publish;
  /** Fetches and clones from GitHub. Without it, work starts from the last fetch. */
  readonly transport?: GitHubTransport;
  /** Checks open pull requests; absent if none are checked. */
  readonly pullRequests?: PullRequestWatch;
  readonly ports: Ports;
  readonly log: Log;
  /** A random number from 0 up to, not including, 1. */
  readonly chance: () => number;
  /** Tasks and subtasks whose agents wait until a limit has room; kept by the leader. */
  readonly withoutRoom?: Map<string, NoRoom>;
  /** Called before each run of a stage; an error is a failure of the stage. */
  readonly beforeStage?: (stage: StageName, subject: string) => void;
}

/** What steps with the clone and the record of a project need. */
export type ProjectDeps = Pick<TaskDeps, 'kernel' | 'git' | 'log'>;

/** Reads the status of pull requests. */
export interface PullRequestWatch {
  readonly github: () => GitHubApi;
  /** The interval between two checks, in milliseconds; 0 for never. Read each time. */
  readonly everyMs: () => number;
}

/** Publishes finished work: a pull request, or nothing for a project that lands on this machine. */
export type Publish = (work: ProvenWork) => Promise<{ readonly url: string; readonly number: number } | null>;

export interface ProvenWork {
  readonly project: Project;
  readonly task: Task;
  readonly subtask: Subtask;
  /** Stops it at any time; it rejects then. */
  readonly signal?: AbortSignal;
  /** Called after the branch is pushed; the pull request follows. */
  readonly onPushed?: () => Promise<void>;
}
