/**
 * Takes a subtask from its start to completed, attempt by attempt and stage by stage (`docs/design/tasks.md#attempts`).
 */
import { storedReason } from '../../../kernel/errors/reasons/storedReasons';
import { existsSync } from 'node:fs';
import { removeLeftLock } from '../../../host/git/locks';
import { KernelError } from '../../../kernel/errors/errors';
import { endAgentRun, listAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import type { AgentRun, Project, Subtask, Task } from '../../../kernel/tasks/record/model';
import {
  completeSubtask,
  enterStage,
  failSubtask,
  placeSubtask,
  recordProof,
  reopenSubtask,
} from '../../../kernel/tasks/subtask/progress';
import { getProject, getTask } from '../../../kernel/tasks/service';
import { isDue, stageFailures, workHeldUntil } from '../../../kernel/tasks/upkeep/stageHolds';
import type { StageOf } from '../../../kernel/tasks/stage/stages';
import { getSubtask } from '../../../kernel/tasks/subtask/subtasks';
import { settleAgentFailure } from './agentFailures';
import { awaitAttempt, endAgent, settleAttempt, type AttemptEnd } from './attempt';
import type { TaskDeps } from '../deps';
import { repositoryOf } from '../taskFolders';
import { proveWork } from '../proof/proof';
import { provenCommit } from '../proof/provenCommit';
import { backOff, roundStateOf, startWhenRoom, type RoundState } from './attemptRounds';
import { runStage, type StageOutcome } from '../stageRunner';
import { trackerFor } from '../tracker/trackerChoice';
import { workerOrder } from './workerOrder';
import { prepareWorkplace } from './worktreePreparation';
import { setUpWorktree } from '../worktreeSetup/setUp';

interface WorkerInput {
  readonly deps: TaskDeps;
  readonly project: Project;
  readonly task: Task;
  readonly subtask: Subtask;
  readonly signal: AbortSignal;
}

/**
 * Runs until the subtask leaves IN_PROGRESS, or is held. Rejects with the signal's reason when it is aborted; agents
 * continue then, and the next call adopts them.
 */
export async function buildSubtask(deps: TaskDeps, id: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const input = deps.kernel.read((r) => {
      const subtask = getSubtask(r, id);
      const task = getTask(r, subtask.taskId);
      return { deps, subtask, task, project: getProject(r, task.projectId), signal };
    });
    if (input.subtask.stage === null || !mayGoOn(input)) return;
    switch (input.subtask.stage) {
      case 'prepare':
        await run(input, 'prepare', () => prepare(input));
        break;
      case 'agent':
        await work(input);
        break;
      case 'verify':
        await run(input, 'check', () => check(input));
        break;
      case 'push':
      case 'pr':
        await run(input, 'publish', () => publish(input));
        break;
    }
  }
}

function mayGoOn({ deps, subtask }: WorkerInput): boolean {
  return deps.kernel.read((r) => isDue(r, workHeldUntil(stageFailures(r), subtask)));
}

function run<T>(
  { deps, subtask, signal }: WorkerInput,
  stage: StageOf<'subtask'>,
  step: () => Promise<T>,
): Promise<StageOutcome<T>> {
  return runStage(deps, stage, subtask.id, step, signal);
}

async function prepare(input: WorkerInput): Promise<void> {
  const { deps, project, task, subtask } = input;
  const state = roundStateOf(deps, task.id, subtask.id, subtask.firstAttempt);
  if (state.kind === 'running' && state.run.attempt < subtask.firstAttempt) {
    // Stopped and restarted before the agent of the previous round has ended.
    await endAgent(deps, state.run.dispatchId);
    return settleAttempt(deps, state.run, { status: 'CANCELLED', error: storedReason('it was stopped') });
  }
  const workplace = await prepareWorkplace(deps, project, subtask, input.signal);
  const ready = await run(input, 'setup', () => setUpWorktree(deps, { ...input, attempt: 0 }, workplace.worktreePath));
  if (ready.kind === 'done') await deps.kernel.write((u) => placeSubtask(u, subtask.id, workplace));
}

