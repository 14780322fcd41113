/**
 * Sets up a new worktree: copies ignored files of the clone, then runs the set-up commands. Done once for each worktree,
 * and repeated after a failure or a change of the settings.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileKey } from '../../../host/files/pathIdentity';
import { readSmallFile } from '../../../host/files/smallFile';
import { copyEntries } from '../../../host/git/worktree/treeCopy';
import type { OwnStorageFile } from '../../../host/trusted/insideFolder';
import { KernelError } from '../../../kernel/errors/errors';
import type { Project } from '../../../kernel/tasks/record/model';
import { refuseOffline, runCommand, type Work } from './commandRuns';
import { ownCheckLog } from './checkProcess';
import type { TaskDeps } from '../deps';
import { copiesFolder, repositoryOf, setupMark, worktreeSetupLog } from '../taskFolders';
import { INCLUDE_FILE, includedFiles } from './includedFiles';
import { shownCommand } from './shownCommand';

const NAMED_FILES = 10;

/**
 * @throws KernelError `SETUP_FAILED`, `SETUP_OFFLINE`, `COPY_FAILED`, `GIT_FAILED`; rejects with the signal's reason.
 * Its stage then holds the subtask, and no file of the user is changed.
 */
export async function setUpWorktree(deps: TaskDeps, work: Work, worktree: string): Promise<void> {
  const { setup = [] } = deps.settings();
  const mark = await ownCheckLog(deps, setupMark(deps, work.subtask));
  const state = await stateOf(deps, work.project, worktree);
  if ((await readSmallFile(mark)) === state) return;
  const include = (): Promise<void> => includeFiles(deps, work.project, worktree, work.signal);
  await deps.heavySteps.run(work.subtask.id, include, work.signal);
  for (const [index, command] of setup.entries()) {
    const logFile = worktreeSetupLog(deps, work.subtask, index);
    const problem = await runCommand(deps, work, { cwd: worktree, command, logFile, type: 'setup' });
    if (problem === undefined) continue;
    refuseOffline(command, problem);
    throw new KernelError('SETUP_FAILED', { command: shownCommand(command), problem: problem.text });
  }
  if (setup.length > 0) await refuseTraces(deps, work.project, worktree);
  await remember(mark, state);
}

/** Copies the files named by `.worktreeinclude` and the setting into our tree. @throws as `setUpWorktree` */
export async function includeFiles(
  deps: Pick<TaskDeps, 'git' | 'settings' | 'storageDir' | 'trusted' | 'log'>,
  project: Project,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  const { include = [], includeBy = 'copy' } = deps.settings();
  const clone = await deps.git.places.gitFolder(project.clonePath);
  const entries = await includedFiles(deps.git, clone, include);
  const order = { from: clone, to, drafts: copiesFolder(deps), mode: includeBy, trusted: deps.trusted, signal };
  const copied = await copyEntries(order, entries);
  if (copied.length > 0) deps.log.info('ignored files copied', { folder: to, entries: copied.length });
  const left = entries.filter((entry) => !copied.includes(entry)).slice(0, NAMED_FILES);
  if (left.length > 0) deps.log.info('ignored files not copied', { folder: to, entries: left.join(', ') });
}

/** Unignored files from a set-up would count as work of the agent, and none of its attempts could be proven. */
async function refuseTraces(deps: TaskDeps, project: Project, worktree: string): Promise<void> {
  const repository = await repositoryOf(deps, project);
  const files = await repository.uncommitted(await deps.git.places.gitFolder(worktree));
  if (files.length === 0) return;
  const named = files.slice(0, NAMED_FILES).join(', ');
  const command = (deps.settings().setup ?? []).map(shownCommand).join('; ');
  throw new KernelError('SETUP_FAILED', {
    command,
    problem: `it changes or leaves files that git does not ignore: ${named}. Add them to .gitignore`,
  });
}

/** Changes with the worktree, and with everything that its set-up depends on. */
async function stateOf(deps: TaskDeps, project: Project, worktree: string): Promise<string> {
  const { setup = [], include = [], includeBy = 'copy' } = deps.settings();
  const clone = await deps.git.places.gitFolder(project.clonePath);
  const names = await readSmallFile(path.join(clone, INCLUDE_FILE));
  const parts = [await fileKey(worktree), setup, include, includeBy, names ?? null];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

async function remember(mark: OwnStorageFile, state: string): Promise<void> {
  await mkdir(path.dirname(mark), { recursive: true, mode: 0o700 });
  await writeFile(mark, state, { mode: 0o600 });
}
