/** Takes a subtask from its start to completed, attempt by attempt and stage by stage (`spec/village.md` §14, §18). */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { removeLeftLock } from '../../host/git/locks';
import { isKernelError, KernelError, type ErrorCode } from '../../kernel/errors';
import { endAgentRun, listAgentRuns } from '../../kernel/village/agentRuns';
import { delayAfter } from '../../kernel/village/backoff';
import type { AgentRun, Project, Subtask, Task } from '../../kernel/village/model';
import {
  completeSubtask,
  enterStage,
  failSubtask,
  holdSubtask,
  isHeld,
  placeSubtask,
  recordProof,
  reopenSubtask,
} from '../../kernel/village/progress';
import { getProject, getTask } from '../../kernel/village/service';
import { getSubtask, listNotes, neighboursOf } from '../../kernel/village/subtasks';
import { awaitAttempt, endAgent, settleAttempt, type AttemptEnd, type AttemptOrder } from './attempt';
import type { VillageDeps } from './deps';
import { repositoryOf } from './places';
import { readTemplate, workerPrompt } from './prompts';
import { proveWork } from './proof';
import { provenCommit } from './provenCommit';
import { backOff, failureOf, standingOf, startWhenRoom } from './rounds';
import { trackerFor, trackerProblem } from './tracker';
import { prepareWorkplace } from './workplace';

interface Scene {
  readonly deps: VillageDeps;
  readonly project: Project;
  readonly task: Task;
  readonly subtask: Subtask;
  readonly signal: AbortSignal;
}

/** How often bringing work out is tried before a person has to look (D3). */
const PUBLISH_TRIES = 3;
const MAX_NAME_LENGTH = 200;

/**
 * Works until the subtask leaves IN_PROGRESS, or is held. Rejects with the signal's reason when it is aborted; agents go on then,
 * and the next call takes them up where they are.
 */
export async function buildSubtask(deps: VillageDeps, id: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const scene = deps.kernel.read((r) => {
      const subtask = getSubtask(r, id);
      const task = getTask(r, subtask.taskId);
      return { deps, subtask, task, project: getProject(r, task.projectId), signal };
    });
    switch (scene.subtask.stage) {
      case null:
        return;
      case 'prepare':
        await prepare(scene);
        break;
      case 'agent':
        await work(scene);
        break;
      case 'verify':
        await verify(scene);
        break;
      case 'push':
      case 'pr':
        if (isHeld(scene.subtask)) return;
        await publish(scene);
        break;
    }
  }
}

async function prepare({ deps, project, task, subtask, signal }: Scene): Promise<void> {
  const standing = standingOf(deps, task.id, subtask.id, subtask.firstAttempt);
  if (standing.kind === 'running' && standing.run.attempt < subtask.firstAttempt) {
    // Stopped and begun again so soon that the agent of the round before has not gone yet.
    await endAgent(deps, standing.run.dispatchId);
    return settleAttempt(deps, standing.run, { status: 'CANCELLED', error: 'it was stopped' });
  }
  try {
    const workplace = await prepareWorkplace(deps, project, subtask);
    await deps.kernel.write((u) => placeSubtask(u, subtask.id, workplace));
  } catch (error) {
    if (signal.aborted || !(error instanceof KernelError) || isStopped(deps, subtask)) throw error;
    await deps.kernel.write((u) => failSubtask(u, subtask.id, error.message));
  }
}

async function work(scene: Scene): Promise<void> {
  const { deps, task, subtask, signal } = scene;
  const standing = standingOf(deps, task.id, subtask.id, subtask.firstAttempt);
  if (standing.kind === 'running') return finishAttempt(scene, standing.run);
  // A subtask that is closed needs no agent, whatever became of the one that closed it.
  if (await isClosed(scene)) {
    await deps.kernel.write((u) => enterStage(u, subtask.id, 'verify'));
  } else if (standing.kind === 'used up') {
    const reason = subtask.lastError ?? standing.last?.errorMessage ?? 'no attempt succeeded';
    await deps.kernel.write((u) => failSubtask(u, subtask.id, reason));
  } else {
    if (standing.last !== undefined && standing.used > 0) await backOff(deps, standing.last, standing.used, signal);
    if (await isPlaceReady(scene, standing.last)) await begin(scene, standing.last);
    else await deps.kernel.write((u) => enterStage(u, subtask.id, 'prepare'));
  }
}

async function isClosed(scene: Scene): Promise<boolean> {
  const { deps, subtask } = scene;
  if (subtask.closedAt !== null) return true;
  // Where the tracker is hindered, the start that needs it says so.
  await readClaim(scene);
  return deps.kernel.read((r) => getSubtask(r, subtask.id)).closedAt !== null;
}

