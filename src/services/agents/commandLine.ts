/** The argv of a dispatch for an agent kind (`docs/design/agents.md#agent-kinds`). */
import { isPlaceholder, placeholdersIn, type AgentKind, type Placeholder } from '../../contract/agentKinds';
import { KernelError } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';
import type { SessionId } from './session';

/** A session's id is foreign text, and an argument only in a form that no program takes for an option. */
export type PlaceholderValues = {
  readonly [P in Placeholder]: (P extends 'session' ? SessionId : string) | undefined;
};

/**
 * Longest single argument in bytes. Linux allows 128 KiB with the closing NUL; the whole command line may be longer
 * there, while Windows stops at a quarter of it.
 */
export const MAX_ARGUMENT_BYTES = process.platform === 'win32' ? 30_000 : 128 * 1024 - 1;

/**
 * The program and its arguments. Placeholders are filled in one pass, so a prompt that contains a placeholder is not
 * changed. `extra` is appended unchanged.
 * @throws KernelError `INVALID_ARGUMENT` for an argument that is longer than the system allows or contains a NUL.
 */
export function commandLine(kind: AgentKind, values: PlaceholderValues, extra: readonly string[] = []): string[] {
  const args = kind.args.flatMap((argument) => {
    const names = placeholdersIn(argument).filter(isPlaceholder);
    if (names.some((name) => values[name] === undefined)) return [];
    return [
      argument.replace(/\$\{(\w+)\}/g, (place, name: string) =>
        isPlaceholder(name) ? (values[name] ?? place) : place,
      ),
    ];
  });
  const argv = [kind.command, ...args, ...extra];
  for (const argument of argv) checkArgument(argument, kind);
  return argv;
}

function checkArgument(argument: string, kind: AgentKind): void {
  const bytes = Buffer.byteLength(argument);
  if (bytes > MAX_ARGUMENT_BYTES) {
    const problem = because(
      'the system allows arguments of at most {limit} bytes, and this one has {bytes}; configure the kind {kind} to read its prompt from stdin or a file',
      { limit: MAX_ARGUMENT_BYTES, bytes, kind: kind.name },
    );
    throw new KernelError('INVALID_ARGUMENT', { argument: 'prompt', problem });
  }
  if (argument.includes('\0')) {
    throw new KernelError('INVALID_ARGUMENT', {
      argument: 'argument',
      problem: because('it contains a NUL character'),
    });
  }
}
