/**
 * The one way we run `bd`: an argument list and never a shell, what it prints on stdout only, a limit of time that ends
 * it with all it started, and one typed error (`docs/design/beads.md`).
 */
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { redact } from '../git/redaction';
import { endChildGroup } from '../process/signals';
import { processStarter, type Trusted } from '../process/startProcess';
import { storableText } from '../../kernel/text/storableText';

/** What the operating system hands on to `bd` and to git, which it asks. */
const ALLOWED = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'LANG', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME'],
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'PATHEXT', 'TEMP', 'TMP', 'USERNAME', 'USERPROFILE'],
  ...['HOMEDRIVE', 'HOMEPATH', 'APPDATA', 'LOCALAPPDATA'],
]);

/** The first version whose commands and answers are those of `docs/design/beads.md`. */
const OLDEST: Version = [0, 46, 0];
const TIMEOUT_MS = 30_000;
const GRACE_MS = 2000;
/** Somebody else writes: an agent with its own `bd`. Each wait is longer than the one before. */
const BUSY =
  /database (is|table is) locked|read.?only database|serialization|\block (held|timeout|wait)|acquire \S*lock/i;
const BUSY_TRIES = 4;
const BUSY_WAIT_MS = 200;
const SHOWN_LENGTH = 500;

export type Version = readonly [major: number, minor: number, patch: number];

export interface BeadsLocation {
  /** `bd` itself: a name that is searched for on PATH, or an absolute path. */
  readonly program: string;
  /** `BEADS_DIR`: where the issues are kept, absolute and outside of every clone. */
  readonly folder: string;
  /** Where variables are picked from. */
  readonly environment: NodeJS.ProcessEnv;
  readonly trusted: Trusted;
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * What `bd` must be told wherever it runs for us, in an agent too: which issues, no daemon, no questions, and no copy of
 * the issues in files, which two programs at once would bring out of step.
 */
export function beadsVariables(folder: string, actor: string): Record<string, string> {
  return {
    BEADS_DIR: folder,
    BEADS_NO_DAEMON: 'true',
    BD_NO_DAEMON: 'true',
    BD_NO_AUTO_FLUSH: 'true',
    BD_NO_AUTO_IMPORT: 'true',
    BD_NON_INTERACTIVE: '1',
    BEADS_ACTOR: actor,
    BD_ACTOR: actor,
  };
}

export class BeadsProgram {
  constructor(private readonly place: BeadsLocation) {}

  /** @throws KernelError `BEADS_MISSING`, `BEADS_TOO_OLD`, `BEADS_FAILED` */
  async version(cwd: string): Promise<Version> {
    const operation = 'tell its version';
    const { stdout } = await this.run(cwd, operation, ['version', '--json']);
    const { version } = this.parse(operation, stdout, z.object({ version: z.string() }));
    const found = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
    const [major, minor, patch] = found ?? [];
    if (major === undefined || minor === undefined || patch === undefined) {
      throw new KernelError('BEADS_FAILED', { operation, problem: `it says ${version}` });
    }
    if (!isAtLeast([major, minor, patch], OLDEST)) {
      throw new KernelError('BEADS_TOO_OLD', { program: this.place.program, version, needed: OLDEST.join('.') });
    }
    return [major, minor, patch];
  }

  /**
   * What `bd` printed, once it ended well. `operation` says in words what is being done, for the error.
   * @throws KernelError `BEADS_MISSING`, `BEADS_FAILED`
   */
  async run(cwd: string, operation: string, args: readonly string[], input = ''): Promise<Answer> {
    const answer = await this.ask(cwd, operation, args, input);
    if (answer.code !== 0) throw new KernelError('BEADS_FAILED', { operation, problem: problemIn(answer) });
    return answer;
  }

