/**
 * How an operation is declared: once, with all that its ways in need. The API, the commands of the editor, the tools of
 * language models, `ic` and the docs derive theirs from it.
 */
import * as z from 'zod';

/**
 * `read`: nothing changes. `change`: the record or the work moves forward, and what was there stays. `destroy`: it ends,
 * replaces or removes something. `start`: it starts an agent, or lets one start.
 */
export type Effect = 'read' | 'change' | 'destroy' | 'start';

/**
 * Who decides on it, where the caller is an agent. `anyone`: the agent may. `person`: it may not, and asks. `owner`: it
 * may for what is its own, which is itself, the agents it started, and the run, task or subtask it works on.
 * `personGives`: it may without these arguments.
 */
export type Decides = 'anyone' | 'person' | 'owner' | { readonly personGives: readonly string[] };

/** There is no such way, and this is why. */
export interface Excluded {
  readonly not: string;
}

/** The id of a command of the editor. */
export type CommandName = `intercore.${string}.${string}`;

type Shape = z.core.$ZodShape;
type Arguments<S extends Shape> = z.ZodObject<S, z.core.$strict>;

/** Stands for the answer to a command's question, so that a keybinding or another extension can do without it. */
export const confirm = z.literal(true).optional();
type Confirm = typeof confirm;

/**
 * A command that does an operation. Its arguments are those of the operation, all of them optional: the command asks for
 * what it lacks.
 */
export interface DeclaredCommand {
  readonly id: CommandName;
  /** Title case, with an ellipsis where it asks for more. */
  readonly title: string;
  /** Where the palette shows it: `always`, `never`, or a when-clause. */
  readonly palette: string;
  /** It also takes `confirm`. */
  readonly confirm?: true;
  /** Absent: those of the operation. */
  readonly args?: z.ZodObject;
  /** Whether it needs trust, where that does not follow from the effect of its operation. */
  readonly changes?: boolean;
}

/** A command that does no operation. */
export interface Gesture {
  /** Title case, with an ellipsis where it asks for more. */
  readonly title: string;
  /** As of a declared command. */
  readonly palette: string;
  /** One plain JSON object, all of it optional. */
  readonly args: z.ZodObject;
  /** It changes the record or runs something, so it needs trust. */
  readonly changes: boolean;
}

export type Gestures = Readonly<Record<CommandName, Gesture>>;

/** The type of what an operation resolves with; it has no value. */
export interface Result<R> {
  readonly of?: R;
}

export function resultOf<R>(): Result<R> {
  return {};
}

/** How an operation is reached. */
export interface Ways {
  readonly effect: Effect;
  readonly decides: Decides;
  /** It only reads but needs trust: git runs in a repository, whose own settings name programs. */
  readonly trust?: true;
  /** What it does, for programs and language models. One or two sentences. */
  readonly about: string;
  /** The words of the command line: `run advance`. */
  readonly ic: string | Excluded;
  /**
   * Arguments that `ic` does not take as the rule says. The rule: an argument is an operand or a flag of its own name
   * (`toPhase`: `--to-phase`), an id may leave out that it is one (`runId`: `<run>`), and `folder` is the working
   * directory.
   */
  readonly icArguments?: Readonly<Record<string, string | Excluded>>;
  /** Absent: it is a tool of `ic mcp`. */
  readonly mcp?: Excluded;
  /** One of the core verbs: what the chat of the editor and agents that are dispatched get. */
  readonly core?: true;
}

/** Whether an untrusted window refuses it. */
export function needsTrust({ effect, trust }: Pick<Ways, 'effect' | 'trust'>): boolean {
  return effect !== 'read' || trust === true;
}

/** The schema of a command's arguments: its own, or made from that of the operation. */
type CommandArguments<S extends Shape, C> = C extends { readonly args: infer A extends z.ZodObject }
  ? A
  : C extends { readonly confirm: true }
    ? Arguments<{ [K in keyof S]: z.ZodOptional<S[K]> } & { confirm: Confirm }>
    : Arguments<{ [K in keyof S]: z.ZodOptional<S[K]> }>;

interface Declaration<S extends Shape, R, C> extends Ways {
  /** Unknown ones are refused, so that a misspelled one is noticed. */
  readonly args: Arguments<S>;
  readonly result: Result<R>;
  /** What a person uses in the editor: a command of its own, the id of one that another operation declares, or none. */
  readonly command: C;
}

export interface Declared<S extends Shape, R, C> extends Declaration<S, R, C> {
  /** Of the command of its own. */
  readonly commandArgs: CommandArguments<S, C>;
}

export function operation<S extends Shape, R, const C extends DeclaredCommand | CommandName | Excluded>(
  declaration: Declaration<S, R, C>,
): Declared<S, R, C>;
export function operation(declaration: Declaration<Shape, unknown, DeclaredCommand | CommandName | Excluded>): object {
  const { command, args } = declaration;
  return { ...declaration, commandArgs: typeof command === 'object' && 'id' in command ? argsOf(command, args) : args };
}

function argsOf(command: DeclaredCommand, args: Arguments<Shape>): z.ZodObject {
  if (command.args !== undefined) return command.args;
  return command.confirm === true ? args.partial().extend({ confirm }) : args.partial();
}
