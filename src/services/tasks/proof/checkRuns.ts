/** Runs the setup and check commands of a proof. Their output is an artifact of the run, with any result. */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { contentHash } from '../../../host/files/contentHash';
import { checkOutClean } from '../../../host/git/worktree/cleanTree';
import { compareTree } from '../../../host/git/nested/exactTree';
import { withOwnView } from '../../../host/git/view/ownView';
import { redact } from '../../../host/git/redaction';
import type { Repository } from '../../../host/git/repository';
import type { Sha } from '../../../kernel/text/gitNames';
import { KernelError } from '../../../kernel/errors/errors';
import { addArtifact } from '../../../kernel/tracking/service';
import type { Project, Subtask, Task } from '../../../kernel/tasks/record/model';
import { tail } from '../work/attempt';
import { outcomeOf, ownCheckLog } from './checkProcess';
import type { CheckCommand, TaskDeps } from '../deps';
import { checkLog, proofFolder, setupLog } from '../taskFolders';
import { includeFiles } from '../worktreeSetup/setUp';
import { noNetworkIn } from '../worktreeSetup/noNetwork';
import { shownCommand } from '../worktreeSetup/shownCommand';
import { placeVariables } from '../worktreeSetup/variables';

const SHOWN_LINES = 30;

export interface Work {
  readonly project: Project;
  readonly task: Task;
  readonly subtask: Subtask;
  readonly attempt: number;
  /** Ends a running check. */
  readonly signal: AbortSignal;
}

/** The problem of the work, from the first failing check. Rejects with the signal's reason. */
export async function runChecks(deps: TaskDeps, work: Work, cwd: string): Promise<string | undefined> {
  for (const [index, command] of deps.settings().checks.entries()) {
    const logFile = checkLog(deps, work.subtask, work.attempt, index);
    const problem = await runCommand(deps, work, { cwd, command, logFile, type: 'check' });
    if (problem !== undefined) return `the check \`${command.join(' ')}\` failed: ${problem.text}`;
  }
  return undefined;
}

/**
 * Checks out the commit in our own folder, sets it up, runs the checks there, and removes the folder. @throws
 * KernelError `SETUP_OFFLINE`: a missing network is not a problem of the work
 */
export async function runInCleanTree(
  deps: TaskDeps,
  repository: Repository,
  work: Work & { readonly commit: Sha },
): Promise<string | undefined> {
  const cwd = proofFolder(deps, work.subtask);
  const heavily = <T>(step: () => Promise<T>): Promise<T> => deps.heavySteps.run(work.subtask.id, step, work.signal);
  const altered = async (): Promise<string | undefined> => {
    const compare = () => withOwnView(repository, (view) => compareTree(view, cwd, work.commit));
    const { changed } = await heavily(compare);
    return changed.length === 0 ? undefined : changed.slice(0, SHOWN_LINES).join(', ');
  };
  try {
    await heavily(async () => {
      await checkOutClean(repository, cwd, work.commit);
      await includeFiles(deps, work.project, cwd, work.signal);
    });
    for (const [index, command] of (deps.settings().setup ?? []).entries()) {
      const logFile = setupLog(deps, work.subtask, work.attempt, index);
      const problem = await runCommand(deps, work, { cwd, command, logFile, type: 'setup' });
      if (problem === undefined) continue;
      refuseOffline(command, problem);
      return `the set-up command \`${shownCommand(command)}\` failed: ${problem.text}`;
    }
    const changed = await altered();
    if (changed !== undefined) return `the set-up command changes files of the commit: ${changed}`;
    const problem = await runChecks(deps, work, cwd);
    if (problem !== undefined) return problem;
    const rewritten = await altered();
    return rewritten === undefined ? undefined : `the checks change files of the commit: ${rewritten}`;
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

export interface CommandOrder {
  /** A worktree, or a clean checkout. */
  readonly cwd: string;
  readonly command: CheckCommand;
  readonly logFile: string;
  /** The artifact type of its output. */
  readonly type: 'check' | 'setup';
}

/** The problem of a command line, with the end of its output. */
export interface CommandProblem {
  readonly text: string;
  /** The line that reports that no server was reached. */
  readonly noNetwork: string | undefined;
}

/** @throws KernelError `SETUP_OFFLINE` */
export function refuseOffline(command: CheckCommand, { text, noNetwork }: CommandProblem): void {
  if (noNetwork === undefined) return;
  throw new KernelError('SETUP_OFFLINE', { problem: [noNetwork, shownCommand(command), text].join('\n') });
}

/** Runs one command line under the launcher; its output is an artifact of the run. Returns the problem, if any. */
export async function runCommand(
  deps: TaskDeps,
  { project, task, signal }: Pick<Work, 'project' | 'task' | 'signal'>,
  { cwd, command, logFile: place, type }: CommandOrder,
): Promise<CommandProblem | undefined> {
  const logFile = await ownCheckLog(deps, place);
  await mkdir(path.dirname(logFile), { recursive: true, mode: 0o700 });
  const env = await placeVariables(deps, project, cwd);
  const problem = await outcomeOf(deps, { command, cwd, env, logFile, signal });
  const hash = await contentHash(logFile);
  await deps.kernel.write((u) => {
    const artifact = { runId: task.runId, phase: 'executing', path: logFile, type };
    addArtifact(u, hash === undefined ? artifact : { ...artifact, contentHash: hash });
  });
  if (problem === undefined) return undefined;
  const output = redact(await tail(logFile)).trimEnd();
  const lines = output.split('\n').slice(-SHOWN_LINES);
  return { text: [problem, ...lines].join('\n'), noNetwork: noNetworkIn(output) };
}