  /**
   * Like `run`, where an exit code other than 0 is an answer too. A run that found the database locked is tried again.
   * @throws KernelError `BEADS_MISSING`; `BEADS_FAILED` where it took too long
   */
  async ask(cwd: string, operation: string, args: readonly string[], input = ''): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.spawn(cwd, operation, args, input);
      if (attempt >= BUSY_TRIES || !isBusy(answer)) return answer;
      await delay(BUSY_WAIT_MS * 2 ** (attempt - 1));
    }
  }

  /**
   * Reads what was printed with `--json`. Some versions put it into an envelope, and say what went wrong on stdout.
   * @throws KernelError `BEADS_FAILED` where it is something else
   */
  parse<T>(operation: string, stdout: string, schema: z.ZodType<T>): T {
    const refuse = (problem: string): never => {
      throw new KernelError('BEADS_FAILED', { operation, problem: storableText(redact(problem), SHOWN_LENGTH) });
    };
    let value: unknown;
    try {
      value = stdout.trim() === '' ? [] : JSON.parse(stdout);
    } catch {
      return refuse(`it printed what is no JSON: ${stdout}`);
    }
    const envelope = enveloped.safeParse(value);
    if (envelope.success) value = envelope.data.data;
    const failure = failed.safeParse(value);
    if (failure.success) return refuse(failure.data.error);
    const parsed = schema.safeParse(value);
    return parsed.success ? parsed.data : refuse(`it printed something else: ${z.prettifyError(parsed.error)}`);
  }

  private async spawn(cwd: string, operation: string, args: readonly string[], input: string): Promise<Answer> {
    const { program, folder, trusted } = this.place;
    const env = { ...this.inherited(), ...beadsVariables(folder, 'intercore') };
    const child = processStarter(trusted, 'run Beads').spawn(program, args, {
      cwd,
      env,
      detached: true,
      windowsHide: true,
    });
    const chunks: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
    child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk));
    // It may end without having read what it is told.
    child.stdin.on('error', () => undefined).end(input);
    const limitMs = this.place.timeoutMs ?? TIMEOUT_MS;
    const limit = AbortSignal.timeout(limitMs);
    const end = (): void => {
      void endChildGroup(child, GRACE_MS);
      // Something that left the group may hold these open forever (D10).
      child.stdout.destroy();
      child.stderr.destroy();
    };
    limit.addEventListener('abort', end);
    try {
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', resolve);
      });
      if (limit.aborted) {
        throw new KernelError('BEADS_FAILED', { operation, problem: `it took longer than ${limitMs / 1000} s` });
      }
      const text = (name: 'stdout' | 'stderr'): string => Buffer.concat(chunks[name]).toString('utf8');
      return { code: code ?? -1, stdout: text('stdout'), stderr: text('stderr') };
    } catch (error) {
      if (error instanceof KernelError) throw error;
      throw new KernelError('BEADS_MISSING', { program, problem: problemOf(error) });
    } finally {
      limit.removeEventListener('abort', end);
    }
  }

  private inherited(): Record<string, string> {
    const entries = Object.entries(this.place.environment);
    return Object.fromEntries(
      entries.flatMap(([name, value]) =>
        value !== undefined && (ALLOWED.has(name.toUpperCase()) || name.startsWith('LC_')) ? [[name, value]] : [],
      ),
    );
  }
}

const enveloped = z.object({ schema_version: z.number(), data: z.unknown() }).refine((value) => 'data' in value);
const failed = z.object({ error: z.string() });

export function isAtLeast(version: Version, wanted: Version): boolean {
  const at = version.findIndex((part, index) => part !== wanted[index]);
  return at < 0 || (version[at] ?? 0) > (wanted[at] ?? 0);
}

/** Older versions end well all the same, and print nothing. */
function isBusy(answer: Answer): boolean {
  return (answer.code !== 0 || answer.stdout.trim() === '') && BUSY.test(problemIn(answer));
}

/** Why it failed: newer versions say so on stdout, older ones on stderr. */
export function problemIn({ stdout, stderr, code }: Answer): string {
  const said = stdout.trim().startsWith('{') ? saidIn(stdout) : undefined;
  const lines = (said ?? stderr).split(/\r?\n/).filter((line) => line.trim() !== '');
  const text = lines.join('; ').replace(/^Error: /, '');
  return storableText(redact(text === '' ? `exit code ${code}` : text), SHOWN_LENGTH);
}

function saidIn(stdout: string): string | undefined {
  try {
    return failed.safeParse(JSON.parse(stdout)).data?.error;
  } catch {
    return undefined;
  }
}
