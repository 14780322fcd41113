/**
 * Command-line grammar of `ic` (`docs/design/commandLine.md#arguments`): global flags anywhere, then a command, then
 * its own flags.
 */
import { parseDuration } from './duration';

export interface GlobalFlags {
  readonly db: string | undefined;
  /** Milliseconds to wait for a busy database; undefined without the flag. */
  readonly timeoutMs: number | undefined;
  /** The same for commands with a `--timeout` of their own: undefined also for zero and less, which mean no limit. */
  readonly limitMs: number | undefined;
  readonly verbose: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

export interface SplitArgv {
  readonly flags: GlobalFlags;
  readonly words: readonly string[];
}

/** A usage error: exit code 3. */
export class UsageError extends Error {
  constructor(
    message: string,
    /** A second line on stderr: how to correct the call. */
    readonly hint?: string,
  ) {
    super(message);
  }
}

/**
 * Removes the global flags from argv, at any position. `--timeout` of zero or less means 100 ms. As everywhere, an
 * empty value means that the flag was not given.
 */
export function splitArgv(argv: readonly string[]): SplitArgv {
  let db: string | undefined;
  let timeoutMs: number | undefined;
  let limitMs: number | undefined;
  const seen = { verbose: false, json: false, help: false };
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    const next = argv[i + 1];
    if (word === '--verbose') seen.verbose = true;
    else if (word === '--json') seen.json = true;
    else if (word === '--help' || word === '-h') seen.help = true;
    else if (word.startsWith('--db=')) db = unlessEmpty(word.slice('--db='.length));
    else if (word === '--db' && next !== undefined) {
      db = unlessEmpty(next);
      i++;
    } else if (word.startsWith('--timeout=')) {
      const ms = parseTimeout(unlessEmpty(word.slice('--timeout='.length)));
      timeoutMs = ms === undefined ? undefined : ms <= 0 ? 100 : ms;
      limitMs = ms === undefined || ms <= 0 ? undefined : ms;
    } else words.push(word);
  }
  return { flags: { db, timeoutMs, limitMs, ...seen }, words };
}

function unlessEmpty(value: string): string | undefined {
  return value === '' ? undefined : value;
}

function parseTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined) throw new UsageError(`invalid timeout: ${text}`);
  return ms;
}

/** One flag of a command. */
export interface FlagSpec {
  readonly name: string;
  /** The placeholder of the value in help; absent for a switch. */
  readonly value?: string;
  readonly doc: string;
  /** Shown without brackets; the command itself refuses a call without it. */
  readonly isRequired?: boolean;
  /** Whether `--name VALUE` is accepted as well as `--name=VALUE`. */
  readonly spaced?: boolean;
  /** Whether an empty value counts as a value. By default it means that the flag was not given, as in the original. */
  readonly mayBeEmpty?: boolean;
  readonly alias?: string;
  /** The value is optional; without it the flag is a switch. */
  readonly optional?: boolean;
  /** May be given several times; every value counts. */
  readonly repeated?: boolean;
}

export interface ParsedArgs {
  readonly positionals: readonly string[];
  readonly values: ReadonlyMap<string, string>;
  /** Every value of a flag that may be repeated, in the order given. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
  readonly switches: ReadonlySet<string>;
  /** Flags that the command does not have. */
  readonly unknown: readonly string[];
}

/** Sorts a command's words into positionals and flags. A repeated flag keeps its last value, even an empty one. */
export function parseArgs(words: readonly string[], specs: readonly FlagSpec[]): ParsedArgs {
  const values = new Map<string, string>();
  const lists = new Map<string, string[]>();
  const switches = new Set<string>();
  const positionals: string[] = [];
  const unknown: string[] = [];
  const give = ({ name, mayBeEmpty, repeated }: FlagSpec, value: string): void => {
    if (value === '' && mayBeEmpty !== true) values.delete(name);
    else values.set(name, value);
    if (repeated === true) lists.set(name, [...(lists.get(name) ?? []), value]);
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (!word.startsWith('-') || word === '-') {
      positionals.push(word);
      continue;
    }
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    const spec = specs.find((candidate) => `--${candidate.name}` === name || candidate.alias === name);
    if (spec === undefined) unknown.push(word);
    else if ((spec.value === undefined || spec.optional === true) && equals < 0) switches.add(spec.name);
    else if (spec.value !== undefined && equals >= 0) give(spec, word.slice(equals + 1));
    else if (spec.value !== undefined && spec.spaced === true && words[i + 1] !== undefined) {
      give(spec, words[++i] ?? '');
    } else unknown.push(word);
  }
  return { positionals, values, lists, switches, unknown };
}
