/** The repositories of projects, and the agents' worktrees. */
import path from 'node:path';
import { stat } from 'node:fs/promises';
import { ifThere, isOfSystem } from '../../../host/files/fileErrors';
import { missingBranch } from '../../../host/git/branch/branches';
import type { Repository } from '../../../host/git/repository';
import { isKernelError, KernelError, problemOf, type ErrorCode } from '../../../kernel/errors/errors';
import { foreignText } from '../../../kernel/errors/reasons/problem';
import { findProgram } from '../../../host/process/programs';
import type { Subtask } from '../../../kernel/tasks/record/model';
import { listTasks } from '../../../kernel/tasks/service';
import { readableSubtasks } from '../../../kernel/tasks/subtask/subtasks';
import { hasClone, isFreed } from '../../tasks/project/cloneUpkeep';
import { repositoryOf } from '../../tasks/taskFolders';
import { isGoneDefault, otherDefault } from '../../../host/git/branch/remoteDefault';
import { findUnusedWorktrees } from '../../tasks/worktree/unusedWorktrees';
import { worktreeUnseen } from '../../tasks/project/locations';
import { baseRef } from '../../tasks/project/projectMoves';
import { isInterrupted } from '../../tasks/landing/interruptedMerges';
import { found, type Check, type Examination, type Found } from '../model';
import { holdings, type Holding } from './projects';
import { repositoryFiles } from '../../../host/git/repositoryFiles';
import type { DoctorFix } from '../../../contract/results/doctor';
import { shellWord } from '../../tasks/tracker/trackerWords';
import type { FindingCode } from '../findings';

const FINDING_OF: Readonly<Partial<Record<ErrorCode, FindingCode>>> = {
  RECORDED_ELSEWHERE: 'CLONE_ELSEWHERE',
  FOLDER_MISSING: 'CLONE_GONE',
  GIT_REPOSITORY_MISSING: 'CLONE_NO_REPOSITORY',
  GIT_OWNERSHIP: 'CLONE_OWNERSHIP',
  GIT_FILES_APART: 'CLONE_FILES_APART',
  GIT_LINK_BROKEN: 'CLONE_LINK_BROKEN',
  HEAD_DAMAGED: 'CLONE_DAMAGED',
  OBJECTS_MISSING: 'CLONE_DAMAGED',
  REPOSITORY_DAMAGED: 'CLONE_DAMAGED',
  GIT_ACCESS_REFUSED: 'CLONE_DAMAGED',
  BARE_BY_OPTION: 'CLONE_BARE',
  REPOSITORY_EMPTY: 'CLONE_EMPTY',
  BRANCH_MISSING: 'CLONE_NO_BRANCH',
  GIT_LFS_MISSING: 'CLONE_LFS_MISSING',
};

function cloneFailure({ kernel, project }: Holding, error: KernelError): Found {
  const { name, clonePath, defaultBranch } = project;
  const facts = { project: name, path: clonePath };
  const code = FINDING_OF[error.code] ?? 'CLONE_UNCHECKED';
  const args = { folder: kernel.folder, projectId: project.id };
  const fixes: Readonly<Partial<Record<FindingCode, DoctorFix>>> = {
    CLONE_GONE: { kind: 'command', command: 'intercore.project.relocate', args },
    CLONE_NO_REPOSITORY: { kind: 'command', command: 'intercore.project.relocate', args },
    CLONE_LINK_BROKEN: { kind: 'command', command: 'intercore.project.relocate', args },
    CLONE_NO_BRANCH: { kind: 'command', command: 'intercore.project.changeBase', args },
    CLONE_OWNERSHIP: shell(`git config --global --add safe.directory ${shellWord(clonePath)}`),
  };
  const hasCommand = KernelError.is(error, 'GIT_FILES_APART') || KernelError.is(error, 'BARE_BY_OPTION');
  const fix = hasCommand ? shell(error.facts.command) : fixes[code];
  return found(code, { ...facts, branch: defaultBranch }, { ...(fix && { fix }), error });
}

function shell(line: string): DoctorFix {
  return { kind: 'shell', line };
}