async function work(input: WorkerInput): Promise<void> {
  const { deps, task, subtask } = input;
  const state = roundStateOf(deps, task.id, subtask.id, subtask.firstAttempt);
  if (state.kind === 'running') await finishAttempt(input, state.run);
  else await run(input, 'start', () => startNext(input, state));
}

async function startNext(input: WorkerInput, state: Exclude<RoundState, { kind: 'running' }>): Promise<void> {
  const { deps, subtask, signal } = input;
  // A closed subtask needs no agent, however the one that closed it ended.
  if (await isClosed(input)) {
    await deps.kernel.write((u) => enterStage(u, subtask.id, 'verify'));
  } else if (state.kind === 'used up') {
    const reason = subtask.lastError ?? state.last?.errorMessage ?? storedReason('no attempt succeeded');
    await deps.kernel.write((u) => failSubtask(u, subtask.id, reason));
  } else {
    if (state.last !== undefined && state.used > 0) await backOff(deps, state.last, state.used, signal);
    if (await isWorktreeReady(input, state.last)) await begin(input, state.last);
    else await deps.kernel.write((u) => enterStage(u, subtask.id, 'prepare'));
  }
}

async function isClosed(input: WorkerInput): Promise<boolean> {
  const { deps, subtask } = input;
  if (subtask.closedAt !== null) return true;
  await readClaim(input);
  return deps.kernel.read((r) => getSubtask(r, subtask.id)).closedAt !== null;
}

/** Makes sure that its worktree is usable. A killed agent may have left the lock of its last git command. */
async function isWorktreeReady({ deps, subtask }: WorkerInput, last: AgentRun | undefined): Promise<boolean> {
  const { worktreePath } = subtask;
  if (worktreePath === null || !existsSync(worktreePath)) return false;
  const endedAt = last?.endedAt ?? null;
  const worktree = await deps.git.places.gitFolder(worktreePath);
  if (endedAt !== null && (await removeLeftLock(deps.git, worktree, endedAt))) {
    deps.log.warn('git lock of an ended agent removed', { folder: worktreePath });
  }
  return true;
}

async function begin(input: WorkerInput, last: AgentRun | undefined): Promise<void> {
  const { deps, signal } = input;
  const start = await startWhenRoom(deps, () => workerOrder(input, last), signal);
  if (start.kind === 'failed') await giveUp(input, start.run, start.problem);
}

async function finishAttempt(input: WorkerInput, attempt: AgentRun): Promise<void> {
  const { deps, subtask, signal } = input;
  const followed = await run(input, 'follow', () => awaitAttempt(deps, attempt, signal));
  if (followed.kind !== 'done' || followed.value === undefined) return;
  const end = followed.value;
  if (isStopped(deps, subtask)) return endStopped(input, attempt);
  await run(input, 'claim', async () => {
    await readClaim(input);
    if (isStopped(deps, subtask)) return endStopped(input, attempt);
    await judge(input, attempt, end);
  });
}

async function judge(input: WorkerInput, attempt: AgentRun, end: AttemptEnd): Promise<void> {
  const { deps, subtask } = input;
  const now = deps.kernel.read((r) => getSubtask(r, subtask.id));
  // A closed subtask counts with any exit code: the work is checked next.
  if (now.closedAt !== null) await deps.kernel.write((u) => enterStage(u, subtask.id, 'verify'));
  else if (end.isOverBudget) await giveUp(input, attempt, endingProblem(end));
  else if (await settleAgentFailure(deps, 'agent', attempt, end)) return;
  else await failAttempt(input, attempt, endingProblem(end));
}

function readClaim({ deps, task, subtask }: WorkerInput): Promise<void> {
  return trackerFor(deps, task).readClaim(subtask);
}

