/** Lists and restores snapshots of removed worktrees (`docs/design/tasks.md#worktrees-without-use`). */
import path from 'node:path';
import { besidesFiles } from '../../../contract/treeLoss';
import type { RestoredWorktree, WorktreeSnapshot, WorktreeSnapshots } from '../../../contract/results/worktrees';
import type { Repository, WorktreeInfo } from '../../../host/git/repository';
import { listSnapshots } from '../../../host/git/snapshot/snapshots';
import { isSameFile, fileKey } from '../../../host/files/pathIdentity';
import { KernelError } from '../../../kernel/errors/errors';
import { shaOf } from '../../../kernel/text/gitNames';
import type { Project } from '../../../kernel/tasks/record/model';
import { getProject, listProjects, listTasks } from '../../../kernel/tasks/service';
import { readableSubtasks } from '../../../kernel/tasks/subtask/subtasks';
import { ofProjects } from '../eachAlone';
import { repositoryOf, restoredFolder, worktreesOf } from '../taskFolders';
import type { WorktreeDeps } from './unusedWorktrees';

/**
 * The snapshots of one project, or of all, newest first. If no project is given, unreadable projects are skipped.
 * @throws KernelError `NOT_FOUND` for the project; for a given project also `GIT_FAILED`, `RECORDED_ELSEWHERE`
 */
export async function listWorktreeSnapshots(deps: WorktreeDeps, projectId?: string): Promise<WorktreeSnapshots> {
  if (projectId !== undefined) {
    const kept = await keptOf(
      deps,
      deps.kernel.read((r) => getProject(r, projectId)),
    );
    return { snapshots: newestFirst(kept.map(({ snapshot }) => snapshot)), skipped: [] };
  }
  const projects = deps.kernel.read((r) => listProjects(r));
  const { found, skipped } = await ofProjects(projects, (project) => keptOf(deps, project));
  return { snapshots: newestFirst(eachOnce(found)), skipped };
}

/** A snapshot and its repository. */
interface RestorableSnapshot {
  readonly repository: string;
  readonly snapshot: WorktreeSnapshot;
}

/**
 * Projects may be worktrees of one repository: each snapshot is listed once, for the project of its task or subtask.
 */
function eachOnce(all: readonly RestorableSnapshot[]): WorktreeSnapshot[] {
  const found = new Map<string, WorktreeSnapshot>();
  for (const { repository, snapshot } of all) {
    const key = `${repository} ${snapshot.ref}`;
    const known = found.get(key);
    if (known === undefined || (known.task === null && snapshot.task !== null)) found.set(key, snapshot);
  }
  return [...found.values()];
}

function newestFirst(snapshots: readonly WorktreeSnapshot[]): WorktreeSnapshot[] {
  return [...snapshots].sort((a, b) => b.takenAt - a.takenAt);
}

async function keptOf(deps: WorktreeDeps, project: Project): Promise<RestorableSnapshot[]> {
  const tasks = deps.kernel.read((r) => listTasks(r, project.id));
  const subtasks = deps.kernel.read((r) => tasks.flatMap((task) => readableSubtasks(r, task.id).sound));
  const repository = await repositoryOf(deps, project);
  const snapshots = await listSnapshots(repository);
  const { lossesIn } = await import('../../../host/git/snapshot/snapshotContents.js');
  const { worktreeFilesFolder } = await import('../../../host/git/worktreeFiles.js');
  const holds = await lossesIn(
    repository,
    snapshots.flatMap(({ contents }) => shaOf(contents ?? '') ?? []),
  );
  const place = await fileKey(path.dirname(await worktreeFilesFolder(repository)));
  const kept = await Promise.all(
    snapshots.map(async ({ id, ref, sha, head, contents, takenAt }) => {
      const subtask = subtasks.find((one) => id.startsWith(`${one.id}-`));
      const task = tasks.find((one) => one.id === subtask?.taskId || id.startsWith(`${one.id}-`));
      const args = ['diff-tree', '-r', '-z', '--no-commit-id', '--name-only', '--end-of-options', head, sha];
      const names = await repository.git.run(repository.folder, args);
      return {
        projectId: project.id,
        ref,
        sha,
        head,
        takenAt,
        task: task === undefined ? null : { id: task.id, title: task.title },
        subtask: subtask === undefined ? null : { id: subtask.id, title: subtask.title },
        files: names.split('\0').filter(Boolean),
        // Changes of the worktree itself are its files.
        holds: besidesFiles(holds.get(contents ?? '') ?? []),
      };
    }),
  );
  return kept.map((snapshot) => ({ repository: place, snapshot }));
}

/**
 * Restores a snapshot in a new worktree below `storageDir`, on a new branch, with uncommitted changes as changes.
 * Changes no other worktree or branch.
 * @throws KernelError `NOT_FOUND`, `GIT_FAILED`
 */
export async function restoreWorktreeSnapshot(
  deps: WorktreeDeps & { readonly storageDir: string },
  projectId: string,
  ref: string,
): Promise<RestoredWorktree> {
  const project = deps.kernel.read((r) => getProject(r, projectId));
  const repository = await repositoryOf(deps, project);
  const kept = (await listSnapshots(repository)).find((snapshot) => snapshot.ref === ref);
  if (kept === undefined) throw new KernelError('NOT_FOUND', { what: 'snapshot', id: ref });
  const folder = restoredFolder(deps.storageDir, project, kept.id);
  const { freeBranch } = await import('../../../host/git/branch/freeNames.js');
  const there = await worktreeAt(repository, folder);
  const wanted = { commit: kept.head, besides: there?.path };
  const own = there?.isGone === false ? there.branch : undefined;
  const branch = own ?? (await freeBranch(repository, `restored/${kept.id}`, wanted));
  const isNew = await (await worktreesOf(deps, project)).restore(kept, folder, branch);
  return { path: folder, branch, isNew };
}

/** Git's data of a worktree, in any spelling of its path. */
async function worktreeAt(repository: Repository, folder: string): Promise<WorktreeInfo | undefined> {
  for (const worktree of await repository.worktrees()) if (await isSameFile(worktree.path, folder)) return worktree;
  return undefined;
}
