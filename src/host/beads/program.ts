/**
 * The only way to run `bd`: an argument list without a shell, only stdout as output, a time limit that ends it with all
 * its processes, and typed errors (`docs/design/beads.md`).
 */
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { because, foreignText, type Problem } from '../../kernel/errors/reasons/problem';
import { redact } from '../git/redaction';
import { endChildGroup } from '../process/signals';
import { isAtLeast } from '../process/programs';
import { processStarter, type Trusted } from '../process/startProcess';
import { storableText } from '../../kernel/text/storableText';
import { WINDOWS_VARIABLES } from '../process/system/windowsVariables';

/** Variables that are passed to `bd`, and to the git that it runs. */
const ALLOWED = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'LANG',
  'XDG_CONFIG_HOME',
  'XDG_CACHE_HOME',
  ...WINDOWS_VARIABLES,
]);

/** The first version with the commands and output of `docs/design/beads.md`. */
const OLDEST = '0.46.0';
const TIMEOUT_MS = 30_000;
const GRACE_MS = 2000;
/** Waits while another program writes, such as an agent's `bd`. Each wait is longer than the one before. */
const BUSY =
  /database (is|table is) locked|read.?only database|serialization|\block (held|timeout|wait)|acquire \S*lock/i;
const BUSY_TRIES = 4;
const BUSY_WAIT_MS = 200;
const SHOWN_LENGTH = 500;

export interface BeadsLocation {
  /** `bd` itself: a name to search on PATH, or an absolute path. */
  readonly program: string;
  /** `BEADS_DIR`: the folder of the issues, absolute and outside every clone. */
  readonly folder: string;
  /** The environment to pick variables from. */
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
 * Variables for every `bd` that runs for us or in an agent: the folder of the issues, no daemon, no prompts, and no
 * copy of the issues in files, which concurrent programs would make inconsistent.
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

/** As it is typed: `bd update`. */
export function commandOf(args: readonly string[]): string {
  return `bd ${args[0] === 'dep' ? args.slice(0, 2).join(' ') : (args[0] ?? '')}`;
}

export class BeadsProgram {
  constructor(private readonly place: BeadsLocation) {}

  /** `1.2.3`. @throws KernelError `BEADS_MISSING`, `BEADS_TOO_OLD`, `BEADS_FAILED` */
  async version(cwd: string): Promise<string> {
    const command = 'bd version';
    const { stdout } = await this.run(cwd, ['version', '--json']);
    const { version } = this.parse(command, stdout, z.object({ version: z.string() }));
    const found = /^v?(\d+\.\d+\.\d+)/.exec(version)?.[1];
    if (found === undefined) {
      throw new KernelError('BEADS_FAILED', { command, problem: because('it reports {version}', { version }) });
    }
    if (!isAtLeast(found, OLDEST)) {
      throw new KernelError('BEADS_TOO_OLD', { program: this.place.program, version, needed: OLDEST });
    }
    return found;
  }

  /**
   * The output of `bd`, if it succeeded.
   * @throws KernelError `BEADS_MISSING`, `BEADS_FAILED`
   */
  async run(cwd: string, args: readonly string[], input = ''): Promise<Answer> {
    const answer = await this.ask(cwd, args, input);
    if (answer.code !== 0)
      throw new KernelError('BEADS_FAILED', { command: commandOf(args), problem: foreignText(problemIn(answer)) });
    return answer;
  }

  /**
   * Like `run`, for commands whose exit code other than 0 is a result. Repeated if the database was locked.
   * @throws KernelError `BEADS_MISSING`; `BEADS_FAILED` if it took too long
   */
  async ask(cwd: string, args: readonly string[], input = ''): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.spawn(cwd, args, input);
      if (attempt >= BUSY_TRIES || !isBusy(answer)) return answer;
      await delay(BUSY_WAIT_MS * 2 ** (attempt - 1));
    }
  }

  /**
   * Parses the output of `--json`. Some versions wrap it in an envelope, and print errors on stdout.
   * @throws KernelError `BEADS_FAILED` if the output is invalid
   */
  parse<T>(command: string, stdout: string, schema: z.ZodType<T>): T {
    const refuse = (problem: Problem<'BEADS_FAILED'>): never => {
      throw new KernelError('BEADS_FAILED', { command, problem });
    };
    const shown = (text: string): string => storableText(redact(text), SHOWN_LENGTH);
    let value: unknown;
    try {
      value = stdout.trim() === '' ? [] : JSON.parse(stdout);
    } catch {
      return refuse(because('it did not print JSON: {said}', { said: shown(stdout) }));
    }
    const envelope = enveloped.safeParse(value);
    if (envelope.success) value = envelope.data.data;
    const failure = failed.safeParse(value);
    if (failure.success) return refuse(foreignText(shown(failure.data.error)));
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    return refuse(because('it printed unexpected JSON: {said}', { said: shown(z.prettifyError(parsed.error)) }));
  }

  private async spawn(cwd: string, args: readonly string[], input: string): Promise<Answer> {
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
    // It may exit without reading its input.
    child.stdin.on('error', () => undefined).end(input);
    const limitMs = this.place.timeoutMs ?? TIMEOUT_MS;
    const limit = AbortSignal.timeout(limitMs);
    const end = (): void => {
      void endChildGroup(child, GRACE_MS);
      // A process that left the group may keep these open forever (D10).
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
        throw new KernelError('BEADS_FAILED', {
          command: commandOf(args),
          problem: because('it took longer than {seconds} s', { seconds: limitMs / 1000 }),
        });
      }
      const text = (name: 'stdout' | 'stderr'): string => Buffer.concat(chunks[name]).toString('utf8');
      return { code: code ?? -1, stdout: text('stdout'), stderr: text('stderr') };
    } catch (error) {
      if (error instanceof KernelError) throw error;
      throw new KernelError('BEADS_MISSING', { program, problem: foreignText(problemOf(error)) });
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

/** Older versions exit with 0 on failure, too, and print nothing. */
function isBusy(answer: Answer): boolean {
  return (answer.code !== 0 || answer.stdout.trim() === '') && BUSY.test(problemIn(answer));
}

/** Why it failed: newer versions print it on stdout, older ones on stderr. */
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
