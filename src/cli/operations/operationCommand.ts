/**
 * A command of `ic` that runs an operation. Words, operands, flags, summary and who decides come from the operation's
 * declaration, and arguments are read by its schema. Only the printing of the result is written by hand.
 */
import type { OperationName, OperationResults } from '../../contract/surfaces/api';
import type { Ways } from '../../contract/declarations/operation';
import type { Implement } from '../../services/operations/implementation';
import type { Runnable } from '../../services/operations/runner';
import type { CliCommand, CliContext, CliDecision, ExitCode, OwnedId } from '../command/command';
import { EXIT } from '../command/command';
import { UsageError, type FlagSpec } from '../grammar/argv';
import type { JsonValue } from '../output/output';
import type { HostParts } from './host';
import {
  flagOf,
  flagValue,
  operandValue,
  operandWord,
  parametersOf,
  type Parameter,
  type ParameterHelp,
} from './parameters';
import { defined } from '../../kernel/defined';

/** The declarations of a noun's operations, and their implementations, which are loaded when one runs. */
export interface OperationSet<N extends OperationName> {
  readonly declarations: { readonly [K in N]: Ways & Pick<Runnable<K>, 'args'> };
  readonly load: () => Promise<{ readonly [K in N]: Implement<K> }>;
}

/** Arguments that a command reads in its own form, such as a text in a file. */
export interface OwnForm {
  readonly flags: readonly FlagSpec[];
  /** Left out: they are no arguments of the operation. */
  read?(context: CliContext): Promise<Readonly<Record<string, unknown>>>;
}

type Printed<R, T> = (result: R, context: CliContext) => T | Promise<T>;

export interface CommandOptions<N extends OperationName, R = OperationResults[N]> {
  /** Default: the description in the declaration. */
  readonly summary?: string;
  readonly exits?: CliCommand['exits'];
  readonly examples?: readonly string[];
  readonly timeout?: string;
  readonly byFolder?: true;
  readonly actsOnRows?: true;
  /** Help for flags, by argument. */
  readonly help?: Readonly<Record<string, ParameterHelp>>;
  /** In the environment of an agent, the default is its own task or subtask. */
  readonly isOwn?: true;
  readonly form?: OwnForm;
  /** A switch that runs another operation with the same arguments. */
  readonly otherwise?: { readonly name: string; readonly doc: string; readonly operation: N; readonly text: string };
  /** Parts of the host that only this operation needs. */
  readonly parts?: (context: CliContext) => HostParts | Promise<HostParts>;
  /** The same, where it lasts only as long as the operation. */
  readonly around?: <T>(context: CliContext, work: (parts: HostParts) => Promise<T>) => Promise<T>;
  /** A line, or a function that prints the lines. */
  readonly text: string | Printed<R, void>;
  /** Default: `--json` changes nothing. */
  readonly json?: Printed<R, JsonValue>;
  /** Prints messages about the result, and returns the exit code if it is not 0. */
  readonly after?: Printed<R, ExitCode | undefined>;
}

