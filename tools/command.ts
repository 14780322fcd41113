/** Runs other programs: to their end with their output kept, or beside us until they are stopped. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** The first words of the error, for the person who reads it. */
  readonly what: string;
}

/**
 * Runs a program to its end and returns what it wrote to its standard output. No input, no shell, except that
 * Windows needs one for npm's command file. Throws with the line of its output that names the error when it cannot start or
 * fails.
 */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<string> {
  const shell = process.platform === 'win32' && program === 'npm';
  const child = spawn(program, args, { cwd: options.cwd, env: options.env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  const errors: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const code = await exitOf(child, options.what);
  if (code !== 0) {
    throw new Error(`${options.what}: ${essence(errors.join('') || output.join(''))} (${program}: ${String(code)})`);
  }
  return output.join('');
}

/** The first line that speaks of an error, or the last line. npm and apt say the reason first and advice after it. */
function essence(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const reason = lines.find((line) => /^npm error (?!(code|syscall|errno)\b)|\bERROR\b|^E: |^fatal: /.test(line));
  return (reason ?? lines.at(-1) ?? 'it said nothing').trim();
}

/**
 * Runs a program whose output is handed to `show` as it comes, and returns its exit code; a signal counts as 1. Throws
 * if it cannot start.
 */
export async function runAndShow(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
  show: (text: string) => void,
): Promise<number> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.setEncoding('utf8').on('data', show);
  child.stderr.setEncoding('utf8').on('data', show);
  return (await exitOf(child, `Could not run ${program}`)) ?? 1;
}

async function exitOf(child: ChildProcess, what: string): Promise<number | null> {
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return code;
  } catch (cause) {
    throw new Error(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** The full path of a program on PATH, or undefined. */
export async function findOnPath(name: string): Promise<string | undefined> {
  const suffixes = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  for (const candidate of folders.flatMap((folder) => suffixes.map((s) => path.join(folder, name + s)))) {
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

/** Whether the file exists and may be run by us. */
export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/**
 * Stops a program that was started `detached`, with every process it started: asks first, and forces after
 * `graceMs`. Returns when it has ended. Does nothing if it already has.
 */
export async function stopGroup(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  signalGroup(child, 'SIGTERM');
  const force = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
  try {
    await ended;
  } finally {
    clearTimeout(force);
    signalGroup(child, 'SIGKILL');
  }
}

/** A group that no longer exists is what we want, so that one error is expected. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH')) throw cause;
  }
}
