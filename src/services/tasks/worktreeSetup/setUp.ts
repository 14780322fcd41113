/**
 * Sets up a new worktree: copies ignored files of the clone, then runs the set-up commands. Done once for each worktree,
 * and repeated after a failure or a change of the settings.
 */
import path from 'node:path';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileKey } from '../../../host/files/pathIdentity';
import { readSmallFile } from '../../../host/files/smallFile';
import { copyEntries } from '../../../host/git/worktree/treeCopy';
import type { OwnStorageFile } from '../../../host/trusted/insideFolder';
import { KernelError } from '../../../kernel/errors/errors';
import { because, foreignText } from '../../../kernel/errors/reasons/problem';
import type { Project } from '../../../kernel/tasks/record/model';
import { refuseOffline, runCommand, type Work } from './commandRuns';
import { ownCheckLog } from './checkProcess';
import type { TaskDeps } from '../deps';
import { copiesFolder, repositoryOf, setupMark, worktreeSetupLog } from '../taskFolders';
import { shownCommand } from './shownCommand';
import type { Git } from '../../../host/git/git';
import { DATABASE_FOLDER } from '../../../host/files/paths';
import type { GitFolder } from '../../../host/trusted/ownTrees';

/**
 * Ignored files of the user's clone that a new worktree also gets: those named by a setting and by `.worktreeinclude`,
 * a file in `.gitignore` syntax. Git itself reads the patterns.
 */
const INCLUDE_FILE = '.worktreeinclude';

const LIST = ['ls-files', '--others', '--ignored', '--directory', '-z'] as const;

/**
 * Paths relative to the clone; a completely ignored folder ends with a slash. Never the record, tracked files, or
 * untracked files that are not ignored.
 * @throws KernelError `GIT_FAILED`
 */
export async function includedFiles(git: Git, clone: GitFolder, patterns: readonly string[]): Promise<string[]> {
  const file = path.join(clone, INCLUDE_FILE);
  const hasFile = (await readSmallFile(file)) !== undefined;
  if (!hasFile && patterns.length === 0) return [];
  const chosen = [...(hasFile ? [`--exclude-from=${file}`] : []), ...patterns.map((pattern) => `--exclude=${pattern}`)];
  const [wanted, ignored] = await Promise.all([list(git, clone, chosen), list(git, clone, ['--exclude-standard'])]);
  // Git lists a folder instead of its files if all of them match, so each list may contain the other's folder.
  const both = [...within(wanted, ignored), ...within(ignored, wanted)];
  const folders = [...new Set(both)].sort();
  return folders.filter((entry) => !isOfRecord(entry) && !folders.some((other) => isBelow(other, entry)));
}

async function list(git: Git, clone: GitFolder, chosen: readonly string[]): Promise<string[]> {
  const printed = await git.run(clone, [...LIST, ...chosen, '--'], { isExact: true });
  return printed.split('\0').filter((entry) => entry !== '');
}

/** The entries that the other list also contains, directly or through a parent folder. */
function within(entries: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  const folders = others.filter((other) => other.endsWith('/'));
  return entries.filter((entry) => known.has(entry) || folders.some((folder) => isBelow(folder, entry)));
}

function isBelow(folder: string, entry: string): boolean {
  return folder.endsWith('/') && entry !== folder && entry.startsWith(folder);
}

function isOfRecord(entry: string): boolean {
  return entry.split('/').includes(DATABASE_FOLDER);
}

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
    throw new KernelError('SETUP_FAILED', { command: shownCommand(command), problem: foreignText(problem.text) });
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
    problem: because('it changes or leaves files that git does not ignore: {files}. Add them to .gitignore', {
      files: named,
    }),
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