/** Makes the commands of a set of operations. */
export function operationCommands<N extends OperationName>(set: OperationSet<N>) {
  return <K extends N>(name: K, options: CommandOptions<K> & Pick<CommandOptions<N>, 'otherwise'>): CliCommand => {
    const { help = {}, isOwn = false, form, otherwise, text, json, after } = options;
    const declared = set.declarations[name];
    if (typeof declared.ic !== 'string') throw new Error(`${name} has no words of ic: ${declared.ic.not}`);
    const [first = '', ...others] = declared.ic.split(' ');
    const ownFlags = new Set(form?.flags.map((flag) => flag.name));
    const all = parametersOf(declared.args, declared, first).filter(({ name: flag }) => !ownFlags.has(flag));
    const operands = all.filter(({ kind }) => kind === 'operand' || kind === 'operands');
    const flagged = all.filter(({ kind }) => kind === 'flag' || kind === 'switch');
    const flags = [
      ...(form?.flags ?? []),
      ...flagged.map((parameter) => flagOf(parameter, help[parameter.argument])),
      ...(otherwise === undefined ? [] : [{ name: otherwise.name, doc: otherwise.doc }]),
    ];
    const decided = otherwise === undefined ? declared : strictest(declared, set.declarations[otherwise.operation]);
    const decision = decisionOf(decided, operands[0], otherwise?.name);
    return {
      operation: name,
      words: [first, ...others],
      summary: options.summary ?? declared.about,
      strict: true,
      ...(operands.length === 0 ? {} : { operands: operands.map((operand) => operandWord(operand, isOwn)).join(' ') }),
      ...(flags.length === 0 ? {} : { flags }),
      ...(json === undefined ? {} : { json: true }),
      ...defined({
        exits: options.exits,
        examples: options.examples,
        timeout: options.timeout,
        byFolder: options.byFolder,
        actsOnRows: options.actsOnRows,
        decision,
      }),
      async run(context) {
        const args = { ...readParameters(context, operands, flagged, isOwn), ...(await form?.read?.(context)) };
        const isOther = otherwise !== undefined && context.args.switches.has(otherwise.name);
        const run = async <M extends N>(operation: M): Promise<OperationResults[M]> => {
          const { runHere } = await import('./host.js');
          const load = async (): Promise<Implement<M>> => (await set.load())[operation];
          const here = async (parts?: HostParts): Promise<OperationResults[M]> =>
            await runHere(context, operation, { ...set.declarations[operation], load }, args, parts);
          return options.around === undefined
            ? await here(await options.parts?.(context))
            : await options.around(context, here);
        };
        if (isOther) {
          await run(otherwise.operation);
          context.out.line(otherwise.text);
          return EXIT.ok;
        }
        const result = await run(name);
        if (context.flags.json && json !== undefined) context.out.map(await json(result, context));
        else if (typeof text === 'string') context.out.line(text);
        else await text(result, context);
        return (await after?.(result, context)) ?? EXIT.ok;
      },
    };
  };
}

/** @throws UsageError */
function readParameters(
  context: CliContext,
  operands: readonly Parameter[],
  flagged: readonly Parameter[],
  isOwn: boolean,
): Readonly<Record<string, unknown>> {
  const { args, env, usage } = context;
  const values = operands.map((operand, index) => {
    const { argument, kind, isRequired } = operand;
    if (kind === 'operands') {
      const rest = args.positionals.slice(index);
      return [argument, rest.length === 0 ? undefined : rest] as const;
    }
    const given = args.positionals[index] ?? (isOwn && index === 0 ? env[ownVariable(operand)] : undefined);
    if (isRequired && (given === undefined || given === '')) throw new UsageError(`usage: ${usage}`, hintOf(operand));
    return [argument, operandValue(operand, given)] as const;
  });
  return Object.fromEntries([...values, ...flagged.map((flag) => [flag.argument, flagValue(args, flag)] as const)]);
}

const LISTS: Readonly<Record<string, string>> = {
  task: 'ic task list',
  project: 'ic project list',
  dispatch: 'ic dispatch list',
  run: 'ic run list',
};

/** Which operand is missing, and the command that lists what it may be. */
function hintOf({ name }: Parameter): string {
  const list = LISTS[name];
  return list === undefined ? `<${name}> is missing` : `<${name}> is missing: ${list} lists them`;
}

/** The variable that holds an agent's own id: `INTERCORE_SUBTASK_ID`. */
function ownVariable({ name }: Parameter): string {
  return `INTERCORE_${name.toUpperCase()}_ID`;
}

/** Of two operations behind one command, the declaration that says who decides: that of the switch. */
function strictest(plain: Ways, other: Ways): Ways {
  return other.decides === 'anyone' ? plain : other;
}

const OWNED: readonly OwnedId[] = ['runId', 'dispatchId', 'taskId', 'subtaskId'];

function decisionOf({ decides }: Ways, subject: Parameter | undefined, other?: string): CliDecision | undefined {
  if (decides === 'anyone') return undefined;
  if (decides === 'person') return decides;
  if (typeof decides === 'object') return { personGives: decides.personGives };
  const owner = OWNED.find((id) => id === subject?.argument);
  if (owner === undefined) return 'person';
  return { owner, ...(other === undefined ? {} : { when: [other] }) };
}