/** Its worktree is there and can be worked in. An agent that was killed may have left the lock of its last git command. */
async function isPlaceReady({ deps, subtask }: Scene, last: AgentRun | undefined): Promise<boolean> {
  const { worktreePath } = subtask;
  if (worktreePath === null || !existsSync(worktreePath)) return false;
  const endedAt = last?.endedAt ?? null;
  const worktree = await deps.git.places.gitFolder(worktreePath);
  if (endedAt !== null && (await removeLeftLock(deps.git, worktree, endedAt))) {
    deps.log.warn('lock of a git command removed, left by an agent that has ended', { folder: worktreePath });
  }
  return true;
}

async function begin(scene: Scene, last: AgentRun | undefined): Promise<void> {
  const { deps, subtask, signal } = scene;
  try {
    const start = await startWhenRoom(deps, () => orderFor(scene, last), signal);
    if (start.kind === 'failed') await giveUp(scene, start.run, start.problem);
  } catch (error) {
    if (signal.aborted || !(error instanceof KernelError) || isStopped(deps, subtask)) throw error;
    await deps.kernel.write((u) => failSubtask(u, subtask.id, error.message));
  }
}

async function orderFor({ deps, project, task, subtask }: Scene, last: AgentRun | undefined): Promise<AttemptOrder> {
  const settings = deps.settings();
  const tracker = trackerFor(deps, task);
  const template = await readTemplate('worker', settings.workerPrompt, tracker.needs);
  const { words, env } = await tracker.beforeWork(subtask);
  const failure = await failureOf(deps, deps.dispatcher.kinds(), settings.worker, last, subtask.lastError);
  const { dependencies, notes } = deps.kernel.read((r) => ({
    dependencies: neighboursOf(r, subtask).dependsOn.map((id) => getSubtask(r, id)),
    notes: listNotes(r, subtask.id),
  }));
  const checks = settings.checks.map((check) => check.join(' '));
  return {
    of: { subtaskId: subtask.id },
    request: {
      kind: settings.worker,
      prompt: workerPrompt(template, { project, subtask, dependencies, notes, failure, checks, words }),
      runId: task.runId,
      name: subtask.title.slice(0, MAX_NAME_LENGTH),
      timeLimitSec: settings.timeLimitMinutes * 60,
      env: { ...env, INTERCORE_TASK_ID: task.id, INTERCORE_SUBTASK_ID: subtask.id },
      ...(subtask.worktreePath === null ? {} : { cwd: subtask.worktreePath }),
    },
  };
}

async function finishAttempt(scene: Scene, run: AgentRun): Promise<void> {
  const { deps, subtask, signal } = scene;
  const end = await awaitAttempt(deps, run, signal);
  if (end === undefined) return;
  if (isStopped(deps, subtask)) return endStopped(scene, run);
  const hindrance = await readClaim(scene);
  if (isStopped(deps, subtask)) return endStopped(scene, run);
  const now = deps.kernel.read((r) => getSubtask(r, subtask.id));
  // Closed counts whatever the exit code says: the work is looked at next.
  if (now.closedAt !== null) await deps.kernel.write((u) => enterStage(u, subtask.id, 'verify'));
  else if (end.isOverBudget) await giveUp(scene, run, endingProblem(end));
  else await failAttempt(scene, run, hindrance ?? endingProblem(end));
}

/** What hindered the tracker; then nobody knows whether the work is done, and the next attempt finds out. */
async function readClaim({ deps, task, subtask }: Scene): Promise<string | undefined> {
  try {
    await trackerFor(deps, task).readClaim(subtask);
    return undefined;
  } catch (error) {
    const problem = trackerProblem(error);
    if (problem === undefined) throw error;
    return problem;
  }
}

function endStopped({ deps }: Scene, run: AgentRun): Promise<void> {
  return settleAttempt(deps, run, { status: 'CANCELLED', error: 'it was stopped' });
}

function endingProblem({ problem, wasKilled, isOverBudget }: AttemptEnd): string {
  if (wasKilled && !isOverBudget) return 'it was stopped';
  return problem ?? 'it ended without closing the subtask';
}

/** Another attempt would fail in the same way: the subtask waits for a person. */
async function giveUp({ deps, subtask }: Scene, run: AgentRun, problem: string): Promise<void> {
  await deps.kernel.write((u) => {
    endAgentRun(u, run.id, { status: 'FAILED', error: problem });
    failSubtask(u, subtask.id, problem);
  });
}

