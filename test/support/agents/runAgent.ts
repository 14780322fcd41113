/** Runs a real agent CLI to its end and hands back everything it printed. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import * as z from 'zod';

/** A line of structured output; every line of both CLIs names its type. */
export type OutputLine = z.infer<typeof outputLine>;
const outputLine = z.looseObject({ type: z.string() });

export interface AgentRun {
  readonly lines: readonly OutputLine[];
  readonly stdout: string;
  readonly stderr: string;
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly durationMs: number;
}

export interface AgentCommand {
  readonly binary: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly prompt: string;
  /** The whole process group is killed after this time. */
  readonly timeLimitMs: number;
  /** Aborting it sends SIGTERM to the process. */
  readonly terminate?: AbortSignal;
}

/**
 * Guarantees: returns only when the process is gone, within the time limit. Throws when the program cannot be started,
 * when the limit had to end it, or when a line of its output is not a JSON object with a type.
 */
export async function runAgent(command: AgentCommand): Promise<AgentRun> {
  const { binary, args, env, cwd, prompt, timeLimitMs, terminate } = command;
  const startedAt = performance.now();
  const child = spawn(binary, args, { cwd, env: { ...env }, detached: true });
  const expired = new AbortController();
  const limit = setTimeout(() => {
    expired.abort();
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, timeLimitMs);
  const requestEnd = () => child.kill('SIGTERM');
  terminate?.addEventListener('abort', requestEnd, { once: true });
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject).once('close', (code, signal) => resolve([code, signal]));
  });
  // An agent may end before it has read its prompt; how it ended tells more than the broken pipe.
  child.stdin.on('error', () => undefined).end(prompt);
  try {
    const [[exitCode, signal], stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    if (expired.signal.aborted)
      throw new Error(`${binary} did not end within ${timeLimitMs} ms; it printed:\n${stdout}${stderr}`);
    return { lines: parse(stdout), stdout, stderr, exitCode, signal, durationMs: performance.now() - startedAt };
  } finally {
    clearTimeout(limit);
    terminate?.removeEventListener('abort', requestEnd);
  }
}

function parse(stdout: string): OutputLine[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => outputLine.parse(JSON.parse(line)));
}
