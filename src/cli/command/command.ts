/**
 * The shape of one `ic` command. Parser, help, completion and `docs/cli.md` are made from the closed table of commands
 * (`table.ts`), so they always agree.
 */
import type { OperationName } from '../../contract/surfaces/api';
import type { FlagSpec, GlobalFlags, ParsedArgs } from '../grammar/argv';
import type { Output } from '../output/output';
import type { Session } from './session';

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
  /** The logical working directory: `$PWD` if it names the current directory. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Opens the database of this call, once. */
  session(): Promise<Session>;
  /** The first positional, or the run of the dispatch that this process belongs to (`INTERCORE_RUN_ID`). */
  runId(index?: number): string;
  readStdin(): Promise<Buffer>;
  /** Aborted when the process receives SIGINT, SIGTERM, or SIGHUP. */
  readonly stopped: AbortSignal;
}

export type OwnedId = 'runId' | 'dispatchId' | 'taskId' | 'subtaskId';

/**
 * `owner`: the kind of id that the first operand is; an agent's own id is allowed. `when`, `unless`: only with, or
 * without, one of these flags. `personGives`: flags that only a person may give.
 */
export type CliDecision =
  | 'person'
  | { readonly owner: OwnedId; readonly when?: readonly string[]; readonly unless?: readonly string[] }
  | { readonly personGives: readonly string[] };

export interface CliCommand {
  /** `['run', 'advance']` */
  readonly words: readonly [string, ...string[]];
  readonly summary: string;
  /** Positionals as shown in the usage line: `<run> [<phase>]`. */
  readonly operands?: string;
  readonly flags?: readonly FlagSpec[];
  /** Unknown flags are a usage error instead of being ignored with a note. */
  readonly strict?: boolean;
  /**
   * Opens no database that a call can name: `--db` is a usage error, and so is `--timeout` unless the command has its
   * own.
   */
  readonly byFolder?: boolean;
  /** Whether `--json` changes the output. */
  readonly json?: boolean;
  /** What `--timeout` limits here, if not the wait for a busy database (Q10). */
  readonly timeout?: string;
  /** What each exit code other than 0 means here. */
  readonly exits?: Readonly<Partial<Record<1 | 2 | 3, string>>>;
  readonly examples?: readonly string[];
  /** The operation that it runs, which asks again who decides; left out: it is written by hand. */
  readonly operation?: OperationName;
  /** It acts on each row of a list, so rows that were left out fail it as they fail a command that only reads. */
  readonly actsOnRows?: true;
  /** What only a person may do here; default: the row of `CLI_DECISIONS`. */
  readonly decision?: CliDecision;
  run(context: CliContext): Promise<ExitCode>;
}

export function usageLine(command: CliCommand): string {
  const flags = (command.flags ?? []).map((flag) => {
    const word = `--${flag.name}${flag.value === undefined ? '' : `=${flag.value}`}`;
    return flag.isRequired === true ? word : `[${word}]`;
  });
  return ['ic', ...command.words, ...(command.operands === undefined ? [] : [command.operands]), ...flags].join(' ');
}

/** The help of a flag, as `ic help` and `docs/cli.md` show it. */
export function flagDoc({ doc, isRequired }: FlagSpec): string {
  return isRequired === true ? `${doc} (required)` : doc;
}

/** The maximum number of positionals. */
export function mostOperands({ operands = '' }: CliCommand): number {
  return /\.\.\.|\u2026/.test(operands) ? Infinity : operands.split(' ').filter((operand) => operand !== '').length;
}
