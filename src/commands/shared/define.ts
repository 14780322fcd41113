/**
 * The one wrapper around every command: arguments, trust, work, and the failure shown once (`docs/design/editor.md`).
 */
import * as vscode from 'vscode';
import type * as z from 'zod';
import { COMMANDS, type CommandArgs, type CommandId } from '../../contract/surfaces/commands';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import type { Log } from '../../host/log';
import { Dismissed } from '../../window/dialogs/ask';
import { inBackground } from '../../window/dialogs/background';
import { readInvocation, type Invocation } from './invocation';
import { parseArguments } from '../../services/operations/arguments';
import { present } from '../../window/dialogs/present';
import type { RunCommand } from './registration';

/** Does the command and gives a JSON-safe result. Throws `KernelError`, or `Dismissed` where the person gave up. */
export type Handler<C extends CommandId> = (args: CommandArgs<C>, caller: Invocation['caller']) => Promise<unknown>;

/** One handler for each command of the table; leaving one out does not compile. */
export type Handlers = { readonly [C in CommandId]: Handler<C> };

/** Some handlers, by the noun they belong to (`run`, `gate` …). */
export type HandlersOf<Noun extends string> = {
  readonly [C in CommandId as C extends `intercore.${Noun}.${string}` ? C : never]: Handler<C>;
};

interface Deps {
  readonly log: Log;
  trusted(): boolean;
}

/** The argument schemas, in a type that keeps each id with its own. */
const TABLE: { readonly [C in CommandId]: { readonly args: z.ZodType<CommandArgs<C>> } } = COMMANDS;

/** Does commands by their ids, with whatever VS Code passes them. */
export function commandRunner(handlers: Handlers, deps: Deps): RunCommand {
  return async (id, given) => {
    if (!isCommandId(id)) throw new KernelError('NOT_FOUND', { what: 'command', id });
    return await run(id, given, handlers, deps);
  };
}

function isCommandId(id: string): id is CommandId {
  return Object.hasOwn(COMMANDS, id);
}

async function run<C extends CommandId>(
  id: C,
  given: readonly unknown[],
  handlers: Pick<Handlers, C>,
  deps: Deps,
): Promise<unknown> {
  const { args: schema, changes } = COMMANDS[id];
  const { caller, input } = readInvocation(given, new Set(Object.keys(schema.shape)));
  const startedAt = performance.now();
  try {
    if (changes && !deps.trusted()) throw new KernelError('UNTRUSTED', { action: 'change or run anything' });
    const args = parseArguments(TABLE[id].args, input);
    const result = await handlers[id](args, caller);
    deps.log.debug('command done', { id, ms: Math.round(performance.now() - startedAt) });
    return result;
  } catch (error) {
    if (error instanceof Dismissed) return undefined;
    logFailure(deps.log, id, error);
    if (caller === 'program') throw error;
    inBackground(deps.log, 'showing a failure', () => showFailure(error));
    return undefined;
  }
}

/** What a person chose in a message. A failure is logged and shown, as that of a command. */
export async function showingFailures(log: Log, name: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Dismissed) return;
    logFailure(log, name, error);
    await showFailure(error);
  }
}

function logFailure(log: Log, id: string, error: unknown): void {
  if (error instanceof KernelError) log.info('command refused', { id, code: error.code, message: error.message });
  else log.error('command failed', { id, problem: problemOf(error), stack: error instanceof Error ? error.stack : '' });
}

async function showFailure(error: unknown): Promise<void> {
  const { message, remedies } = present(error);
  const chosen = await vscode.window.showErrorMessage(message, ...remedies);
  if (chosen !== undefined) await vscode.commands.executeCommand(chosen.command);
}
