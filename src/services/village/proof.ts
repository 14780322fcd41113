/** Whether the work on a subtask is done: looked at, not believed (promise 2, D34). */
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { problemOf } from '../../kernel/errors';
import { contentHash } from '../../host/contentHash';
import type { Repository } from '../../host/git/repository';
import { redact } from '../../host/git/redaction';
import { endGroup } from '../../host/process';
import { addArtifact } from '../../kernel/tracking/service';
import type { Subtask, Task } from '../../kernel/village/model';
import type { CheckCommand, VillageDeps } from './deps';
import { checkLog } from './places';

const CHECK_LIMIT_MS = 15 * 60_000;
const GRACE_MS = 5000;
const SHOWN_LINES = 30;

export interface Work {
  readonly task: Task;
  readonly subtask: Subtask;
  readonly attempt: number;
}

/** What is wrong with the work, for the next attempt to read; undefined where it is done. */
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
  { task, subtask, attempt }: Work,
  cwd: string,
  check: CheckCommand,
  index: number,
): Promise<string | undefined> {
  const file = checkLog(deps, subtask, attempt, index);
  const shown = check.join(' ');
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const problem = await outcomeOf(check, cwd, file);
  const hash = await contentHash(file);
  await deps.kernel.write((u) => {
    const artifact = { runId: task.runId, phase: 'executing', path: file, type: 'check' };
    addArtifact(u, hash === undefined ? artifact : { ...artifact, contentHash: hash });
  });
  if (problem === undefined) return undefined;
  const lines = redact(await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .slice(-SHOWN_LINES);
  return [`the check \`${shown}\` failed: ${problem}`, ...lines].join('\n');
}

/** What went wrong with a command line; undefined where it ended with 0. */
async function outcomeOf(check: CheckCommand, cwd: string, file: string): Promise<string | undefined> {
  const [program, ...args] = check;
  const output = createWriteStream(file, { mode: 0o600 });
  const child = spawn(program, args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    if (child.pid !== undefined) void endGroup(child.pid, GRACE_MS);
  }, CHECK_LIMIT_MS);
  try {
    return await new Promise((resolve) => {
      child.once('error', (error) => resolve(problemOf(error)));
      child.once('close', (code, signal) => {
        if (isLate) resolve(`it took longer than ${CHECK_LIMIT_MS / 60_000} minutes`);
        else resolve(code === 0 ? undefined : `exit code ${code ?? signal ?? 'unknown'}`);
      });
    });
  } finally {
    clearTimeout(limit);
    output.end();
    await finished(output);
  }
}
