/**
 * The variables of the person's login shell. A program that a desktop starts has none of what `.profile` and `.zshrc`
 * set: version managers, `JAVA_HOME`, a longer PATH. They are asked for as VS Code asks for them, and once.
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

/** VS Code sets the first for the same question, so that start-up files can leave out what is slow. */
const OF_THE_QUESTION = {
  VSCODE_RESOLVING_ENVIRONMENT: '1',
  ELECTRON_RUN_AS_NODE: '1',
  ELECTRON_NO_ATTACH_CONSOLE: '1',
};

const variables = z.record(z.string(), z.string());
type Variables = z.infer<typeof variables>;

export interface LoginShellDeps {
  /** What the shell starts with. */
  readonly environment: NodeJS.ProcessEnv;
  readonly trusted: Trusted;
  readonly log: Log;
  readonly timeLimitMs?: number;
}

/** Asked once, at the first need. */
export class LoginShell {
  private asked: Promise<NodeJS.ProcessEnv> | undefined;
  private failure: string | undefined;

  constructor(private readonly deps: LoginShellDeps) {}

  /** Why the shell gave no variables; undefined where it did, or was not asked. */
  get problem(): string | undefined {
    return this.failure;
  }

  /** Those of this program with the shell's over them. Those of this program alone where the shell fails. */
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
    log.warn('The login shell gave no variables; those of the editor are used', answer);
    return environment;
  }
}

/** Windows has no login shell, and a window that was started in a terminal has the variables of that terminal. */
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
    // A group of its own: an interactive shell takes the terminal of its group, if there is one.
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const answer = await new Promise<Answer>((resolve) => {
    let output = '';
    const fail = (problem: string): void => resolve({ shell, problem });
    const limit = setTimeout(() => fail(`no answer in ${timeLimitMs / 1000} seconds`), timeLimitMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > MAX_OUTPUT_BYTES) fail('it prints more than an environment');
      // What start-up files leave running may hold the pipe open, so its end is not waited for.
      const between = output.split(mark)[1];
      if (between !== undefined && output.split(mark).length > 2) resolve(parsed(shell, between, environment));
    });
    child.once('error', (error) => fail(problemOf(error)));
    child.once('close', (code) => fail(code === 0 ? 'it prints no environment' : `exit code ${code ?? 'unknown'}`));
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

/** Each shell has its own way to be asked as a login shell that a person types into. */
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
  if (!result.success) return { shell, problem: result.error.issues[0]?.message ?? 'it prints no environment' };
  const isOurs = (name: string): boolean => Object.hasOwn(OF_THE_QUESTION, name);
  const kept = Object.entries(result.data).filter(([name]) => !isOurs(name) || before[name] !== undefined);
  return { variables: Object.fromEntries(kept) };
}
