/** The user's own programs: finds them on PATH, and runs short queries. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { problemOf } from '../../kernel/errors/errors';
import { defined } from '../../kernel/defined';
import { processStarter, type Trusted } from './startProcess';
import { programEndings, startableCommand } from './system/windowsCommands';

type Environment = Readonly<Record<string, string | undefined>>;

/** More than any program prints about its version or its sign-in. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** The file of a name on the PATH of the environment, or of an absolute path; undefined if there is none. */
export async function findProgram(name: string, environment: Environment): Promise<string | undefined> {
  if (path.isAbsolute(name)) return (await isProgram(name)) ? name : undefined;
  // Another path with a slash is relative to an unknown directory.
  if (/[\\/]/.test(name)) return undefined;
  for (const folder of searchPath(environment)) {
    for (const ending of endings(name, environment)) {
      const file = path.join(folder, `${name}${ending}`);
      if (await isProgram(file)) return file;
    }
  }
  return undefined;
}

/** Windows writes the variable `Path`. */
function searchPath(environment: Environment): string[] {
  const name = Object.keys(environment).find((candidate) => candidate.toUpperCase() === 'PATH') ?? 'PATH';
  return (environment[name] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
}

function endings(name: string, environment: Environment): readonly string[] {
  return process.platform === 'win32' ? programEndings(name, environment) : [''];
}

async function isProgram(file: string): Promise<boolean> {
  try {
    if (!(await stat(file)).isFile()) return false;
    await access(file, constants.X_OK);
    return true;
  } catch {
    // Missing, or not executable: the next folder may have it.
    return false;
  }
}

export interface Question {
  readonly trusted: Trusted;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Environment;
  readonly cwd?: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** `code` is null if the program could not be started or was ended; `problem` then says why. */
export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly problem: string | undefined;
}

/**
 * Starts the program without a shell and without input, and returns its output. A failing program is a result, too.
 * @throws KernelError `UNTRUSTED`
 */
export async function askProgram(question: Question): Promise<Answer> {
  const { program, env, cwd, timeoutMs, signal } = question;
  const given = { command: program, args: question.args };
  const { command, args } = process.platform === 'win32' ? startableCommand(given, env) : given;
  const { execFile } = processStarter(question.trusted, 'run programs');
  return await new Promise((resolve) => {
    const child = execFile(
      command,
      [...args],
      {
        env: { ...env },
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_OUTPUT_BYTES,
        windowsHide: true,
        ...defined({ cwd, signal }),
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
        const ended = error?.killed === true ? `no response in ${Math.round(timeoutMs / 1000)} seconds` : undefined;
        const problem = code === null ? (ended ?? problemOf(error)) : undefined;
        resolve({ code, stdout, stderr, problem });
      },
    );
    child.stdin?.on('error', () => undefined).end();
  });
}

/** The first version number in a text, such as `2.39.5`; undefined without one. */
export function versionIn(text: string): string | undefined {
  return /\b(\d+\.\d+(?:\.\d+)?)/.exec(text)?.[1];
}

/** The version in the answer of Node, such as `v20.20.2`. */
export function nodeVersionIn(text: string): string | undefined {
  return versionIn(text.trim().replace(/^v/, ''));
}

/** Whether a version is at least another; missing parts count as 0. */
export function isAtLeast(version: string, least: string): boolean {
  const [have, want] = [version, least].map((text) => text.split('.').map(Number));
  for (const [index, wanted] of (want ?? []).entries()) {
    const part = have?.[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
