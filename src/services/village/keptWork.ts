/** What was kept of worktrees that were removed, and bringing it back (`spec/village.md` §23; design §1). */
import type { RestoredWorktree, WorktreeSnapshot, WorktreeSnapshots } from '../../contract/worktrees';
import { listSnapshots } from '../../host/git/snapshots';
import { KernelError } from '../../kernel/errors';
import { shaOf } from '../../kernel/gitNames';
import type { Project } from '../../kernel/village/model';
import { getProject, listProjects, listTasks } from '../../kernel/village/service';
import { readableSubtasks } from '../../kernel/village/subtasks';
import { ofProjects } from './eachAlone';
import { repositoryOf, restoredFolder, worktreesOf } from './places';
import type { PlaceDeps } from './strays';

/**
 * Of one project, or of all; newest first. Of all projects those that cannot be asked are skipped.
 * @throws KernelError `NOT_FOUND` for the project; for one that is named also `GIT_FAILED`, `RECORDED_ELSEWHERE`
 */
export async function listKeptWork(deps: PlaceDeps, projectId?: string): Promise<WorktreeSnapshots> {
  if (projectId !== undefined) {
    const kept = await keptOf(
      deps,
      deps.kernel.read((r) => getProject(r, projectId)),
    );
    return { snapshots: newestFirst(kept), skipped: [] };
  }
  const projects = deps.kernel.read((r) => listProjects(r));
  const { found, skipped } = await ofProjects(projects, (project) => keptOf(deps, project));
  return { snapshots: newestFirst(found), skipped };
}

function newestFirst(snapshots: readonly WorktreeSnapshot[]): WorktreeSnapshot[] {
  return [...snapshots].sort((a, b) => b.takenAt - a.takenAt);
}

async function keptOf(deps: PlaceDeps, project: Project): Promise<WorktreeSnapshot[]> {
  const tasks = deps.kernel.read((r) => listTasks(r, project.id));
  const subtasks = deps.kernel.read((r) => tasks.flatMap((task) => readableSubtasks(r, task.id).sound));
  const repository = await repositoryOf(deps, project);
  const snapshots = await listSnapshots(repository);
  const { lossesIn } = await import('../../host/git/snapshotContents.js');
  const holds = await lossesIn(
    repository,
    snapshots.flatMap(({ contents }) => shaOf(contents ?? '') ?? []),
  );
  return Promise.all(
    snapshots.map(async ({ id, ref, sha, head, contents, takenAt }) => {
      const subtask = subtasks.find((one) => id.startsWith(`${one.id}-`));
      const task = tasks.find((one) => one.id === subtask?.taskId || id.startsWith(`${one.id}-`));
      const args = ['diff-tree', '-r', '-z', '--no-commit-id', '--name-only', '--end-of-options', head, sha];
      const names = await repository.git.run(repository.folder, 'read a snapshot', args);
      return {
        ...{ projectId: project.id, ref, sha, head, takenAt },
        task: task === undefined ? null : { id: task.id, title: task.title },
        subtask: subtask === undefined ? null : { id: subtask.id, title: subtask.title },
        files: names.split('\0').filter(Boolean),
        // Changes of the worktree itself are its files.
        holds: (holds.get(contents ?? '') ?? []).filter(({ kind, path }) => kind !== 'changes' || path !== ''),
      };
    }),
  );
}

/**
 * Brings a snapshot back in a worktree of its own below `storageDir`, on a branch of its own, with what was not
 * committed as changes. No other worktree or branch is touched.
 * @throws KernelError `NOT_FOUND`, `GIT_FAILED`
 */
export async function restoreKeptWork(
  deps: PlaceDeps & { readonly storageDir: string },
  projectId: string,
  ref: string,
): Promise<RestoredWorktree> {
  const project = deps.kernel.read((r) => getProject(r, projectId));
  const repository = await repositoryOf(deps, project);
  const kept = (await listSnapshots(repository)).find((one) => one.ref === ref);
  if (kept === undefined) throw new KernelError('NOT_FOUND', { what: 'snapshot', id: ref });
  const branch = `restored/${kept.id}`;
  const folder = restoredFolder(deps.storageDir, project, kept.id);
  const isNew = await (await worktreesOf(deps, project)).restore(kept, folder, branch);
  return { path: folder, branch, isNew };
}
