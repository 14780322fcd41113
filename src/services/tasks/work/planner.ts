/** Runs planner agents for a task until there is a plan, or no attempt is left (`docs/design/tasks.md#planning`). */
import { storedReason } from '../../../kernel/errors/reasons/storedReasons';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { contentHash } from '../../../host/files/contentHash';
import { endAgentRun } from '../../../kernel/tasks/subtask/agentRuns';
import { plannerFor } from '../../../kernel/tasks/subtask/neededAgent';
import { formatBody } from '../../../kernel/tasks/subtask/body';
import type { AgentRun, Project, Task } from '../../../kernel/tasks/record/model';
import { acceptPlan, failPlanning, getProject, getTask, listTasks, openRevision } from '../../../kernel/tasks/service';
import { heldUntil, isDue, stageFailures } from '../../../kernel/tasks/upkeep/stageHolds';
import { listSubtasks, neighborsOf } from '../../../kernel/tasks/subtask/subtasks';
import { isScriptKind } from '../../agents/builtInKinds';
import { settleAgentFailure } from './agentFailures';
import { attemptKind } from './attemptKind';
import { awaitAttempt, settleAttempt, type AttemptEnd, type AttemptOrder } from './attempt';
import type { TaskDeps } from '../deps';
import { unlessLocked } from '../stageRunner';
import { planFile, planningFolder, repositoryOf, worktreesOf } from '../taskFolders';
import {
  plannerPrompt,
  readTemplate,
  retryPrompt,
  revisionPrompt,
  revisionSection,
  SESSION_SECTION,
  takenOverSection,
} from './prompts';
import { continued, inSession, isInSession, sessionOfAttempt } from './resume';
import { lastDispatch } from './takeover';
import { backOff, failureOf, roundStateOf, startWhenRoom } from './attemptRounds';
import { runStage, runUpkeep } from '../stageRunner';
import { trackerFor } from '../tracker/trackerChoice';
import { baseCommit, bringClone } from './worktreePreparation';
import { startOf } from '../../../kernel/text/storableText';

/**
 * Runs until the task leaves PLANNING. Rejects with the signal's reason when it is aborted; agents continue then, and
 * the next call adopts them.
 */
export async function planTask(deps: TaskDeps, taskId: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const task = deps.kernel.read((r) => getTask(r, taskId));
    if (task.status !== 'PLANNING') return;
    if (!mayGoOn(deps, task)) return;
    const state = roundStateOf(deps, task.id, null, task.firstAttempt);
    if (state.kind === 'used up') {
      await giveUp(deps, task, state.last?.errorMessage ?? 'no attempt succeeded');
    } else if (state.kind === 'running') {
      await finishAttempt(deps, task, state.run, signal);
    } else {
      const { last, used } = state;
      if (last !== undefined && used > 0) await backOff(deps, last, used, signal);
      await runStage(deps, 'planStart', task.id, () => begin(deps, task, last, signal), signal);
      if (!isPlanning(deps, task)) await cleanUp(deps, task);
    }
  }
}

function mayGoOn({ kernel }: TaskDeps, { id }: Task): boolean {
  return kernel.read((r) => isDue(r, heldUntil(stageFailures(r), id)));
}

async function begin(deps: TaskDeps, task: Task, last: AgentRun | undefined, signal: AbortSignal): Promise<void> {
  const start = await startWhenRoom(deps, () => orderFor(deps, task, last, signal), signal);
  if (start.kind === 'started') return;
  await deps.kernel.write((u) => {
    endAgentRun(u, start.run.id, { status: 'FAILED', error: start.problem });
    failPlanning(u, task.id, start.problem);
  });
}

async function orderFor(
  deps: TaskDeps,
  task: Task,
  last: AgentRun | undefined,
  signal: AbortSignal,
): Promise<AttemptOrder> {
  const settings = deps.settings();
  const project = deps.kernel.read((r) => getProject(r, task.projectId));
  // A person may have chosen another kind while this waited for room.
  const kind = attemptKind(
    deps.kernel.read((r) => plannerFor(getTask(r, task.id))),
    settings,
  );
  const tracker = trackerFor(deps, task);
  const template = await readTemplate('planner', settings.plannerPrompt, tracker.needs);
  const failure = await failureOf(deps, last);
  const isSession = isInSession(deps, kind);
  const { words, forms, env } = await tracker.beforePlanning(task, isSession);
  const cwd = await prepareFolder(deps, project, task, signal);
  const section = isSession ? SESSION_SECTION : '';
  const request = {
    kind,
    prompt: `${plannerPrompt(template, { project, task, failure, words })}${section}`,
    runId: task.runId,
    ...(task.permissions === null ? {} : { permissions: task.permissions }),
    name: startOf(`Plan: ${task.title}`, MAX_NAME_LENGTH),
    cwd,
    timeLimitSec: settings.timeLimitMinutes * 60,
    env: { ...env, INTERCORE_TASK_ID: task.id },
    reports: [...forms],
  };
  const resumed = continued(deps, 'planAgent', task.id, request);
  const revision = deps.kernel.read((r) => openRevision(r, task.id));
  const of = { taskId: task.id };
  if (resumed.session !== undefined) return { of, request: resumed };
  const session = sessionOfAttempt(deps, last, request);
  if (revision === undefined) {
    const retry = retryPrompt({ failure, report: words.correctPlan });
    if (session !== undefined) return { of, request: inSession(request, session, retry) };
    const section = planOfOtherKind(deps, task, last, kind);
    return { of, request: { ...request, prompt: `${request.prompt}${section}` } };
  }
  const whole = { ...request, prompt: `${request.prompt}${revisionSection(revision, planOf(deps, task))}` };
  if (session !== undefined) {
    return { of, request: inSession(whole, session, revisionPrompt({ task, revision, failure, words })) };
  }
  deps.log.info('plan revised by a new planner: there is no session', { task: task.id });
  return { of, request: whole };
}

