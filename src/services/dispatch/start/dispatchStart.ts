/** Starts an agent: from a request to a recorded, running agent (`docs/design/agents.md`). */
import { runsInSession, type AgentKind } from '../../../contract/agentKinds';
import { proven, readCancel } from '../../../host/launcher/launchRecord';
import { endAgentProcesses, launch, type Launched } from '../../../host/launcher/agentProcess';
import { removeDispatchFiles, type DispatchFiles } from '../../../host/launcher/dispatchFiles';
import type { Dispatch, DispatchEnding } from '../../../kernel/dispatch/model';
import type { PermissionPolicy } from '../../../kernel/dispatch/permissionPolicy';
import { reserve } from '../../../kernel/budget/reservation/reservations';
import type { BudgetLevel } from '../../../kernel/budget/reservation/room';
import { isActive } from '../../../kernel/dispatch/machine';
import { createDispatch, recordProcess } from '../../../kernel/dispatch/service';
import { KernelError, problemOf } from '../../../kernel/errors/errors';
import type { DispatchId } from '../../../kernel/ids';
import { leaveQueue } from '../../../kernel/queue/service';
import { addAgent, linkAgent } from '../../../kernel/tracking/service';
import { isEnforced, budgetRequestOf } from '../end/budgets';
import { accountOf } from '../context/accounts';
import { graceMsOf, logLimitOf, type DispatcherDeps } from '../context/deps';
import { environmentSource } from '../context/environment';
import { processFactsOf, type FoundProcess } from '../context/processFacts';
import type { LiveDispatch } from '../follow/follower';
import type { DispatchKernel } from '../../record/dispatchKernel';
import type { DispatchRequest } from '../context/dispatchRequest';
import { prepare, type Preparation } from './request';
import { policyOf, sessionHostOf, sessionRequestOf } from './sessionStart';
import { storeUnlessEnded } from '../end/settlement';

export interface Start {
  readonly kernel: DispatchKernel;
  readonly id: DispatchId;
  readonly kind: AgentKind;
  readonly request: DispatchRequest;
  /** Its id in the queue, which it leaves in the transaction that records it. */
  readonly isQueued: boolean;
  /** The permission policy that a person chose in this start. */
  readonly chosen?: PermissionPolicy | undefined;
}

/** Starts the agent of a new dispatch. The errors are those of `Dispatcher.start`. */
export async function startAgent(
  deps: DispatcherDeps,
  start: Start,
): Promise<{ dispatch: Dispatch; live: LiveDispatch }> {
  const { kernel, id, kind, request } = start;
  const prepared = await recordAdmitted(deps, start);
  const { argv, cwd, env, stdinFile, files, mcpServer } = prepared;
  const graceMs = graceMsOf(deps);
  const timeLimitMs = request.timeLimitSec === undefined ? null : request.timeLimitSec * 1000;
  const order = { argv, cwd, env, stdinFile, timeLimitMs, graceMs, logLimitBytes: logLimitOf(deps) };
  const isSession = runsInSession(kind);
  const policy = isSession ? policyOf(deps, kernel, request, start.chosen) : undefined;
  let launched: Launched;
  try {
    const project = kernel.folder;
    const session = policy && sessionRequestOf(deps, kind, request, { project, cwd, mcpServer, policy });
    launched = session
      ? await launch(deps.canRun, sessionHostOf(deps), { ...order, ...session }, files)
      : await launch(deps.canRun, deps.launcherPath, order, files);
  } catch (error) {
    // A launcher that was ended on request may not have written a record yet.
    const cancel = proven(await readCancel(files));
    const why: Pick<DispatchEnding, 'status' | 'errorMessage'> =
      cancel === undefined
        ? { status: 'failed', errorMessage: problemOf(error) }
        : { status: 'cancelled', errorMessage: cancel.reason };
    await storeUnlessEnded(kernel, id, { ...why, neverStarted: true });
    throw error;
  }
  const { launcher, gone } = launched;
  const byDefault = deps.isDefault?.(kernel.folder, kind.name);
  const dispatch = await recordRunning(deps, kernel, id, files, {
    launcher,
    argv: [...argv],
    cwd,
    account: await accountOf(deps, kind),
    permissions: policy ?? null,
    ...(byDefault === undefined ? {} : { byDefault: byDefault ? 1 : 0 }),
  });
  const timeLimitSec = request.timeLimitSec ?? null;
  // The clock of a session stands while its agent waits for a person, which only its host knows.
  const remainingMs = isSession ? null : timeLimitMs;
  return { dispatch, live: { kernel, id, kind, files, launcher, gone, timeLimitSec, remainingMs } };
}