async function failAttempt({ deps, subtask }: Scene, run: AgentRun, problem: string): Promise<void> {
  await deps.kernel.write((u) => {
    endAgentRun(u, run.id, { status: 'FAILED', error: problem });
    reopenSubtask(u, subtask.id, problem);
  });
}

/** The attempt counts as a success only when its work is proven. */
async function verify(scene: Scene): Promise<void> {
  const { deps, project, task, subtask, signal } = scene;
  if (subtask.worktreePath === null || !existsSync(subtask.worktreePath)) {
    await deps.kernel.write((u) => enterStage(u, subtask.id, 'prepare'));
    return;
  }
  const [latest] = deps.kernel.read((r) => listAgentRuns(r, task.id, subtask.id));
  const attempt = latest?.attempt ?? 0;
  const result = await proveWork(deps, await repositoryOf(deps, project), { project, task, subtask, attempt, signal });
  const running = latest?.status === 'RUNNING' ? latest : undefined;
  if (isStopped(deps, subtask)) return running === undefined ? undefined : endStopped(scene, running);
  if (result.kind === 'proven') {
    await deps.kernel.write((u) => {
      if (running !== undefined) endAgentRun(u, running.id, { status: 'SUCCEEDED' });
      recordProof(u, subtask.id, result);
    });
    return;
  }
  const { problem } = result;
  const hindrance = await takeBack(scene);
  await deps.kernel.write((u) => {
    if (running !== undefined) endAgentRun(u, running.id, { status: 'FAILED', error: problem });
    if (hindrance === undefined) reopenSubtask(u, subtask.id, problem);
    else failSubtask(u, subtask.id, `${problem}; ${hindrance}`);
  });
}

/** What hindered the tracker: it would bring the same claim again and again. */
async function takeBack({ deps, task, subtask }: Scene): Promise<string | undefined> {
  try {
    await trackerFor(deps, task).takeBack(subtask);
    return undefined;
  } catch (error) {
    const hindrance = trackerProblem(error);
    if (hindrance === undefined) throw error;
    return hindrance;
  }
}

/** Tries a few times, then leaves the work held with the reason: it is proven, and must not be done again (D3). */
async function publish(scene: Scene): Promise<void> {
  const { deps, project, task, subtask, signal } = scene;
  if (!(await holds(scene))) return;
  const onPushed = async (): Promise<void> => {
    if (!isStopped(deps, subtask)) await deps.kernel.write((u) => enterStage(u, subtask.id, 'pr'));
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const pullRequest = await deps.publish({ project, task, subtask, signal, onPushed });
      await deps.kernel.write((u) => completeSubtask(u, subtask.id, { pullRequest }));
      return;
    } catch (error) {
      if (signal.aborted || !isKernelError(error) || isStopped(deps, subtask)) throw error;
      const { code, message: problem } = error;
      deps.log.warn('work not brought out', { subtask: subtask.id, attempt, problem });
      if (code === 'PULL_REQUEST_EMPTY') {
        // What it would propose is in the base already: the next attempt is told.
        await deps.kernel.write((u) => reopenSubtask(u, subtask.id, problem));
        return;
      }
      if (attempt >= PUBLISH_TRIES || !mayPass(code)) {
        await deps.kernel.write((u) => holdSubtask(u, subtask.id, problem));
        return;
      }
    }
    await pause(deps, attempt, signal);
  }
}

/** Whether the proof still holds. Where the branch has moved since, the work is proven again first. */
async function holds({ deps, project, subtask }: Scene): Promise<boolean> {
  try {
    await provenCommit(deps.kernel, await repositoryOf(deps, project), subtask);
    return true;
  } catch (error) {
    if (!KernelError.is(error, 'PROOF_OUTDATED') && !KernelError.is(error, 'PROOF_MISSING')) throw error;
    deps.log.info('work proven again', { subtask: subtask.id, problem: error.message });
    return false;
  }
}

/** Whether trying again soon may help; a person has to sign in, or a time has to come, otherwise. */
function mayPass(code: ErrorCode): boolean {
  return code !== 'GITHUB_AUTH' && code !== 'GITHUB_RATE_LIMIT';
}

function pause({ settings, chance }: VillageDeps, attempt: number, signal: AbortSignal): Promise<void> {
  return delay(delayAfter(attempt, chance(), settings().backoff) * 1000, undefined, { signal });
}

/** Whether somebody took the subtask out of our hands: stopped it, or deleted its task. */
function isStopped({ kernel }: VillageDeps, subtask: Subtask): boolean {
  return kernel.read((r) => {
    try {
      return getSubtask(r, subtask.id).status !== 'IN_PROGRESS';
    } catch (error) {
      if (KernelError.is(error, 'NOT_FOUND')) return true;
      throw error;
    }
  });
}
