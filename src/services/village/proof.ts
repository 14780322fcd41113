/** Whether the work on a subtask is done: looked at, not believed (promise 2, D34). */
import { spawn, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { problemOf } from '../../kernel/errors';
import { contentHash } from '../../host/contentHash';
import type { Repository } from '../../host/git/repository';
import { redact } from '../../host/git/redaction';
import { endGroup } from '../../host/process';
import { addArtifact } from '../../kernel/tracking/service';
import type { Subtask, Task } from '../../kernel/village/model';
import { plainEnvironment } from '../dispatch/environment';
import { tail } from './attempt';
import type { CheckCommand, VillageDeps } from './deps';
import { checkLog } from './places';

const CHECK_LIMIT_MS = 15 * 60_000;
const GRACE_MS = 5000;
const SHOWN_LINES = 30;

export interface Work {
  readonly task: Task;
  readonly subtask: Subtask;
  readonly attempt: number;
  /** Ends a check that runs. */
  readonly signal: AbortSignal;
}

/**
 * What is wrong with the work, for the next attempt to read; undefined where it is done. Rejects with the signal's reason.
 */
export async function proveWork(deps: VillageDeps, repository: Repository, work: Work): Promise<string | undefined> {
  const { subtask } = work;
  const { branchName, worktreePath, baseSha } = subtask;
  if (branchName === null || worktreePath === null || baseSha === null) return 'it has no worktree';
  if (!existsSync(worktreePath)) return `its worktree ${worktreePath} is gone`;
  const branch = await repository.git.ask(worktreePath, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  if (branch !== branchName) return `the worktree is on ${branch ?? 'no branch'} and not on ${branchName}`;
  const loose = await repository.uncommitted(worktreePath);
  if (loose.length > 0) return `not everything is committed: ${loose.join(', ')}`;
  if ((await repository.commitsBetween(baseSha, branchName)).length === 0) return 'the branch has no commit of its own';
  for (const [index, check] of deps.settings().checks.entries()) {
    const problem = await runCheck(deps, work, worktreePath, check, index);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Runs one command line in the worktree; its output is an artifact of the run, whatever came of it. */
async function runCheck(
  deps: VillageDeps,
  { task, subtask, attempt, signal }: Work,
  cwd: string,
  check: CheckCommand,
  index: number,
): Promise<string | undefined> {
  const file = checkLog(deps, subtask, attempt, index);
  const shown = check.join(' ');
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const problem = await outcomeOf(check, cwd, file, signal);
  const hash = await contentHash(file);
  await deps.kernel.write((u) => {
    const artifact = { runId: task.runId, phase: 'executing', path: file, type: 'check' };
    addArtifact(u, hash === undefined ? artifact : { ...artifact, contentHash: hash });
  });
  if (problem === undefined) return undefined;
  const lines = redact(await tail(file))
    .trimEnd()
    .split('\n')
    .slice(-SHOWN_LINES);
  return [`the check \`${shown}\` failed: ${problem}`, ...lines].join('\n');
}

/** What went wrong with a command line; undefined where it ended with 0. What it leaves running is ended. */
async function outcomeOf(
  check: CheckCommand,
  cwd: string,
  file: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [program, ...args] = check;
  // The file itself is the output: nothing that holds a pipe open, or fills the disk, can hinder us.
  const output = await open(file, 'w', 0o600);
  const stdio: StdioOptions = ['ignore', output.fd, output.fd];
  const env = plainEnvironment(process.env);
  const child = spawn(program, args, { cwd, env, detached: true, stdio, windowsHide: true });
  const limit = AbortSignal.timeout(CHECK_LIMIT_MS);
  const ended = AbortSignal.any([limit, signal]);
  const end = (): void => {
    if (child.pid !== undefined) void endGroup(child.pid, GRACE_MS);
  };
  ended.addEventListener('abort', end);
  try {
    const problem = await new Promise<string | undefined>((resolve) => {
      child.once('error', (error) => resolve(problemOf(error)));
      child.once('exit', (code, by) => resolve(code === 0 ? undefined : `exit code ${code ?? by ?? 'unknown'}`));
    });
    signal.throwIfAborted();
    return limit.aborted ? `it took longer than ${CHECK_LIMIT_MS / 60_000} minutes` : problem;
  } finally {
    ended.removeEventListener('abort', end);
    if (child.pid !== undefined) await endGroup(child.pid, GRACE_MS);
    await output.close();
  }
}