/**
 * Records that the process runs, as another program that found it may have done already. A process that cannot be
 * recorded is ended, unless another program leads now.
 */
export async function recordRunning(
  deps: Pick<DispatcherDeps, 'graceMs'>,
  kernel: DispatchKernel,
  id: DispatchId,
  files: DispatchFiles,
  found: FoundProcess,
): Promise<Dispatch> {
  try {
    const dispatch = await kernel.write((u) => recordProcess(u, id, processFactsOf(files, found)));
    // It was ended in the record meanwhile, by a program that had found the process.
    if (!isActive(dispatch.status)) await endAgentProcesses(files, graceMsOf(deps));
    return dispatch;
  } catch (error) {
    // The next leader adopts it, or has done so already.
    if (!KernelError.is(error, 'LEAD_LOST')) await endAgentProcesses(files, graceMsOf(deps));
    throw error;
  }
}

async function recordAdmitted(deps: DispatcherDeps, start: Start): Promise<Preparation> {
  const { runId } = start.request;
  const admission = runId === undefined ? undefined : await deps.admit?.(start.kernel, runId);
  try {
    return await record(deps, start, admission?.budgets ?? []);
  } finally {
    admission?.dispose();
  }
}

/** Writes the prompt, and in one transaction the dispatch, its reservation, and the run's agent. */
async function record(
  deps: DispatcherDeps,
  { kernel, id, kind, request, isQueued }: Start,
  outer: readonly BudgetLevel[],
): Promise<Preparation> {
  const place = {
    projectFolder: kernel.folder,
    databasePath: kernel.path,
    workFolders: deps.workFolders?.() ?? [],
    storageDir: deps.storageDir,
    icBinDir: deps.icBinDir,
    mcpServer: deps.mcpServer?.(),
    environment: await environmentSource(deps),
  };
  await deps.announceStorage?.(deps.storageDir);
  const prepared = await prepare(id, kind, request, place);
  const row = rowOf(kernel, kind, request, prepared);
  const { runId, agent } = request;
  try {
    await kernel.write((u) => {
      if (isQueued) leaveQueue(u, id);
      // The folder is named by the dispatch's id, and a unit may run twice, so the id is chosen before.
      createDispatch({ ...u, newId: () => id }, row);
      reserve(u, id, budgetRequestOf(u, kind, request), { outer, isEnforced: isEnforced(deps, kernel) });
      if (typeof agent === 'object') linkAgent(u, agent.id, id);
      else if (runId !== undefined && agent !== 'none') addAgent(u, newAgent(runId, id, kind, request));
    });
  } catch (error) {
    // A queued prompt is needed by the next attempt, or by a window that was faster.
    if (!isQueued) await removeDispatchFiles([deps.storageDir], id);
    throw error;
  }
  return prepared;
}

function newAgent(runId: string, dispatchId: DispatchId, kind: AgentKind, { name, agentName = name }: DispatchRequest) {
  return { runId, agentType: kind.name, name: agentName, dispatchId };
}

function rowOf(kernel: DispatchKernel, kind: AgentKind, request: DispatchRequest, prepared: Preparation) {
  const { files, promptHash, sandbox, verdictFile } = prepared;
  return {
    agentType: kind.name,
    projectDir: kernel.folder,
    promptFile: files.prompt,
    promptHash,
    outputFile: request.outputFile ?? files.log,
    verdictFile,
    sandbox,
    name: request.name,
    model: request.model,
    timeoutSec: request.timeLimitSec,
    scopeId: request.runId ?? request.scopeId,
    parentId: request.parentId,
  };
}
