/**
 * The shape of one `ic` command. The closed table of them (`table.ts`) makes the parser, the help, the completion and
 * `docs/cli.md`, so that none of these can say something else.
 */
import type { FlagSpec, GlobalFlags, ParsedArgs } from './grammar/argv';
import type { Output } from './output/output';
import type { Session } from './session';

export type OwnedId = 'runId' | 'dispatchId' | 'taskId' | 'subtaskId';

/**
 * `owner`: which id the first operand is; the agent's own is let through. `when`, `unless`: only with, or without, one of
 * these flags. `personGives`: flags that no agent gives.
 */
export type CliDecision =
  | 'person'
  | { readonly owner: OwnedId; readonly when?: readonly string[]; readonly unless?: readonly string[] }
  | { readonly personGives: readonly string[] };

/** Exit codes (`docs/design/commandLine.md#exit-codes`). */
export const EXIT = { ok: 0, negative: 1, failure: 2, usage: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface CliContext {
  readonly flags: GlobalFlags;
  readonly args: ParsedArgs;
  readonly out: Output;
  /** The command's words, for messages: `run advance`. */
  readonly name: string;
  readonly usage: string;
  /** The logical working directory: `$PWD` where it names the current directory. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Opens the database of this call, once. */
  session(): Promise<Session>;
  /** The first positional, or the run of the dispatch that this process is (`INTERCORE_RUN_ID`). */
  runId(index?: number): string;
  readStdin(): Promise<Buffer>;
  /** Resolves when the process is asked to stop (SIGINT, SIGTERM, SIGHUP). */
  readonly stopped: AbortSignal;
}

export interface CliCommand {
  /** `['run', 'advance']` */
  readonly words: readonly [string, ...string[]];
  readonly summary: string;
  /** Positionals as the usage line shows them: `<run> [<phase>]`. */
  readonly operands?: string;
  readonly flags?: readonly FlagSpec[];
  /** Unknown flags are a usage error instead of being ignored with a note. */
  readonly strict?: boolean;
  /** It opens no database that a call can name: `--db` is a usage error, as is `--timeout` without its own meaning. */
  readonly byFolder?: boolean;
  /** Whether `--json` changes the output. */
  readonly json?: boolean;
  /** What `--timeout` limits here, where that is not the wait for a busy database (Q10). */
  readonly timeout?: string;
  /** What each exit code other than 0 means here. */
  readonly exits?: Readonly<Partial<Record<1 | 2 | 3, string>>>;
  readonly examples?: readonly string[];
  /** What no agent does on its own here; left out: by `CLI_DECISIONS`. */
  readonly decision?: CliDecision;
  /** It lets a window start agents, with kinds of its own settings. */
  readonly starts?: true;
  run(context: CliContext): Promise<ExitCode>;
}

export function usageLine(command: CliCommand): string {
  const flags = (command.flags ?? []).map(
    (flag) => `[--${flag.name}${flag.value === undefined ? '' : `=${flag.value}`}]`,
  );
  return ['ic', ...command.words, ...(command.operands === undefined ? [] : [command.operands]), ...flags].join(' ');
}

/** How many positionals the command takes at most. */
export function mostOperands({ operands = '' }: CliCommand): number {
  return /\.\.\.|\u2026/.test(operands) ? Infinity : operands.split(' ').filter((operand) => operand !== '').length;
}
