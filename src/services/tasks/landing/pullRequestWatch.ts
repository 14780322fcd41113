/** Checks open pull requests from time to time: a merge on GitHub is recorded here (`docs/design/tasks.md#landing`). */
import { setTimeout as delay } from 'node:timers/promises';
import type { GitHubApi } from '../../../host/github/api';
import { isKernelError, isSentenceOf, KernelError, type ErrorCode } from '../../../kernel/errors/errors';
import type { Project, Subtask } from '../../../kernel/tasks/record/model';
import { recordPullRequest } from '../../../kernel/tasks/subtask/progress';
import { listProjects, listTasks } from '../../../kernel/tasks/service';
import { getSubtask, readableSubtasks } from '../../../kernel/tasks/subtask/subtasks';
import type { TaskDeps } from '../deps';
import type { ProjectDeps } from '../deps';
import { recordMerge } from './branchLanding';
import { landingOf, movedProblem } from './pullRequests';
import { runUpkeep } from '../stageRunner';

/** The first interval for reading the setting while checks are turned off. */
const OFF_MS = 60_000;
/** Without changes the interval doubles, up to this multiple of the first one. */
const MAX_FACTOR = 8;

/** Checks until the signal is aborted. Without an open pull request GitHub is not called. */
export async function watchPullRequests(deps: TaskDeps, signal: AbortSignal, onRound?: () => void): Promise<void> {
  const { pullRequests: watch } = deps;
  if (watch === undefined) {
    onRound?.();
    return;
  }
  let factor = 1;
  let known = '';
  while (await paused((watch.everyMs() || OFF_MS) * factor, signal)) {
    if (watch.everyMs() === 0) continue;
    const open = openPullRequests(deps)
      .map(({ subtask }) => subtask.id)
      .join();
    const look = (): Promise<Subtask[]> => checkPullRequests(deps, watch.github(), { signal });
    const looked = await runUpkeep(deps, 'pullRequests', '', look, signal);
    const hasMerged = looked.kind === 'done' && looked.value.length > 0;
    factor = hasMerged || open !== known ? 1 : Math.min(factor * 2, MAX_FACTOR);
    known = open;
    onRound?.();
  }
}

/** False once the signal is aborted. */
async function paused(ms: number, signal: AbortSignal): Promise<boolean> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
  return !signal.aborted;
}

/** Errors that would also affect checks of other pull requests. */
const GENERAL: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['GITHUB_AUTH', 'GITHUB_UNREACHABLE', 'GITHUB_RATE_LIMIT']);

interface WatchRound {
  readonly signal?: AbortSignal;
  /** For one project only. */
  readonly projectId?: string;
}

/**
 * Checks the status of every open pull request. Merges are recorded, which releases dependent subtasks; a pull request
 * that was closed without a merge is reported on its row. Returns the merged subtasks.
 * @throws KernelError `GITHUB_AUTH`, `GITHUB_UNREACHABLE`, `GITHUB_RATE_LIMIT`; rejects once the signal aborts
 */
export async function checkPullRequests(
  deps: ProjectDeps,
  github: GitHubApi,
  { signal, projectId }: WatchRound = {},
): Promise<Subtask[]> {
  const merged: Subtask[] = [];
  const open = openPullRequests(deps).filter(({ project }) => projectId === undefined || project.id === projectId);
  for (const { project, subtask } of open) {
    const look = (): Promise<WatchResult> => checkPullRequest(deps, github, { project, subtask }, signal);
    const looked = await runUpkeep(deps, 'pullRequest', subtask.id, look, signal);
    signal?.throwIfAborted();
    if (looked.kind !== 'done') continue;
    if ('general' in looked.value) throw looked.value.general;
    if (looked.value.merged !== undefined) merged.push(looked.value.merged);
  }
  return merged;
}

type WatchResult = { readonly general: KernelError } | { readonly merged: Subtask | undefined };

async function checkPullRequest(
  deps: ProjectDeps,
  github: GitHubApi,
  { project, subtask }: Open,
  signal: AbortSignal | undefined,
): Promise<WatchResult> {
  try {
    const landing = await landingOf(github, project, subtask, signal);
    const moved = movedProblem(subtask, landing)?.message;
    if (landing.kind === 'merged') return { merged: (await recordMerge(deps, subtask, moved)).subtask };
    await noteProblem(deps, subtask.id, landing.kind === 'closed' ? CLOSED : moved);
    return { merged: undefined };
  } catch (error) {
    if (isKernelError(error) && GENERAL.has(error.code)) return { general: error };
    // Another process may have recorded it, or deleted it with its task.
    if (KernelError.is(error, 'TASK_STATE') || KernelError.is(error, 'NOT_FOUND')) return { merged: undefined };
    throw error;
  }
}

interface Open {
  readonly project: Project;
  readonly subtask: Subtask;
}

function openPullRequests({ kernel }: ProjectDeps): Open[] {
  return kernel.read((r) => {
    const projects = new Map(listProjects(r).map((project) => [project.id, project]));
    return listTasks(r).flatMap((task) => {
      const project = projects.get(task.projectId);
      if (project === undefined || project.remote === null) return [];
      const completed = readableSubtasks(r, task.id).sound.filter(({ status, prNumber }) => {
        return status === 'COMPLETED' && prNumber !== null;
      });
      return completed.map((subtask) => ({ project, subtask }));
    });
  });
}

const CLOSED = 'its pull request was closed without a merge';

/** Other problems are not ours to clear. */
async function noteProblem({ kernel }: ProjectDeps, id: string, problem: string | undefined): Promise<void> {
  const { lastError } = kernel.read((r) => getSubtask(r, id));
  const isOurs = lastError === CLOSED || (lastError !== null && isSentenceOf('PULL_REQUEST_MOVED', lastError));
  if (problem === undefined ? !isOurs : lastError === problem) return;
  await kernel.write((u) => {
    const { prUrl, prNumber } = getSubtask(u, id);
    const pullRequest = prUrl === null || prNumber === null ? null : { url: prUrl, number: prNumber };
    recordPullRequest(u, id, problem === undefined ? { pullRequest } : { pullRequest, problem });
  });
}
