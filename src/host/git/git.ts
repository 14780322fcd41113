/**
 * The one way we run git: an argument list and never a shell, no hooks, no questions, no secrets in arguments, a limit
 * of time, and one typed error (`docs/design/github.md#adding-a-project`).
 */
import { randomUUID } from 'node:crypto';
import { isKernelError, KernelError, type ErrorCode } from '../../kernel/errors/errors';
import { checkFence } from '../locks/fence';
import type { TrustedFolders } from '../trusted/trustedFolders';
import type { GitFolder } from '../trusted/ownTrees';
import type { CallGuard, GuardedCall } from './callGuard';
import type { IgnoredChoice } from './snapshot/ignoredFiles';
import { DEFAULT_LIMIT_SECONDS, kindOfStep, timeLimits, type StepKind, type TimeLimits } from './config/timeLimits';

export interface GitDeps {
  /** Asked before each call: nothing starts in a window that is not trusted. */
  readonly trusted: () => boolean;
  /** Which folders git may run in. */
  readonly places: TrustedFolders;
  /** Where variables are picked from; our own environment where absent. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Which ignored files a snapshot of a working tree keeps; `.env` files where left out. */
  readonly ignored?: (folder: string) => IgnoredChoice | Promise<IgnoredChoice>;
  /** How long each kind of step may go without a sign of life; the defaults where absent. */
  readonly limits?: () => TimeLimits | Promise<TimeLimits>;
}

export interface GitRun {
  /** What the step goes through, where its command alone does not say. */
  readonly kind?: StepKind;
  /** For `git commit-tree` and the like: who made it, unless the repository says so itself. */
  readonly identity?: Identity;
  readonly env?: Readonly<Record<string, string>>;
  /** An exit code that is an answer and no failure. */
  readonly accepts?: number;
  /** What is printed is the content of a file: its last line break is kept. */
  readonly isExact?: boolean;
  /** Configuration for this call alone, which wins over all other. */
  readonly config?: GuardedCall['settings'];
  /** Ends git; the caller finds the signal aborted. */
  readonly signal?: AbortSignal;
}

export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** Marks git and what it starts, with another value for each call. */
const CALL_VARIABLE = 'INTERCORE_GIT_CALL';
const DEFAULT_LIMITS = timeLimits(DEFAULT_LIMIT_SECONDS);
/** An error without a word is one all the same. */
const EMPTY = Buffer.from(' ');

/** With which git answers no; other codes are for what kept it from answering. */
const NO = 1;
const NAMES_NOTHING = /not a valid (?:ref|commit name|object name)/i;
/** How git itself fails, and not something around it. */
const FAILURES: ReadonlySet<string> = new Set<ErrorCode>([
  ...([
    'GIT_FAILED',
    'GIT_TIMEOUT',
    'GIT_PROGRAM_WAITED',
    'GIT_LFS_MISSING',
    'GIT_FILES_MISSING',
    'GIT_OWNERSHIP',
    'GIT_REPOSITORY_MISSING',
  ] as const),
  ...(['HEAD_DAMAGED', 'OBJECTS_MISSING', 'REPOSITORY_DAMAGED', 'GIT_ACCESS_REFUSED'] as const),
]);

/** Whether git itself failed, for whatever cause. */
export function isGitFailure(error: unknown): error is KernelError {
  return isKernelError(error) && FAILURES.has(error.code);
}

function isNo(error: KernelError): boolean {
  if (!KernelError.is(error, 'GIT_FAILED')) return false;
  return error.facts.exitCode === NO || NAMES_NOTHING.test(error.facts.problem);
}

/** Handed on to git where set: where programs and keys are, how to reach the network. */
const ALLOWED = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'LANG', 'SSH_AUTH_SOCK', 'XDG_CONFIG_HOME'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'PATHEXT', 'TEMP', 'TMP', 'USERNAME', 'USERPROFILE'],
  ...['HOMEDRIVE', 'HOMEPATH', 'APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES', 'PROGRAMFILES(X86)'],
]);

/** The variables that git is given of an environment. */
export function passedOn(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const own = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && (ALLOWED.has(name.toUpperCase()) || name.startsWith('LC_')) ? [[name, value] as const] : [],
  );
  return Object.fromEntries(own);
}

export class Git {
  private guard: Promise<CallGuard> | undefined;

