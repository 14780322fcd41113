/**
 * The variables of the person's login shell. A program that is started from a desktop lacks the variables of `.profile`
 * and `.zshrc`: version managers, `JAVA_HOME`, a longer PATH. They are read once, in the same way as by VS Code.
 */
import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { problemOf } from '../../kernel/errors/errors';
import type { Log } from '../log';
import { endChildGroup } from './signals';
import { processStarter, type Trusted } from './startProcess';

const TIME_LIMIT_MS = 10_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/** VS Code sets the first for the same purpose, so that start-up files can skip slow parts. */
const OF_THE_QUESTION = {
  VSCODE_RESOLVING_ENVIRONMENT: '1',
  ELECTRON_RUN_AS_NODE: '1',
  ELECTRON_NO_ATTACH_CONSOLE: '1',
};

const variables = z.record(z.string(), z.string());
type Variables = z.infer<typeof variables>;

export interface LoginShellDeps {
  /** The environment of the shell. */
  readonly environment: NodeJS.ProcessEnv;
  readonly trusted: Trusted;
  readonly log: Log;
  readonly timeLimitMs?: number;
}

/** Read once, when first needed. */
export class LoginShell {
  private asked: Promise<NodeJS.ProcessEnv> | undefined;
  private failure: string | undefined;

  constructor(private readonly deps: LoginShellDeps) {}

  /** Why the shell returned no variables; undefined if it did, or was not started. */
  get problem(): string | undefined {
    return this.failure;
  }

  /** The variables of this program, overridden by the shell's. Only those of this program if the shell fails. */
  variables(): Promise<NodeJS.ProcessEnv> {
    const { environment, trusted } = this.deps;
    if (!trusted() || !isNeeded(environment)) return Promise.resolve(environment);
    this.asked ??= this.ask();
    return this.asked;
  }

  private async ask(): Promise<NodeJS.ProcessEnv> {
    const { environment, log } = this.deps;
    const answer = await askShell(this.deps);
    if ('variables' in answer) return { ...environment, ...answer.variables };
    this.failure = answer.problem;
    log.warn('The login shell returned no variables; those of the editor are used', answer);
    return environment;
  }
}

/** Windows has no login shell, and a window started in a terminal has that terminal's variables. */
function isNeeded(environment: NodeJS.ProcessEnv): boolean {
  return process.platform !== 'win32' && (environment['VSCODE_CLI'] ?? '') === '';
}

type Answer = { readonly variables: Variables } | { readonly shell: string; readonly problem: string };

async function askShell({ environment, trusted, timeLimitMs = TIME_LIMIT_MS }: LoginShellDeps): Promise<Answer> {
  const shell = shellOf(environment);
  const mark = randomBytes(12).toString('hex');
  const { spawn } = processStarter(trusted, 'run programs');
  const child = spawn(shell, argumentsFor(shell, mark), {
    cwd: environment['HOME'] ?? '/',
    env: { ...environment, ...OF_THE_QUESTION },
    // A separate group: an interactive shell takes over the terminal of its group, if there is one.
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const answer = await new Promise<Answer>((resolve) => {
    let output = '';
    const fail = (problem: string): void => resolve({ shell, problem });
    const limit = setTimeout(() => fail(`no response in ${timeLimitMs / 1000} seconds`), timeLimitMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > MAX_OUTPUT_BYTES) fail('it printed too much output');
      // Processes that start-up files leave running may hold the pipe open, so its end is not awaited.
      const between = output.split(mark)[1];
      if (between !== undefined && output.split(mark).length > 2) resolve(parsed(shell, between, environment));
    });
    child.once('error', (error) => fail(problemOf(error)));
    child.once('close', (code) => fail(code === 0 ? 'it printed no environment' : `exit code ${code ?? 'unknown'}`));
    child.once('close', () => clearTimeout(limit));
  });
  child.stdout.destroy();
  if ('problem' in answer) await endChildGroup(child, 0);
  return answer;
}

function shellOf({ SHELL }: NodeJS.ProcessEnv): string {
  if (SHELL !== undefined && path.isAbsolute(SHELL)) return SHELL;
  const { shell } = userInfo();
  return shell ?? '/bin/sh';
}

/** Each shell has its own options for an interactive login shell. */
function argumentsFor(shell: string, mark: string): string[] {
  const script = `process.stdout.write("${mark}" + JSON.stringify(process.env) + "${mark}")`;
  const name = path.basename(shell);
  const program = `'${process.execPath.replaceAll("'", "'\\''")}' -e '${script}'`;
  if (/^(pwsh|powershell)(-preview)?$/.test(name)) {
    return [
      '-Login',
      '-Command',
      `& '${process.execPath.replaceAll("'", "''")}' -e '${script.replaceAll('"', '\\"')}'`,
    ];
  }
  if (name === 'nu') return ['-i', '-l', '-c', `^${program}`];
  if (name === 'tcsh' || name === 'csh') return ['-ic', program];
  return ['-i', '-l', '-c', program];
}

function parsed(shell: string, text: string, before: NodeJS.ProcessEnv): Answer {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    return { shell, problem: problemOf(error) };
  }
  const result = variables.safeParse(given);
  if (!result.success) return { shell, problem: result.error.issues[0]?.message ?? 'it printed no environment' };
  const isOurs = (name: string): boolean => Object.hasOwn(OF_THE_QUESTION, name);
  const kept = Object.entries(result.data).filter(([name]) => !isOurs(name) || before[name] !== undefined);
  return { variables: Object.fromEntries(kept) };
}
