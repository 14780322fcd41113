/** Runs the checks of a proof, in the agent's tree or in a clean checkout. */
import { storedReason } from '../../../kernel/errors/reasons/storedReasons';
import { rm } from 'node:fs/promises';
import { checkOutClean } from '../../../host/git/worktree/cleanTree';
import { compareTree } from '../../../host/git/nested/exactTree';
import { withOwnView } from '../../../host/git/view/ownView';
import type { Repository } from '../../../host/git/repository';
import type { Sha } from '../../../kernel/text/gitNames';
import { refuseOffline, runCommand, type Work } from '../worktreeSetup/commandRuns';
import type { TaskDeps } from '../deps';
import { checkLog, proofFolder, setupLog } from '../taskFolders';
import { includeFiles } from '../worktreeSetup/setUp';
import { shownCommand } from '../worktreeSetup/shownCommand';

/** Files that a message names. */
const NAMED_FILES = 30;

/** The problem of the work, from the first failing check. Rejects with the signal's reason. */
export async function runChecks(deps: TaskDeps, work: Work, cwd: string): Promise<string | undefined> {
  for (const [index, command] of deps.settings().checks.entries()) {
    const logFile = checkLog(deps, work.subtask, work.attempt, index);
    const problem = await runCommand(deps, work, { cwd, command, logFile, type: 'check' });
    if (problem !== undefined)
      return storedReason('the check `{command}` failed: {problem}', {
        command: command.join(' '),
        problem: problem.text,
      });
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
    return changed.length === 0 ? undefined : changed.slice(0, NAMED_FILES).join(', ');
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
      return storedReason('the set-up command `{command}` failed: {problem}', {
        command: shownCommand(command),
        problem: problem.text,
      });
    }
    const changed = await altered();
    if (changed !== undefined)
      return storedReason('the set-up command changes files of the commit: {files}', { files: changed });
    const problem = await runChecks(deps, work, cwd);
    if (problem !== undefined) return problem;
    const rewritten = await altered();
    return rewritten === undefined
      ? undefined
      : storedReason('the checks change files of the commit: {files}', { files: rewritten });
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}
