/**
 * From an agent kind and a dispatch to an argv, and to the reader of its output (`docs/design/agents.md#agent-kinds`).
 */
import { isPlaceholder, placeholdersIn, type AgentKind, type Placeholder } from '../../contract/agentKinds';
import { KernelError } from '../../kernel/errors/errors';
import { ClaudeReader } from './claude/claude';
import { CodexReader } from './codex/codex';
import { PlainReader } from './output/plain';
import type { OutputReader } from './output/report';

export type PlaceholderValues = { readonly [P in Placeholder]: string | undefined };

/**
 * Longest single argument in bytes. Linux allows 128 KiB with the closing NUL; the whole command line may be longer
 * there, while Windows stops at a quarter of it.
 */
export const MAX_ARGUMENT_BYTES = process.platform === 'win32' ? 30_000 : 128 * 1024 - 1;

/**
 * The program and its arguments. Values are put in once and never checked again, so a prompt that itself holds a
 * placeholder stays as it is. `extra` goes to the end untouched.
 * @throws KernelError `INVALID_ARGUMENT` where an argument is longer than the system takes or holds a NUL.
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

export function readerOf(kind: AgentKind): OutputReader {
  switch (kind.parser) {
    case 'claude':
      return new ClaudeReader();
    case 'codex':
      return new CodexReader();
    case 'plain':
      return new PlainReader();
  }
}

function checkArgument(argument: string, kind: AgentKind): void {
  const bytes = Buffer.byteLength(argument);
  if (bytes > MAX_ARGUMENT_BYTES) {
    const limit = `the system takes arguments of at most ${MAX_ARGUMENT_BYTES} bytes, and this one has ${bytes}`;
    const advice = `let the kind ${kind.name} take its prompt by stdin or file`;
    throw new KernelError('INVALID_ARGUMENT', { argument: 'prompt', problem: `${limit}; ${advice}` });
  }
  if (argument.includes('\0')) {
    throw new KernelError('INVALID_ARGUMENT', { argument: 'argument', problem: 'it holds a NUL character' });
  }
}
