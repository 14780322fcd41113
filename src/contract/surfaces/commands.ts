/**
 * The closed table of commands (`docs/design/editor.md`), derived from the declarations: those that operations declare, and gestures
 * of the editor.
 *
 * Every argument may be left out: the command asks for what it lacks. `confirm: true` stands for the answer to its
 * question, so that a keybinding or another extension can do without it.
 */
import type * as z from 'zod';
import { ARTIFACT_GESTURES } from '../operations/artifacts';
import { ATTENTION_GESTURES } from '../operations/attention';
import { DATABASE_GESTURES } from '../operations/database';
import { DECLARATIONS, type OperationName } from './operations';
import { DISPATCH_GESTURES } from '../operations/dispatches';
import { DOCTOR_GESTURES } from '../operations/doctor';
import { GATE_GESTURES } from '../operations/gates';
import {
  needsTrust,
  type CommandName,
  type Declared,
  type DeclaredCommand,
  type Excluded,
  type Gesture,
} from '../declarations/operation';
import { PORTFOLIO_GESTURES } from '../operations/portfolios';
import { PROJECT_GESTURES } from '../operations/projects';
import { RUN_GESTURES } from '../operations/runs';
import { SESSION_GESTURES } from '../operations/sessions';
import { SUBTASK_GESTURES } from '../operations/subtasks';
import { TASK_GESTURES } from '../operations/tasks';
import { EDITOR_GESTURES } from '../operations/editor';

/** A command as the editor knows it, with its arguments. */
export type CommandSpec = Gesture;

/** Those that do no operation. */
export const GESTURES = {
  ...DATABASE_GESTURES,
  ...RUN_GESTURES,
  ...GATE_GESTURES,
  ...ARTIFACT_GESTURES,
  ...DISPATCH_GESTURES,
  ...SESSION_GESTURES,
  ...DOCTOR_GESTURES,
  ...ATTENTION_GESTURES,
  ...PORTFOLIO_GESTURES,
  ...PROJECT_GESTURES,
  ...TASK_GESTURES,
  ...SUBTASK_GESTURES,
  ...EDITOR_GESTURES,
};

type Declarations = typeof DECLARATIONS;
/** The id of the command that the operation declares. */
type IdOf<N extends OperationName> = Declarations[N]['command'] extends { readonly id: infer I extends CommandName }
  ? I
  : never;
type CommandsOfOperations = {
  readonly [N in OperationName as IdOf<N>]: Omit<CommandSpec, 'args'> & {
    readonly args: Declarations[N]['commandArgs'];
  };
};
type Commands = CommandsOfOperations & typeof GESTURES;

export type CommandId = keyof Commands;
/** What a command is called with. */
export type CommandInput<C extends CommandId> = z.input<Commands[C]['args']>;
/** What its handler gets. */
export type CommandArgs<C extends CommandId> = z.output<Commands[C]['args']>;

/** By their ids, in the order of the alphabet. */
export const COMMANDS = commandsOf(DECLARATIONS, GESTURES);

function commandsOf(declarations: Declarations, gestures: typeof GESTURES): Commands;
function commandsOf(
  declarations: Readonly<Record<string, AnyDeclared>>,
  gestures: Readonly<Record<string, Gesture>>,
): object {
  const declared = Object.values(declarations).flatMap((operation) => ownCommand(operation));
  const all = [...declared, ...Object.entries(gestures)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(all);
}

type AnyDeclared = Declared<z.core.$ZodShape, unknown, DeclaredCommand | CommandName | Excluded>;

function ownCommand(declared: AnyDeclared): [CommandName, CommandSpec][] {
  const { command, commandArgs } = declared;
  if (typeof command !== 'object' || !('id' in command)) return [];
  const { id, title, palette, changes = needsTrust(declared) } = command;
  return [[id, { title, palette, args: commandArgs, changes }]];
}

/** The one category of all commands, as package.json names it. */
export const CATEGORY = 'Intercore';

/** The key of a command's title in package.nls.json. */
export function titleKey(id: CommandId): string {
  return `command${id.slice('intercore'.length)}.title`;
}

/** Untrusted windows see such a command disabled; called directly it refuses. */
export function enablementOf(spec: CommandSpec): string | undefined {
  return spec.changes ? 'isWorkspaceTrusted' : undefined;
}

/** What a person presses where the view has the focus. */
export const FOCUSED_KEYS = {
  'intercore.run.next': { key: 'ctrl+alt+n', mac: 'cmd+alt+n', view: 'intercore.runs' },
} as const satisfies Partial<Record<CommandId, { readonly key: string; readonly mac: string; readonly view: string }>>;
