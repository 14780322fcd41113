/**
 * The only way to run git: an argument list without a shell, no hooks, no prompts, no secrets in arguments, a time
 * limit, and typed errors (`docs/design/github.md#adding-a-project`).
 */
import { randomUUID } from 'node:crypto';
import { isKernelError, KernelError, type ErrorCode } from '../../kernel/errors/errors';
import { checkFence } from '../locks/fence';
import type { TrustedFolders } from '../trusted/trustedFolders';
import type { GitFolder } from '../trusted/ownTrees';
import type { CallGuard, GuardedCall } from './callGuard';
import type { Identity } from './callOptions';
import { DEFAULT_LIMIT_SECONDS, kindOfStep, timeLimits, type StepKind, type TimeLimits } from './config/timeLimits';
import { WINDOWS_VARIABLES } from '../process/system/windowsVariables';
import { defined } from '../../kernel/defined';

/** Which ignored files a snapshot of a working tree keeps. */
export interface IgnoredChoice {
  /** Names of files, with `*` for any part; with a slash: paths from the top of the tree. */
  readonly patterns: readonly string[];
  /** The limit for all of them together; 0 for none. */
  readonly maxBytes: number;
}

export interface GitDeps {
  /** Checked before each call: nothing starts in an untrusted window. */
  readonly trusted: () => boolean;
  /** The folders in which git may run. */
  readonly places: TrustedFolders;
  /** The environment to pick variables from; by default our own. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Which ignored files a snapshot of a working tree keeps; by default `.env` files. */
  readonly ignored?: (folder: string) => IgnoredChoice | Promise<IgnoredChoice>;
  /** How long each kind of command may run without a sign of life; the defaults if absent. */
  readonly limits?: () => TimeLimits | Promise<TimeLimits>;
}

export interface GitRun {
  /** The kind of step, if its command alone does not determine it. */
  readonly kind?: StepKind;
  /** For `git commit-tree` and similar commands: the identity, unless the repository sets one. */
  readonly identity?: Identity;
  readonly env?: Readonly<Record<string, string>>;
  /** An exit code that is a result, not a failure. */
  readonly accepts?: number;
  /** The output is the content of a file: its last line break is kept. */
  readonly isExact?: boolean;
  /** Configuration for this call alone, which overrides all other. */
  readonly config?: GuardedCall['settings'];
  /** Ends git; the caller finds the signal aborted. */
  readonly signal?: AbortSignal;
}

/** Marks git and what it starts, with another value for each call. */
const CALL_VARIABLE = 'INTERCORE_GIT_CALL';
const DEFAULT_LIMITS = timeLimits(DEFAULT_LIMIT_SECONDS);
/** An error without output is still an error. */
const EMPTY = Buffer.from(' ');
const NOTHING = Buffer.alloc(0);

/** The exit code for "no"; other codes are failures. */
const NO = 1;
const NAMES_NOTHING = /not a valid (?:ref|commit name|object name)/i;
/** Codes of failures of git itself. */
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

/** Whether git itself failed, for any cause. */
export function isGitFailure(error: unknown): error is KernelError {
  return isKernelError(error) && FAILURES.has(error.code);
}

function isNo(error: KernelError): boolean {
  if (!KernelError.is(error, 'GIT_FAILED')) return false;
  return error.facts.exitCode === NO || NAMES_NOTHING.test(error.facts.problem.text);
}

/** Variables that are passed to git if set: paths of programs and keys, and network access. */
const ALLOWED = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'LANG',
  'SSH_AUTH_SOCK',
  'XDG_CONFIG_HOME',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  ...WINDOWS_VARIABLES,
]);

/** The variables of an environment that are passed to git. */
export function passedOn(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const own = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && (ALLOWED.has(name.toUpperCase()) || name.startsWith('LC_')) ? [[name, value] as const] : [],
  );
  return Object.fromEntries(own);
}

/** Commands of git whose next word names the action. */
const GROUPS = new Set(['worktree', 'remote', 'submodule', 'stash', 'lfs', 'bundle']);

export class Git {
  private guard: Promise<CallGuard> | undefined;