/** Whether files at a commit (a full id) need Git LFS, which is not installed. */
async function lacksLfs({ git, folder }: Repository, commit: string): Promise<boolean> {
  const files = ['--', '.gitattributes', '*/.gitattributes'];
  const uses = await git.ask(folder, ['grep', '-q', 'filter=lfs', commit, ...files]);
  return uses !== undefined && !(await git.attempt(folder, ['lfs', 'version']));
}

/** A commit takes seconds; an older lock was left behind. */
const OLD_LOCK_MS = 10 * 60_000;

export const clonesCheck: Check = {
  id: 'clones',
  starts: true,
  async look(examination) {
    const all = holdings(examination);
    if (all.length === 0) return [found('NO_CLONES')];
    if (!(await hasGit(examination))) return [];
    const looked = all.map((holding) => alone(holding, async () => [await checkClone(examination, holding)]));
    return (await Promise.all(looked)).flat();
  },
};

const hasGit = async ({ environment }: Examination): Promise<boolean> =>
  (await findProgram('git', environment)) !== undefined;

/** One project that cannot be checked does not stop the check of the others. */
async function alone(holding: Holding, check: () => Promise<Found[]>): Promise<Found[]> {
  try {
    return await check();
  } catch (error) {
    if (isKernelError(error)) return [cloneFailure(holding, error)];
    if (!isOfSystem(error)) throw error;
    const { name, clonePath } = holding.project;
    return [found('CLONE_UNCHECKED', { project: name, path: clonePath, problem: foreignText(problemOf(error)) })];
  }
}

async function checkClone({ git, visibility }: Examination, holding: Holding): Promise<Found> {
  const { project } = holding;
  const { name, clonePath, defaultBranch } = project;
  const facts = { project: name, path: clonePath };
  const state = await visibility.of(clonePath);
  if (state.kind === 'unseen') return found('CLONE_UNSEEN', { ...facts, problem: state.problem });
  if (isFreed(project)) return found('CLONE_FREED', facts);
  if (state.kind === 'absent') throw new KernelError('FOLDER_MISSING', { path: clonePath });
  if (!(await git.places.isKnown(clonePath))) return found('CLONE_ELSEWHERE', facts);
  const folder = await git.places.gitFolder(clonePath);
  const { own: gitDir } = await repositoryFiles(git, folder);
  const repository = await repositoryOf({ git }, project);
  if ((await repository.commitOf(baseRef(project))) === undefined) throw await missingBranch(repository, defaultBranch);
  if (await isInterrupted(git, folder)) return found('MERGE_INTERRUPTED', { ...facts, branch: defaultBranch });
  if (project.remote === null && (await isGoneDefault(repository, defaultBranch))) {
    return found('CLONE_BASE_GONE', { ...facts, branch: defaultBranch });
  }
  if (await lacksLfs(repository, baseRef(project))) return found('CLONE_LFS_MISSING', facts);
  const lock = path.join(gitDir, 'index.lock');
  const left = await ifThere(stat(lock));
  const ageMs = left === undefined ? 0 : Date.now() - left.mtimeMs;
  if (ageMs > OLD_LOCK_MS) return found('CLONE_LOCKED', { ...facts, lock, minutes: Math.round(ageMs / 60_000) });
  const isDetached = (await git.ask(folder, ['symbolic-ref', '--quiet', 'HEAD'])) === undefined;
  if (isDetached) return found('CLONE_DETACHED', { ...facts, branch: defaultBranch });
  return (await movedDefault(repository, holding)) ?? found('CLONE_FINE', { ...facts, branch: defaultBranch });
}

/** The remote's default branch differs from the base branch. A base branch that the user chose causes no warning. */
async function movedDefault(repository: Repository, { kernel, project }: Holding): Promise<Found | undefined> {
  const { name, clonePath, defaultBranch: branch, remote } = project;
  // Git never signs in inside a clone from GitHub. Sync Project asks there.
  const other = remote === null ? await otherDefault(repository, branch) : undefined;
  if (other === undefined) return undefined;
  const args = { folder: kernel.folder, projectId: project.id, branch: other.name };
  const facts = { project: name, path: clonePath, branch, other: other.name };
  const fix = { kind: 'command', command: 'intercore.project.changeBase', args } as const;
  return found('CLONE_DEFAULT_MOVED', facts, { fix, level: other.isNew ? 'warning' : 'info' });
}

