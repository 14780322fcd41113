/** The repositories that are projects, and the worktrees in which agents work. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../../host/fileErrors';
import { KernelError } from '../../kernel/errors';
import { findProgram } from '../../host/programs';
import { listTasks } from '../../kernel/village/service';
import { readableSubtasks } from '../../kernel/village/subtasks';
import { isFreed } from '../village/cloneUpkeep';
import { repositoryOf } from '../village/places';
import { isUnseen } from '../../host/git/worktreeFiles';
import { findStrays } from '../village/strays';
import { found, type Check, type Examination, type Found } from './model';
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
    if (!(error instanceof KernelError)) throw error;
    const { name, clonePath } = holding.project;
    const facts = { project: name, path: clonePath };
    if (KernelError.is(error, 'RECORDED_ELSEWHERE')) return [found('CLONE_ELSEWHERE', facts)];
    return [found('CLONE_UNCHECKED', { ...facts, problem: error.message })];
  }
}

async function lookAtClone({ git }: Examination, { kernel, project }: Holding): Promise<Found> {
  const { name, clonePath, defaultBranch } = project;
  const facts = { project: name, path: clonePath };
  if (isFreed(project)) return found('CLONE_FREED', facts);
  const isThere = existsSync(clonePath);
  if (isThere && !(await git.places.isKnown(clonePath))) return found('CLONE_ELSEWHERE', facts);
  const args = ['rev-parse', '--absolute-git-dir'];
  const gitDir = isThere ? await git.askAnywhere(await git.places.gitFolder(clonePath), args) : undefined;
  if (gitDir === undefined) {
    const args = { folder: kernel.folder, projectId: project.id };
    return found('CLONE_GONE', facts, { fix: { kind: 'command', command: 'intercore.project.remove', args } });
  }
  const repository = await repositoryOf({ git }, project);
  if (!(await repository.hasBranch(defaultBranch))) {
    return found('CLONE_NO_BRANCH', { ...facts, branch: defaultBranch });
  }
  const lock = path.join(gitDir, 'index.lock');
  const left = await ifThere(stat(lock));
  const ageMs = left === undefined ? 0 : Date.now() - left.mtimeMs;
  if (ageMs > OLD_LOCK_MS) return found('CLONE_LOCKED', { ...facts, lock, minutes: Math.round(ageMs / 60_000) });
  return found('CLONE_FINE', { ...facts, branch: defaultBranch });
}

export const worktreesCheck: Check = {
  id: 'worktrees',
  starts: true,
  async look(examination) {
    if (!(await hasGit(examination))) return [];
    const all = holdings(examination).filter(({ project }) => existsSync(project.clonePath));
    const looked = await Promise.all(all.map((holding) => alone(holding, () => straysOf(examination, holding))));
    // The check of the clones reports these.
    const strays = looked.flat().filter(({ code }) => code !== 'CLONE_ELSEWHERE');
    const gone = (await Promise.all(all.map(goneOf))).flat();
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
    .filter(({ reason }) => reason !== 'restored')
    .map((stray) => found('WORKTREE_STRAY', { project: project.name, path: stray.path }, { fix }));
}

async function goneOf({ kernel, project }: Holding): Promise<Found[]> {
  const subtasks = kernel.read((r) => listTasks(r, project.id).flatMap((task) => readableSubtasks(r, task.id).sound));
  const findings: Found[] = [];
  for (const { id, title, worktreePath } of subtasks) {
    if (worktreePath === null || existsSync(worktreePath)) continue;
    const facts = { subtask: title, path: worktreePath };
    const args = { folder: kernel.folder, subtaskId: id };
    const fix = { kind: 'command', command: 'intercore.subtask.retry', args } as const;
    // A retry would only be refused until it can be seen.
    if (await isUnseen(worktreePath)) findings.push(found('WORKTREE_UNSEEN', facts));
    else findings.push(found('WORKTREE_GONE', facts, { fix }));
  }
  return findings;
}
