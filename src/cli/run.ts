/** Finds the command of a command line, runs it, and turns every outcome into an exit code. */
import { stat } from 'node:fs/promises';
import { isKernelError } from '../kernel/errors/errors';
import { brokenArgument } from '../host/process/argumentBytes';
import { isOfSystem } from '../host/files/fileErrors';
import { parseArgs, splitArgv, UsageError, type ParsedArgs } from './grammar/argv';
import type { CliCommand, CliContext, ExitCode } from './command/command';
import { EXIT, mostOperands, usageLine } from './command/command';
import { decisionOn, refuseUndecided } from './decisions';
import { exitCodeOf, messageOf } from './command/failures';
import { reportLeftOut } from './output/leftOut';
import type { Streams } from './output/output';
import { Output, OutputFailed } from './output/output';
import type { Session } from './command/session';
import { allCommands, commandsFor, commandsOf } from './table';
import { commandHelp, overview, suggestion } from './command/usage';

export interface CliProcess {
  readonly streams: Streams;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly physicalCwd: string;
  /** A function, because most commands never read it and opening it takes time. */
  readonly stdin: () => NodeJS.ReadableStream;
  readonly stopped: AbortSignal;
  /** Called with the words of the command that runs. */
  readonly found?: (name: string) => void;
}

/** Runs one command line. Never throws: a bug is reported as an internal error with exit code 2. */
export async function runCli(argv: readonly string[], io: CliProcess): Promise<ExitCode> {
  const out = new Output(io.streams);
  let code: ExitCode;
  try {
    code = await dispatch(argv, io, out);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    out.message(error.message);
    code = EXIT.usage;
  }
  try {
    await out.flush();
  } catch (error) {
    return failed(undefined, error, out);
  }
  return code;
}

async function dispatch(argv: readonly string[], io: CliProcess, out: Output): Promise<ExitCode> {
  const broken = brokenArgument(argv);
  if (broken !== undefined) throw new UsageError(`this argument is not UTF-8: ${broken}`);
  const { flags, words } = splitArgv(argv);
  const [first] = words;
  if (first === undefined) {
    out.line(overview(await allCommands()));
    return EXIT.ok;
  }
  if (first === 'help') return help(words.slice(1), out);
  const command = await find(words);
  if (command === undefined) return flags.help ? help(words, out) : unknown(words, out);
  if (flags.help) {
    out.line(commandHelp(command));
    return EXIT.ok;
  }
  const name = command.words.join(' ');
  io.found?.(name);
  const opened: Session[] = [];
  try {
    const args = parseArgs(words.slice(command.words.length), command.flags ?? []);
    refuseOrNote(command, args, name, out);
    if (command.byFolder === true) refuseRecordFlags(command, flags);
    if (command.strict === true && command.json !== true && flags.json) out.note(`ic: ${name}: ignoring --json`);
    const context = await contextOf(command, { flags, args, name, out, io, opened });
    await refuseUndecided(command, context);
    const code = await command.run(context);
    const [session] = opened;
    const outcome = session === undefined ? code : leftOutOf(command, session, code, context);
    await out.flush();
    return outcome;
  } catch (error) {
    return failed(name, error, out, opened[0]);
  } finally {
    for (const session of opened) await session.close();
  }
}

/** Reports the rows that lists left out. A command that only read fails if there are any. */
function leftOutOf(
  command: CliCommand,
  { kernel, hasWritten }: Session,
  code: ExitCode,
  { name, out }: CliContext,
): ExitCode {
  const leftOut = kernel.leftOut?.since() ?? [];
  reportLeftOut(out, name, leftOut);
  // Commands that only a person may run count as writing: some change things outside the record, as `project trust`.
  const hasActed = command.actsOnRows !== true && (hasWritten || decisionOn(command) !== undefined);
  return leftOut.length === 0 || hasActed || code !== EXIT.ok ? code : EXIT.failure;
}

/** The command with the longest sequence of words that the line starts with. */
async function find(words: readonly string[]): Promise<CliCommand | undefined> {
  const known = await commandsFor(words);
  return known
    .filter((command) => command.words.every((word, i) => words[i] === word))
    .reduce<CliCommand | undefined>(
      (best, command) => (best === undefined || command.words.length > best.words.length ? command : best),
      undefined,
    );
}

async function help(words: readonly string[], out: Output): Promise<ExitCode> {
  const command = await find(words);
  const group = await commandsOf(words[0]);
  if (command !== undefined && command.words.length === words.length) out.line(commandHelp(command));
  else if (words.length === 0) out.line(overview(await allCommands()));
  else if (group.length > 0) out.line(overview(group));
  else return unknown(words, out);
  return EXIT.ok;
}

async function unknown(words: readonly string[], out: Output): Promise<ExitCode> {
  const [first = '', second] = words;
  const group = await commandsOf(first);
  if (group.length === 0) {
    out.message(`unknown command: ${first}`);
    const known = await allCommands();
    hint(suggestion(first, [...new Set(known.map((command) => command.words[0]))]), 'ic', out);
    out.line(overview(known));
    return EXIT.usage;
  }
  const below = [...new Set(group.map((command) => command.words[1] ?? ''))];
  if (second === undefined) out.message(`${first}: missing subcommand (${below.join(', ')})`);
  else {
    const deeper = group.filter((command) => command.words[1] === second);
    if (deeper.length > 0) {
      const third = words[2];
      const known = deeper.map((command) => command.words[2] ?? '');
      if (third === undefined) out.message(`${first} ${second}: missing subcommand (${known.join(', ')})`);
      else {
        out.message(`${first} ${second}: unknown subcommand: ${third}`);
        hint(suggestion(third, known), `ic ${first} ${second}`, out);
      }
    } else {
      out.message(`${first}: unknown subcommand: ${second}`);
      hint(suggestion(second, below), `ic ${first}`, out);
    }
  }
  return EXIT.usage;
}

