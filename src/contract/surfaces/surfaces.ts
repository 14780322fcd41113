/**
 * Where each operation is reached (`docs/design/editor.md`): the editor's commands, the command line `ic`, a tool of `ic mcp`, a tool
 * of the editor's chat for the core verbs, and the API, which has them all. A way that is not there has its reason.
 * `test/contract/operations/parity.test.ts` compares the table with the surfaces themselves.
 */
import { DECLARATIONS, type OperationName } from './operations';
import { OPERATION_NAMES } from './names';
import type { CommandName, DeclaredCommand, Excluded, Ways } from '../declarations/operation';

export { OPERATION_NAMES };
export type { Decides, Effect, Excluded } from '../declarations/operation';

export interface Surface extends Ways {
  /** The id of what a person uses in the editor. */
  readonly command: CommandName | Excluded;
}

export function isExcluded(way: string | Excluded): way is Excluded {
  return typeof way !== 'string';
}

export const SURFACES = surfacesOf(DECLARATIONS);

function surfacesOf(declarations: typeof DECLARATIONS): { readonly [N in OperationName]: Surface };
function surfacesOf(declarations: Readonly<Record<string, Ways & { readonly command: Command }>>): object {
  return Object.fromEntries(
    Object.entries(declarations).map(([name, { command, ...ways }]) => [name, { ...ways, command: idOf(command) }]),
  );
}

type Command = DeclaredCommand | CommandName | Excluded;

function idOf(command: Command): CommandName | Excluded {
  return typeof command === 'object' && 'id' in command ? command.id : command;
}

/** What tools are called: `runs_advance`. Models and clients know no dots in names. */
export function toolNameOf(operation: OperationName): string {
  return operation.replace('.', '_');
}

/** What the editor's chat calls its tools, which all extensions share. */
export function chatToolNameOf(operation: OperationName): string {
  return `intercore_${toolNameOf(operation)}`;
}

/** The operations that `ic mcp` has a tool for. */
export const TOOL_OPERATIONS: readonly OperationName[] = OPERATION_NAMES.filter(
  (name) => SURFACES[name].mcp === undefined,
);

/** What the editor's chat and agents that are dispatched have tools for. */
export const CORE_OPERATIONS: readonly OperationName[] = OPERATION_NAMES.filter((name) => SURFACES[name].core === true);
