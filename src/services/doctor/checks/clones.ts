/** The repositories that are projects, and the worktrees in which agents work. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../../../host/files/fileErrors';
import { missingBranch } from '../../../host/git/branch/branches';
import type { Repository } from '../../../host/git/repository';
import { isKernelError, KernelError } from '../../../kernel/errors/errors';
import { findProgram } from '../../../host/process/programs';
import { listTasks } from '../../../kernel/tasks/service';
import { readableSubtasks } from '../../../kernel/tasks/subtask/subtasks';
import { isFreed } from '../../tasks/project/cloneUpkeep';
import { repositoryOf } from '../../tasks/places';
import { isGoneDefault, otherDefault } from '../../../host/git/branch/remoteDefault';
import { findStrays } from '../../tasks/worktree/strays';
import { worktreeUnseen } from '../../tasks/project/locations';
import { baseRef } from '../../tasks/project/projectMoves';
import { isInterrupted } from '../../tasks/landing/interruptedMerges';
import { cloneFailure, lacksLfs } from './cloneFailures';
import { found, type Check, type Examination, type Found } from '../model';
import { holdings, type Holding } from './projects';

/** A commit takes seconds; a lock that old was left behind. */
const OLD_LOCK_MS = 10 * 60_000;

export const clonesCheck: Check = {
  id: 'clones',
  starts: true,
  async look(examination) {
    const all = holdings(examination);
    if (all.length === 0) return [found('NO_CLONES')];
    if (!(await hasGit(examination))) return [];
    const looked = all.map((holding) => alone(holding, async () => [await lookAtClone(examination, holding)]));
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
    if (!isKernelError(error)) throw error;
    return [cloneFailure(holding, error)];
  }
}

async function lookAtClone({ git }: Examination, holding: Holding): Promise<Found> {
  const { project } = holding;
  const { name, clonePath, defaultBranch } = project;
  const facts = { project: name, path: clonePath };
  if (isFreed(project)) return found('CLONE_FREED', facts);
  if (!existsSync(clonePath)) throw new KernelError('FOLDER_MISSING', { path: clonePath });
  if (!(await git.places.isKnown(clonePath))) return found('CLONE_ELSEWHERE', facts);
  const folder = await git.places.gitFolder(clonePath);
  const gitDir = await git.run(folder, 'find its own files', ['rev-parse', '--absolute-git-dir']);
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

/** The remote names another default branch than the base branch. A base branch that was chosen is no reason to warn. */
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
    const all = holdings(examination).filter(({ project }) => existsSync(project.clonePath));
    const looked = await Promise.all(all.map((holding) => alone(holding, () => straysOf(examination, holding))));
    // The check of the clones reports these.
    const strays = looked.flat().filter(({ code }) => code === 'WORKTREE_STRAY' || code === 'CLONE_UNCHECKED');
    const gone = (await Promise.all(all.map((holding) => goneOf(examination, holding)))).flat();
    return strays.length + gone.length === 0 ? [found('WORKTREES_FINE')] : [...strays, ...gone];
  },
};

/** One that was brought back from a snapshot is there because a person wants it. */
async function straysOf({ git }: Examination, { kernel, project }: Holding): Promise<Found[]> {
  // The check of the clones reports it.
  if (!(await git.places.isKnown(project.clonePath))) return [];
  const { strays } = await findStrays({ kernel, git }, project.id);
  const args = { folder: kernel.folder };
  const fix = { kind: 'command', command: 'intercore.worktree.cleanUp', args } as const;
  return strays
    .filter(({ reason }) => reason !== 'restored' && reason !== 'unseen')
    .map((stray) => found('WORKTREE_STRAY', { project: project.name, path: stray.path }, { fix }));
}

async function goneOf({ git }: Examination, { kernel, project }: Holding): Promise<Found[]> {
  const subtasks = kernel.read((r) => listTasks(r, project.id).flatMap((task) => readableSubtasks(r, task.id).sound));
  const findings: Found[] = [];
  for (const subtask of subtasks) {
    const { id, title, worktreePath } = subtask;
    if (worktreePath === null) continue;
    const facts = { subtask: title, path: worktreePath };
    const args = { folder: kernel.folder, subtaskId: id };
    const fix = { kind: 'command', command: 'intercore.subtask.retry', args } as const;
    // A retry would only be refused until it can be seen.
    const problem = await worktreeUnseen({ kernel, git }, subtask);
    if (problem !== undefined) findings.push(found('WORKTREE_UNSEEN', { ...facts, problem }));
    else if (!existsSync(worktreePath)) findings.push(found('WORKTREE_GONE', facts, { fix }));
  }
  return findings;
}
