/** What work on tasks takes from the program that composes it. */
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
import type { EnvironmentSource } from '../dispatch/start/environment';
import type { Dispatcher } from '../dispatch/dispatcher';
import type { HeldAccounts } from '../dispatch/heldAccounts';
import type { ProjectKernel } from '../record/projectKernel';
import type { HeavySteps } from './heavySteps';
import type { LeaderProgram } from './lead/leader';

/** A command line that is run to check what a worker did: a program and its arguments. */
export type CheckCommand = readonly [string, ...string[]];

/** Beads, searched for on PATH where nothing else is set. */
export const DEFAULT_BD = 'bd';

/** Asked when they are needed, so that a change holds from the next attempt on. */
export interface TaskSettings {
  /** Agent kinds. */
  readonly planner: string;
  readonly worker: string;
  /** Attempts of one round, the first included. */
  readonly maxAttempts: number;
  /** Of one attempt, and of each check. */
  readonly timeLimitMinutes: number;
  /** Planners and workers of one folder at once. */
  readonly maxConcurrent: number;
  readonly checks: readonly CheckCommand[];
  /** Makes new worktrees, and a clean checkout for the checks, ready. Without one, checks run in the agent's tree. */
  readonly setup?: readonly CheckCommand[];
  /** Ignored files of the clone that worktrees get, as patterns of `.gitignore`; none where left out. */
  readonly include?: readonly string[];
  /** How they get there; copied where left out. */
  readonly includeBy?: CopyMode;
  /** How long the worktree of a subtask that failed stays, in minutes; 0 forever. */
  readonly failedCleanupMinutes: number;
  readonly backoff: Backoff;
  /** What new tasks are planned with; the record itself where left out. */
  readonly tracker?: 'native' | 'beads';
  /** `bd`: a name to be searched for on PATH, or an absolute path. */
  readonly beadsPath?: string;
  /** Between two looks into Beads; 0: only when something is due. Half a minute where left out. */
  readonly beadsSyncSeconds?: number;
  /** Templates, absolute. */
  readonly plannerPrompt: string;
  readonly workerPrompt: string;
}

export interface TaskDeps {
  /** What leads, for those that watch; a window where left out. */
  readonly program?: LeaderProgram;
  readonly kernel: ProjectKernel;
  readonly dispatcher: Dispatcher;
  /** Accounts of agents that a limit holds; nothing is known of any where left out. */
  readonly held?: Pick<HeldAccounts, 'kinds' | 'onDidRelease' | 'settled'>;
  /** Whether programs may be started: checks, and Beads. */
  readonly trusted: Trusted;
  readonly git: Git;
  /** The bundled launcher, which checks run under. */
  readonly launcherPath: string;
  /** Beyond this many bytes the middle of a check's log is cut; 0 for no limit. */
  readonly logLimitBytes?: () => number;
  /** The first port of a worktree's own range; none is handed on where left out. */
  readonly portBaseOf?: (worktree: string) => Promise<number>;
  /** What checks and set-up commands get; our own variables where absent. */
  readonly environment?: () => Promise<EnvironmentSource>;
  /** Where worktrees, plans and the output of checks are kept: absolute, never inside a clone. */
  readonly storageDir: string;
  readonly settings: () => TaskSettings;
  /** Shared by all folders of the program. */
  readonly heavySteps: HeavySteps;
  readonly publish: Publish;
  /** Fetches and clones from GitHub; left out, work starts from what was fetched last. */
  readonly transport?: GitHubTransport;
  /** Looks after pull requests that are open; none are where it is left out. */
  readonly pullRequests?: PullRequestWatch;
  readonly ports: Ports;
  readonly log: Log;
  /** From 0 up to, not including, 1. */
  readonly chance: () => number;
  /** Called before each run of a stage; what it throws is a failure of the stage. */
  readonly beforeStage?: (stage: StageName, subject: string) => void;
}

/** How what has become of pull requests is found out. */
export interface PullRequestWatch {
  readonly github: () => GitHubApi;
  /** Between two looks, in milliseconds; 0 for never. Asked each time. */
  readonly everyMs: () => number;
}

/** Brings finished work out: a pull request, or nothing for a project that lands on this machine. */
export type Publish = (work: ProvenWork) => Promise<{ readonly url: string; readonly number: number } | null>;

export interface ProvenWork {
  readonly project: Project;
  readonly task: Task;
  readonly subtask: Subtask;
  /** Ends it at any moment; it rejects then. */
  readonly signal?: AbortSignal;
  /** Told once the branch is where it belongs; what follows is the pull request. */
  readonly onPushed?: () => Promise<void>;
}