function endStopped({ deps }: WorkerInput, run: AgentRun): Promise<void> {
  return settleAttempt(deps, run, { status: 'CANCELLED', error: storedReason('it was stopped') });
}

function endingProblem({ problem, wasKilled, isOverBudget }: AttemptEnd): string {
  if (wasKilled && !isOverBudget) return storedReason('it was stopped');
  return problem ?? storedReason('it ended without closing the subtask');
}

/** Another attempt would fail the same way: the subtask needs a person. */
async function giveUp({ deps, subtask }: WorkerInput, run: AgentRun, problem: string): Promise<void> {
  await deps.kernel.write((u) => {
    endAgentRun(u, run.id, { status: 'FAILED', error: problem });
    failSubtask(u, subtask.id, problem);
  });
}

async function failAttempt({ deps, subtask }: WorkerInput, run: AgentRun, problem: string): Promise<void> {
  await deps.kernel.write((u) => {
    endAgentRun(u, run.id, { status: 'FAILED', error: problem });
    reopenSubtask(u, subtask.id, problem);
  });
}

/** The attempt succeeds only if its work is proven. */
async function check(input: WorkerInput): Promise<void> {
  const { deps, project, task, subtask, signal } = input;
  if (subtask.worktreePath === null || !existsSync(subtask.worktreePath)) {
    await deps.kernel.write((u) => enterStage(u, subtask.id, 'prepare'));
    return;
  }
  const [latest] = deps.kernel.read((r) => listAgentRuns(r, task.id, subtask.id));
  const attempt = latest?.attempt ?? 0;
  const result = await proveWork(deps, await repositoryOf(deps, project), { project, task, subtask, attempt, signal });
  const running = latest?.status === 'RUNNING' ? latest : undefined;
  if (isStopped(deps, subtask)) return running === undefined ? undefined : endStopped(input, running);
  if (result.kind === 'proven') {
    await deps.kernel.write((u) => {
      if (running !== undefined) endAgentRun(u, running.id, { status: 'SUCCEEDED' });
      recordProof(u, subtask.id, result);
    });
    return;
  }
  const { problem } = result;
  // A remaining claim would be read repeatedly.
  const reopened = await run(input, 'reopen', () => trackerFor(deps, task).undoCreation(subtask));
  if (reopened.kind !== 'done') return;
  await deps.kernel.write((u) => {
    if (running !== undefined) endAgentRun(u, running.id, { status: 'FAILED', error: problem });
    reopenSubtask(u, subtask.id, problem);
  });
}

/** Proven work is never repeated because publishing failed: it is held, with the reason (D3). */
async function publish(input: WorkerInput): Promise<void> {
  const { deps, project, task, subtask, signal } = input;
  if (!(await holds(input))) return;
  const onPushed = async (): Promise<void> => {
    if (!isStopped(deps, subtask)) await deps.kernel.write((u) => enterStage(u, subtask.id, 'pr'));
  };
  const pullRequest = await deps.publish({ project, task, subtask, signal, onPushed });
  await deps.kernel.write((u) => completeSubtask(u, subtask.id, { pullRequest }));
}

/** Whether the proof is still valid. If the branch has moved since, the work is proven again first. */
async function holds({ deps, project, subtask }: WorkerInput): Promise<boolean> {
  try {
    await provenCommit(deps.kernel, await repositoryOf(deps, project), subtask);
    return true;
  } catch (error) {
    if (!KernelError.is(error, 'PROOF_OUTDATED') && !KernelError.is(error, 'PROOF_MISSING')) throw error;
    deps.log.info('work proven again', { subtask: subtask.id, problem: error.message });
    return false;
  }
}

/** Whether a person stopped the subtask, or deleted its task. */
function isStopped({ kernel }: TaskDeps, subtask: Subtask): boolean {
  return kernel.read((r) => {
    try {
      return getSubtask(r, subtask.id).status !== 'IN_PROGRESS';
    } catch (error) {
      if (KernelError.is(error, 'NOT_FOUND')) return true;
      throw error;
    }
  });
}