function hint(word: string | undefined, before: string, out: Output): void {
  if (word !== undefined) out.note(`  did you mean: ${before} ${word}`);
}

const NO_DATABASE =
  '--db is not supported: this command works on a folder or on this machine and opens no named database';

const NO_TIMEOUT = '--timeout is not supported: this command does not wait for a busy database';

function refuseRecordFlags({ timeout }: CliCommand, { db, timeoutMs }: CliContext['flags']): void {
  if (db !== undefined) throw new UsageError(NO_DATABASE);
  if (timeout === undefined && timeoutMs !== undefined) throw new UsageError(NO_TIMEOUT);
}

/** Surplus words are ignored as in the original, unless the command is strict. */
function refuseOrNote(command: CliCommand, args: ParsedArgs, name: string, out: Output): void {
  const surplus = args.positionals[mostOperands(command)];
  if (command.strict === true && surplus !== undefined) throw new UsageError(`unknown flag: ${surplus}`);
  const known = (command.flags ?? []).map((flag) => `--${flag.name}`);
  for (const flag of args.unknown) {
    const bare = flag.split('=')[0] ?? flag;
    const near = suggestion(bare, known);
    const tail = known.includes(bare) ? ` (write ${bare}=VALUE)` : near === undefined ? '' : ` (did you mean ${near}?)`;
    if (command.strict === true) throw new UsageError(`unknown flag: ${flag}${tail}`);
    out.note(`ic: ${name}: ignoring unknown flag ${flag}${tail}`);
  }
}

interface ContextParts {
  readonly flags: CliContext['flags'];
  readonly args: CliContext['args'];
  readonly name: string;
  readonly out: Output;
  readonly io: CliProcess;
  readonly opened: Session[];
}

async function contextOf(command: CliCommand, parts: ContextParts): Promise<CliContext> {
  const { flags, args, name, out, io, opened } = parts;
  const cwd = await logicalCwd(io);
  const usage = usageLine(command);
  const context: CliContext = {
    flags,
    args,
    out,
    name,
    usage,
    cwd,
    env: io.env,
    stopped: io.stopped,
    session: async () => {
      const { openSession } = await import('./command/session.js');
      const session = opened[0] ?? (await openSession({ flags: sessionFlags(command, flags), cwd, env: io.env, name }));
      if (opened.length === 0) {
        opened.push(session);
        if (session.newer !== undefined) out.note(`ic: ${name}: ${session.newer.message}`);
        if (isAboutTasks(command)) {
          const { putProjectsRight } = await import('./projectUpkeep.js');
          await putProjectsRight(session, context);
        }
      }
      return session;
    },
    runId: (index = 0) => {
      const word = args.positionals[index] ?? io.env['INTERCORE_RUN_ID'];
      if (word === undefined) throw new UsageError(`usage: ${usage}`);
      return word;
    },
    readStdin: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of io.stdin()) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks);
    },
  };
  return context;
}

const ABOUT_TASKS: ReadonlySet<string> = new Set(['project', 'subtask', 'task', 'worktree']);

function isAboutTasks({ words: [noun] }: CliCommand): boolean {
  return ABOUT_TASKS.has(noun);
}

/** A command's own time limit does not limit the wait for the database. */
function sessionFlags(command: CliCommand, flags: CliContext['flags']): CliContext['flags'] {
  return command.timeout === undefined ? flags : { ...flags, timeoutMs: undefined };
}

/**
 * `$PWD` if it names the current directory, so that paths through symlinks stay as the user sees them
 * (`docs/design/commandLine.md#text-and-json`).
 */
async function logicalCwd(io: CliProcess): Promise<string> {
  const logical = io.env['PWD'];
  if (logical === undefined || !logical.startsWith('/')) return io.physicalCwd;
  const [a, b] = await Promise.all([stat(logical).catch(() => undefined), stat(io.physicalCwd)]);
  return a !== undefined && a.dev === b.dev && a.ino === b.ino ? logical : io.physicalCwd;
}

function failed(name: string | undefined, error: unknown, out: Output, session?: Session): ExitCode {
  if (error instanceof OutputFailed) {
    out.message(`output not written: ${error.message}`);
    if (session?.hasChanged === true) out.note('  The record was changed. Check it before you run the command again.');
    return EXIT.failure;
  }
  const before = name === undefined ? '' : `${name}: `;
  if (error instanceof UsageError) {
    out.message(`${before}${error.message}`);
    if (error.hint !== undefined) out.note(`  ${error.hint}`);
    return EXIT.usage;
  }
  if (isKernelError(error)) {
    // A record of a newer program was already reported when it was opened.
    if (error !== session?.newer) out.message(`${before}${messageOf(error)}`);
    out.note(`  ${error.hint}`);
    return exitCodeOf(error);
  }
  if (isOfSystem(error)) {
    out.message(`${before}refused by the system: ${error.message}`);
    return EXIT.failure;
  }
  out.message(`${before}internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return EXIT.failure;
}