  constructor(private readonly deps: GitDeps) {}

  /** The folders in which git may run. */
  get places(): TrustedFolders {
    return this.deps.places;
  }

  /** How long each kind of command may run without a sign of life. */
  limits(): TimeLimits | Promise<TimeLimits> {
    return this.deps.limits?.() ?? DEFAULT_LIMITS;
  }

  /** Which ignored files a snapshot of a working tree of the repository in a folder keeps. */
  async ignored(folder: string): Promise<IgnoredChoice | undefined> {
    return await this.deps.ignored?.(folder);
  }

  /** @throws KernelError `UNTRUSTED` */
  checkTrust(action: string): void {
    if (!this.deps.trusted()) throw new KernelError('UNTRUSTED', { action });
  }

  /**
   * Runs git in a folder and returns its output, without the last line break.
   * @throws KernelError `GIT_FAILED`; `UNTRUSTED`, `INVALID_ARGUMENT`, `RECORDED_ELSEWHERE`, then nothing was started
   */
  async run(folder: GitFolder, args: readonly string[], options: GitRun = {}): Promise<string> {
    this.checkTrust(commandOf(args));
    checkFence();
    const guard = await (this.guard ??= loadGuard());
    const call = await guard.check(folder, args, (own) => this.start(folder, own, {}));
    return this.start(folder, call, options);
  }

  /**
   * Like `run`; undefined if git answers no, or does not know the name. A failure to answer is an error, so that a
   * missing or unreadable repository never counts as "no".
   */
  async ask(folder: GitFolder, args: readonly string[]): Promise<string | undefined> {
    return this.unless(isNo, folder, args);
  }

  /** Like `ask`, for a folder that may be outside any repository: then undefined, too. */
  async askAnywhere(folder: GitFolder, args: readonly string[]): Promise<string | undefined> {
    return this.unless((error) => isNo(error) || error.code === 'GIT_REPOSITORY_MISSING', folder, args);
  }

  /** Like `run`, for optional steps. Returns whether it succeeded. */
  async attempt(folder: GitFolder, args: readonly string[]): Promise<boolean> {
    return (await this.unless(() => true, folder, args)) !== undefined;
  }

  private async unless(
    isAnswer: (error: KernelError) => boolean,
    folder: GitFolder,
    args: readonly string[],
  ): Promise<string | undefined> {
    try {
      return await this.run(folder, args);
    } catch (error) {
      if (isGitFailure(error) && isAnswer(error)) return undefined;
      throw error;
    }
  }

  private async start(folder: GitFolder, { args, settings }: GuardedCall, options: GitRun): Promise<string> {
    const call = randomUUID();
    // Loaded with the first call of git, which most windows never make.
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
        ...defined({ abort: options.signal }),
        allowEnvironment: Object.keys(env),
        unsafe: OURS,
        errors: (error, { exitCode, stdErr }) => {
          if (exitCode === 0 || exitCode === options.accepts) return undefined;
          ended = { exitCode };
          return error ?? Buffer.concat([...stdErr, EMPTY]);
        },
      });
      // A git that printed nothing would be waited for 50 ms after its end.
      git.outputHandler((_, stdout) => stdout.once('end', () => stdout.emit('data', NOTHING)));
      const printed = await git.env(env).raw([...args]);
      return options.isExact === true ? printed : printed.replace(/\r?\n$/, '');
    } catch (cause) {
      // Loaded with the first failure.
      const { gitProblem } = await import('./gitProblem.js');
      throw await gitProblem({
        command: commandOf(args),
        folder,
        cause,
        limitMs,
        call: [CALL_VARIABLE, call],
        ...ended,
      });
    }
  }
}

/** As it is typed: `git worktree add`. */
export function commandOf(args: readonly string[]): string {
  const [command = '', action = ''] = args;
  return GROUPS.has(command) && /^[a-z-]+$/.test(action) ? `git ${command} ${action}` : `git ${command}`;
}

async function loadGuard(): Promise<CallGuard> {
  const { CallGuard } = await import('./callGuard.js');
  return new CallGuard();
}