  constructor(private readonly deps: GitDeps) {}

  /** Which folders git may run in. */
  get places(): TrustedFolders {
    return this.deps.places;
  }

  /** How long each kind of step may go without a sign of life. */
  limits(): TimeLimits | Promise<TimeLimits> {
    return this.deps.limits?.() ?? DEFAULT_LIMITS;
  }

  /** Which ignored files a snapshot of a working tree of the repository in a folder keeps. */
  async ignored(folder: string): Promise<IgnoredChoice | undefined> {
    return await this.deps.ignored?.(folder);
  }

  /**
   * Runs git in a folder and gives what it printed, without the last line break. `operation` says in words what is being
   * done, for the error.
   * @throws KernelError `GIT_FAILED`; `UNTRUSTED`, `INVALID_ARGUMENT`, `RECORDED_ELSEWHERE`, and nothing is started then
   */
  async run(folder: GitFolder, operation: string, args: readonly string[], options: GitRun = {}): Promise<string> {
    if (!this.deps.trusted()) throw new KernelError('UNTRUSTED', { action: operation });
    checkFence();
    const guard = await (this.guard ??= loadGuard());
    const call = await guard.check(folder, args, (own) => this.start(folder, 'read its configuration', own, {}));
    return this.start(folder, operation, call, options);
  }

  /**
   * Like `run`; undefined where git answers no, or knows nothing of that name. What keeps git from answering is an error
   * here too, so that "no" is never said of a repository that is gone or was not read.
   */
  async ask(folder: GitFolder, args: readonly string[]): Promise<string | undefined> {
    return this.unless(isNo, folder, args);
  }

  /** Like `ask`, of a folder that may be in no repository: undefined then too. */
  async askAnywhere(folder: GitFolder, args: readonly string[]): Promise<string | undefined> {
    return this.unless((error) => isNo(error) || error.code === 'GIT_REPOSITORY_MISSING', folder, args);
  }

  /** Like `run`, for what may stay undone. Whether it was done. */
  async attempt(folder: GitFolder, args: readonly string[]): Promise<boolean> {
    return (await this.unless(() => true, folder, args)) !== undefined;
  }

  private async unless(
    isAnswer: (error: KernelError) => boolean,
    folder: GitFolder,
    args: readonly string[],
  ): Promise<string | undefined> {
    try {
      return await this.run(folder, 'read the repository', args);
    } catch (error) {
      if (isGitFailure(error) && isAnswer(error)) return undefined;
      throw error;
    }
  }

  private async start(
    folder: GitFolder,
    operation: string,
    { args, settings }: GuardedCall,
    options: GitRun,
  ): Promise<string> {
    const call = randomUUID();
    // Loaded with the first call of git, which most windows never come to.
    const { callEnvironment, OURS } = await import('./callOptions.js');
    const passed = passedOn(this.deps.environment ?? process.env);
    const config = [...settings, ...(options.config ?? [])];
    const env = { ...callEnvironment(passed, options, config), [CALL_VARIABLE]: call };
    const limitMs = (await this.limits())[options.kind ?? kindOfStep(args[0] ?? '')];
    let ended: { readonly exitCode?: number } = {};
    try {
      const { simpleGit } = await import('simple-git');
      const git = simpleGit({
        baseDir: folder,
        ...(limitMs === 0 ? {} : { timeout: { block: limitMs } }),
        ...(options.signal === undefined ? {} : { abort: options.signal }),
        allowEnvironment: Object.keys(env),
        unsafe: OURS,
        errors: (error, { exitCode, stdErr }) => {
          if (exitCode === 0 || exitCode === options.accepts) return undefined;
          ended = { exitCode };
          return error ?? Buffer.concat([...stdErr, EMPTY]);
        },
      });
      const printed = await git.env(env).raw([...args]);
      return options.isExact === true ? printed : printed.replace(/\r?\n$/, '');
    } catch (cause) {
      // Loaded with the first failure.
      const { gitProblem } = await import('./gitProblem.js');
      throw await gitProblem({ operation, folder, cause, limitMs, call: [CALL_VARIABLE, call], ...ended });
    }
  }
}

async function loadGuard(): Promise<CallGuard> {
  const { CallGuard } = await import('./callGuard.js');
  return new CallGuard();
}