/** What a planner of another kind has written; empty where there is nothing, and for a kind that would run it as a program. */
function planOfOtherKind(deps: TaskDeps, task: Task, last: AgentRun | undefined, kind: string): string {
  if (isScriptKind(kind)) return '';
  const isContinued = deps.kernel.read((r) => {
    const before = lastDispatch(r, 'planAgent', task.id, last);
    return before !== undefined && before.agentType !== kind && listSubtasks(r, task.id).length > 0;
  });
  return isContinued ? takenOverSection(planOf(deps, task)) : '';
}

const MAX_NAME_LENGTH = 200;

/** A tree without a branch: files that a planner writes there are not used. */
async function prepareFolder(deps: TaskDeps, project: Project, task: Task, signal: AbortSignal): Promise<string> {
  const folder = planningFolder(deps, project, task);
  const repository = await repositoryOf(deps, project);
  await bringClone(deps, project);
  const worktrees = await worktreesOf(deps, project);
  const base = await baseCommit(deps, project, repository);
  await deps.heavySteps.run(task.id, () => worktrees.ensureDetached(folder, base), signal);
  return folder;
}

async function finishAttempt(deps: TaskDeps, task: Task, run: AgentRun, signal: AbortSignal): Promise<void> {
  const followed = await runStage(deps, 'planFollow', task.id, () => awaitAttempt(deps, run, signal), signal);
  if (followed.kind !== 'done' || followed.value === undefined) return;
  if (isPlanning(deps, task)) await judge(deps, task, run, followed.value, signal);
  else await settleAttempt(deps, run, { status: 'CANCELLED', error: storedReason('planning was stopped') });
  await cleanUp(deps, task);
}

/** Not if a person stopped it, or deleted the task. */
function isPlanning({ kernel }: TaskDeps, { id }: Task): boolean {
  return kernel.read((r) => listTasks(r)).some((task) => task.id === id && task.status === 'PLANNING');
}

/** A successful process is not enough: there must be a valid plan (D5). */
async function judge(deps: TaskDeps, task: Task, run: AgentRun, end: AttemptEnd, signal: AbortSignal): Promise<void> {
  const { kernel } = deps;
  const { problem } = end;
  if (!end.isOverBudget && (await settleAgentFailure(deps, 'planAgent', run, end))) return;
  if (problem !== undefined) {
    await kernel.write((u) => {
      endAgentRun(u, run.id, { status: 'FAILED', error: problem });
      if (end.isOverBudget) failPlanning(u, task.id, problem);
    });
    return;
  }
  const read = await runStage(deps, 'planRead', task.id, () => trackerFor(deps, task).readPlan(task), signal);
  if (read.kind === 'done') await runStage(deps, 'planStore', task.id, () => storePlan(deps, task, run), signal);
}

async function storePlan(deps: TaskDeps, task: Task, run: AgentRun): Promise<void> {
  const plan = await writePlan(deps, task);
  await deps.kernel.write((u) => {
    acceptPlan(u, task.id, plan);
    endAgentRun(u, run.id, { status: 'SUCCEEDED' });
  });
}

async function writePlan(deps: TaskDeps, task: Task): Promise<{ path: string; contentHash?: string }> {
  const file = planFile(deps, task);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, planOf(deps, task), { mode: 0o600 });
  const hash = await contentHash(file);
  return hash === undefined ? { path: file } : { path: file, contentHash: hash };
}

function planOf(deps: TaskDeps, task: Task): string {
  const parts = deps.kernel.read((r) =>
    listSubtasks(r, task.id).map((subtask) => {
      const titles = new Map(listSubtasks(r, task.id).map(({ id, title }) => [id, title]));
      const waitsFor = neighborsOf(r, subtask).dependsOn.map((id) => titles.get(id) ?? id);
      const { spec, implementationPlan: plan, acceptanceCriteria: acceptance } = subtask;
      const after = waitsFor.length === 0 ? '' : `Depends on: ${waitsFor.join(', ')}\n\n`;
      return `# ${subtask.number}. ${subtask.title}\n\n${after}${formatBody({ spec, plan, acceptance })}`;
    }),
  );
  return [`# ${task.title}\n\n${task.description}\n`, ...parts].join('\n');
}

async function giveUp(deps: TaskDeps, task: Task, reason: string): Promise<void> {
  await deps.kernel.write((u) => failPlanning(u, task.id, reason));
  await cleanUp(deps, task);
}

async function cleanUp(deps: TaskDeps, task: Task): Promise<void> {
  const project = deps.kernel.read((r) => getProject(r, task.projectId));
  await runUpkeep(deps, 'planCleanUp', task.id, async () => {
    const worktrees = await worktreesOf(deps, project);
    const folder = planningFolder(deps, project, task);
    const remove = (): Promise<unknown> => worktrees.remove(folder, `${task.id}-planning`);
    await unlessLocked(deps, () => deps.heavySteps.run(task.id, remove));
  });
}
