/** Whether the work on a subtask is done: looked at, not believed (promise 2, D34). */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { contentHash } from '../../host/contentHash';
import type { Repository } from '../../host/git/repository';
import { redact } from '../../host/git/redaction';
import { shaOf } from '../../kernel/gitNames';
import { addArtifact } from '../../kernel/tracking/service';
import type { Proof, Subtask, Task } from '../../kernel/village/model';
import { tail } from './attempt';
import { outcomeOf } from './checkProcess';
import type { CheckCommand, VillageDeps } from './deps';
import { checkLog } from './places';

const SHOWN_LINES = 30;

export interface Work {
  readonly task: Task;
  readonly subtask: Subtask;
  readonly attempt: number;
  /** Ends a check that runs. */
  readonly signal: AbortSignal;
}

export type ProofResult =
  | ({ readonly kind: 'proven' } & Proof)
  /** What is wrong with the work, for the next attempt to read. */
  | { readonly kind: 'unproven'; readonly problem: string };

/** Whether the work is done, and with which commit. Rejects with the signal's reason. */
export async function proveWork(deps: VillageDeps, repository: Repository, work: Work): Promise<ProofResult> {
  const { subtask } = work;
  const { branchName, worktreePath, baseSha } = subtask;
  if (branchName === null || worktreePath === null || baseSha === null) return unproven('it has no worktree');
  if (!existsSync(worktreePath)) return unproven(`its worktree ${worktreePath} is gone`);
  const branch = await repository.git.ask(worktreePath, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  if (branch !== branchName) return unproven(`the worktree is on ${branch ?? 'no branch'} and not on ${branchName}`);
  const commit = shaOf((await repository.commitOf(`refs/heads/${branchName}`)) ?? '');
  if (commit === undefined) return unproven(`the branch ${branchName} has no commit`);
  const loose = await repository.uncommitted(worktreePath);
  if (loose.length > 0) return unproven(`not everything is committed: ${loose.join(', ')}`);
  if ((await repository.commitsBetween(baseSha, commit)).length === 0) {
    return unproven('the branch has no commit of its own');
  }
  for (const [index, check] of deps.settings().checks.entries()) {
    const problem = await runCheck(deps, work, worktreePath, check, index);
    if (problem !== undefined) return unproven(problem);
  }
  return { kind: 'proven', commit, where: 'agent tree', decidingFiles: [] };
}

function unproven(problem: string): ProofResult {
  return { kind: 'unproven', problem };
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
  const problem = await outcomeOf(deps, { command: check, cwd, logFile: file, signal });
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