export const worktreesCheck: Check = {
  id: 'worktrees',
  starts: true,
  async look(examination) {
    if (!(await hasGit(examination))) return [];
    const checks = holdings(examination).map(async (holding) => {
      const unused = await alone(holding, () => unusedWorktreesOf(examination, holding));
      return [...unused.map(asUnchecked), ...(await alone(holding, () => goneOf(examination, holding)))];
    });
    const all = (await Promise.all(checks)).flat();
    return all.length === 0 ? [found('WORKTREES_FINE')] : all;
  },
};

/** The check of the clones reports why a clone cannot be used. */
function asUnchecked(finding: Found): Found {
  const isOwn = finding.code === 'WORKTREE_UNUSED' || finding.code === 'CLONE_UNCHECKED';
  return isOwn ? finding : found('WORKTREES_UNCHECKED', finding.facts);
}

/** Worktrees restored from a snapshot were requested by a person. */
async function unusedWorktreesOf(examination: Examination, { kernel, project }: Holding): Promise<Found[]> {
  const { git, visibility } = examination;
  const { name, clonePath } = project;
  const unchecked = found('WORKTREES_UNCHECKED', { project: name, path: clonePath });
  if ((await visibility.of(clonePath)).kind !== 'present') return [unchecked];
  if (isFreed(project)) return [];
  if (!hasClone(project) || !(await git.places.isKnown(clonePath))) return [unchecked];
  // git reads the folders of all its worktrees.
  if (await hasSilent(examination, { kernel, project })) return [unchecked];
  const { unused } = await findUnusedWorktrees({ kernel, git }, project.id);
  const args = { folder: kernel.folder };
  const fix = { kind: 'command', command: 'intercore.worktree.cleanUp', args } as const;
  return unused
    .filter(({ reason }) => reason !== 'restored' && reason !== 'unseen')
    .map((orphan) => found('WORKTREE_UNUSED', { project: name, path: orphan.path }, { fix }));
}

function subtasksOf({ kernel, project }: Holding): Subtask[] {
  return kernel.read((r) => listTasks(r, project.id).flatMap((task) => readableSubtasks(r, task.id).sound));
}

/** Whether a worktree of the record is not accessible. */
async function hasSilent({ visibility }: Examination, holding: Holding): Promise<boolean> {
  for (const { worktreePath } of subtasksOf(holding)) {
    const state = worktreePath === null ? undefined : await visibility.of(worktreePath);
    if (state?.kind === 'unseen' && state.isSilent) return true;
  }
  return false;
}

async function goneOf({ git, visibility }: Examination, { kernel, project }: Holding): Promise<Found[]> {
  const subtasks = subtasksOf({ kernel, project });
  const clone = await visibility.of(project.clonePath);
  // A worktree links to its clone.
  const isSilent = clone.kind === 'unseen' && clone.isSilent;
  const findings: Found[] = [];
  for (const subtask of subtasks) {
    const { id, title, worktreePath } = subtask;
    if (worktreePath === null) continue;
    const facts = { subtask: title, path: worktreePath };
    const args = { folder: kernel.folder, subtaskId: id };
    const fix = { kind: 'command', command: 'intercore.subtask.retry', args } as const;
    const state = await visibility.of(worktreePath);
    // A retry would be refused until the worktree is accessible.
    const hidden = isSilent ? undefined : () => worktreeUnseen({ kernel, git }, subtask);
    const problem = state.kind === 'unseen' ? state.problem : await hidden?.();
    if (problem !== undefined) findings.push(found('WORKTREE_UNSEEN', { ...facts, problem }));
    // Only its clone knows where it was made.
    else if (state.kind === 'absent' && clone.kind === 'present') findings.push(found('WORKTREE_GONE', facts, { fix }));
  }
  return findings;
}
