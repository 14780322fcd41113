/**
 * Runs git in a transport repository: a bare repository of our own that agents cannot write to. It reads only our
 * configuration, runs no program of a repository, contacts only the given server, and gets the secret from a one-shot
 * helper. `Git` runs git in folders of people and agents.
 */
import { writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import type { Duplex } from 'node:stream';
import { KernelError } from '../../../kernel/errors/errors';
import { systemCode } from '../../files/fileErrors';
import { processStarter, type ChildProcess, type Trusted } from '../../process/startProcess';
import { commandOf, passedOn } from '../git';
import { gitProblem, NO_PROGRESS } from '../gitProblem';
import { DEFAULT_LIMIT_SECONDS, timeLimits, type StepKind, type TimeLimits } from '../config/timeLimits';
import { credentialHelper, type Credential, type CredentialHelper } from './credentialHelper';
import { configurationFile, networkSettings, type Setting } from './networkSettings';
import type { TransportRepository } from './transportRepository';
import { endOf } from '../../../kernel/text/storableText';

/** The credential for the server; undefined for none. `refused` is the one that the server has just rejected. */
export type CredentialSource = (refused?: Credential) => Promise<Credential | undefined>;

export interface TransportRun {
  /** The address of the server: `https:`, or `http:` on loopback. */
  readonly url: string;
  /** Determines how long git may run without a sign of life; by default `network`. */
  readonly kind?: StepKind | undefined;
  /** Ends git; the caller finds the signal aborted. */
  readonly signal?: AbortSignal | undefined;
}

export interface TransportGitDeps {
  readonly trusted: Trusted;
  readonly credential: CredentialSource;
  /** How long each kind of command may run without a sign of life; the defaults if absent. */
  readonly limits?: () => TimeLimits | Promise<TimeLimits>;
  /** The environment to pick variables from; by default our own. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** Each overrides configuration files. */
const FIXED: readonly Setting[] = [
  { key: 'core.hooksPath', value: devNull },
  { key: 'core.fsmonitor', value: 'false' },
  // Only the objects themselves are read from a clone that agents write, no metadata about them.
  { key: 'core.alternateRefsCommand', value: 'true' },
  { key: 'core.commitGraph', value: 'false' },
  { key: 'core.multiPackIndex', value: 'false' },
  { key: 'pack.useBitmaps', value: 'false' },
  { key: 'gc.auto', value: '0' },
  { key: 'maintenance.auto', value: 'false' },
  { key: 'push.gpgSign', value: 'false' },
  { key: 'http.followRedirects', value: 'initial' },
  // Newer versions of git then send the secret immediately, which saves a request.
  { key: 'http.proactiveAuth', value: 'basic' },
  { key: 'fetch.fsckObjects', value: 'true' },
  // Old errors of programs that wrote commits and trees. They are harmless, and many published repositories have them.
  ...[
    'badDate',
    'badDateOverflow',
    'badEmail',
    'badName',
    'badTagName',
    'badTimezone',
    'emptyName',
    'missingEmail',
    'missingNameBeforeEmail',
    'missingSpaceBeforeDate',
    'missingSpaceBeforeEmail',
    'missingTaggerEntry',
    'multipleAuthors',
    'nullSha1',
    'zeroPaddedDate',
    'zeroPaddedFilemode',
  ].map((name) => ({ key: `fetch.fsck.${name}`, value: 'ignore' })),
];
/** After SIGTERM. */
const GRACE_MS = 2000;
const DEFAULT_LIMITS = timeLimits(DEFAULT_LIMIT_SECONDS);
/** The last part of git's output. */
const MAX_PRINTED = 4 * 1024 * 1024;
/** Git's messages about a rejected credential. */
const REFUSED = /authentication failed|could not read username|invalid username|returned error: 401/i;

export class TransportGit {
  constructor(private readonly deps: TransportGitDeps) {}

  /**
   * Runs git against the server, with a new credential if the first one is rejected. Returns git's output.
   * @throws KernelError `GIT_FAILED`, `GIT_TIMEOUT`, `GIT_MISSING`
   */
  async talk(repository: TransportRepository, args: readonly string[], run: TransportRun): Promise<string> {
    await this.carryOver(repository);
    const credential = await this.deps.credential();
    try {
      return await this.attempt(repository, args, run, credential);
    } catch (error) {
      const isRefused = KernelError.is(error, 'GIT_FAILED') && REFUSED.test(error.facts.problem.text);
      if (credential === undefined || !isRefused) throw error;
      const fresh = await this.deps.credential(credential);
      if (fresh === undefined || fresh.password === credential.password) throw error;
      return this.attempt(repository, args, run, fresh);
    }
  }

  /** Runs git without a network. @throws KernelError `GIT_FAILED` */
  async run(repository: TransportRepository, args: readonly string[]): Promise<string> {
    return this.start(repository, args, { GIT_ALLOW_PROTOCOL: '' }, { kind: 'walk' });
  }

  private async attempt(
    repository: TransportRepository,
    args: readonly string[],
    { url, kind, signal }: TransportRun,
    credential: Credential | undefined,
  ): Promise<string> {
    const { origin, protocol } = new URL(url);
    const helper = credential === undefined ? undefined : await credentialHelper(origin, credential);
    const environment = { GIT_ALLOW_PROTOCOL: protocol.slice(0, -1) };
    try {
      return await this.start(repository, args, environment, { kind, signal, helper });
    } finally {
      helper?.close();
    }
  }

  private async start(
    repository: TransportRepository,
    args: readonly string[],
    more: Readonly<Record<string, string>>,
    { helper, kind = 'network', signal }: Start,
  ): Promise<string> {
    signal?.throwIfAborted();
    const child = processStarter(this.deps.trusted, 'run git').spawn('git', [...args], {
      cwd: repository.folder,
      env: { ...this.environment(repository, helper), ...more },
      stdio: ['ignore', 'pipe', 'pipe', ...(helper?.hasSocket === true ? (['pipe'] as const) : [])],
      // A separate group, so that git's helpers end with it.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    helper?.listen(child.stdio[3] as Duplex | undefined);
    const limitMs = (await this.limits())[kind];
    const { code, stdout, stderr, problem } = await ended(child, { limitMs, signal });
    if (code === 0) return stdout;
    throw await gitProblem({
      command: commandOf(args),
      folder: repository.gitDir,
      limitMs,
      cause: causeOf({ code, stderr, problem }),
    });
  }

  private limits(): TimeLimits | Promise<TimeLimits> {
    return this.deps.limits?.() ?? DEFAULT_LIMITS;
  }

  private environment(
    { gitDir, networkFile }: TransportRepository,
    helper: CredentialHelper | undefined,
  ): Record<string, string> {
    const config = [
      ...FIXED,
      // The user's own helpers must not be asked for any credential.
      { key: 'credential.helper', value: '' },
      ...(helper === undefined ? [] : [{ key: 'credential.helper', value: helper.command }]),
    ];
    return {
      ...passedOn(this.deps.environment ?? process.env),
      ...helper?.environment,
      LC_ALL: 'C',
      GIT_DIR: gitDir,
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: '',
      // Progress is a sign of life, so it is shown without delay.
      GIT_PROGRESS_DELAY: '0',
      GIT_ATTR_NOSYSTEM: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: networkFile,
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_NO_LAZY_FETCH: '1',
      GIT_CONFIG_COUNT: String(config.length),
      ...Object.fromEntries(
        config.flatMap(({ key, value }, index) => [
          [`GIT_CONFIG_KEY_${index}`, key],
          [`GIT_CONFIG_VALUE_${index}`, value],
        ]),
      ),
    };
  }

  /** Copies network settings from the user's configuration. */
  private async carryOver({ folder, gitDir, networkFile }: TransportRepository): Promise<void> {
    const args = ['config', '--null', '--includes', '--get-regexp', '^https?\\.'];
    const child = processStarter(this.deps.trusted, 'run git').spawn('git', args, {
      cwd: folder,
      env: { ...passedOn(this.deps.environment ?? process.env), LC_ALL: 'C', GIT_DIR: gitDir },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    // Exit code 1: there is none.
    const { quick: limitMs } = await this.limits();
    const { code, stdout, stderr, problem } = await ended(child, { limitMs });
    if (code !== 0 && code !== 1) {
      throw await gitProblem({ command: commandOf(args), folder, limitMs, cause: causeOf({ code, stderr, problem }) });
    }
    await writeFile(networkFile, configurationFile(networkSettings(stdout)), { mode: 0o600 });
  }
}

interface Start {
  readonly kind?: StepKind | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly helper?: CredentialHelper | undefined;
}

interface Supervision {
  /** 0 for none. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it could not be started, or was ended. */
  readonly problem: string | undefined;
}

function causeOf({ code, stderr, problem }: Omit<Ended, 'stdout'>): Error {
  return new Error(problem ?? (stderr.trim() === '' ? `it ended with exit code ${code ?? 'unknown'}` : stderr));
}

/** Resolves when git has ended. Ends it once the signal aborts, or after a time without output. */
function ended(child: ChildProcess, { limitMs, signal }: Supervision): Promise<Ended> {
  return new Promise((resolve) => {
    const printed = { stdout: '', stderr: '' };
    let problem: string | undefined;
    let killing: NodeJS.Timeout | undefined;
    const stop = (reason: string): void => {
      problem ??= reason;
      endGroup(child, 'SIGTERM');
      killing ??= setTimeout(() => endGroup(child, 'SIGKILL'), GRACE_MS);
    };
    const silence = limitMs === 0 ? undefined : setTimeout(() => stop(NO_PROGRESS), limitMs);
    const onAbort = (): void => stop('stopped');
    const finish = (code: number | null): void => {
      clearTimeout(silence);
      clearTimeout(killing);
      signal?.removeEventListener('abort', onAbort);
      resolve({ code, ...printed, problem });
    };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (chunk: Buffer) => {
        silence?.refresh();
        printed[name] = endOf(printed[name] + chunk.toString(), MAX_PRINTED);
      });
    }
    signal?.addEventListener('abort', onAbort, { once: true });
    child.once('error', (error) => {
      problem = error.message;
      finish(null);
    });
    child.once('close', (code) => finish(code));
  });
}

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  if (process.platform === 'win32') {
    child.kill(signal);
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // It has just ended.
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}
