/**
 * One attempt of a planner or a worker: a dispatch, and the row that names its owner
 * (`docs/design/tasks.md#a-task-and-its-run`).
 */
import { storedReason } from '../../../kernel/errors/reasons/storedReasons';
import { parserOf } from '../../../contract/agentKinds';
import { findReservation } from '../../../kernel/budget/reservation/reservations';
import { isActive } from '../../../kernel/dispatch/machine';
import type { Dispatch } from '../../../kernel/dispatch/model';
import { dispatchProcess, findDispatch } from '../../../kernel/dispatch/service';
import { isKernelError, problemOf, type ErrorCode } from '../../../kernel/errors/errors';
import type { FailureClass } from '../../../kernel/failure/failureClass';
import { dispatchId as dispatchIdSchema, ID_LENGTH } from '../../../kernel/ids';
import {
  endAgentRun,
  linkAgentRun,
  runningAgentRuns,
  startAgentRun,
  withdrawAgentRun,
} from '../../../kernel/tasks/subtask/agentRuns';
import type { AgentRun } from '../../../kernel/tasks/record/model';
import { redact } from '../../../host/git/redaction';
import { errorClassOf } from '../../../kernel/failure/errorClasses';
import { LogText } from '../../agents/logText';
import type { DispatchRequest } from '../../dispatch/dispatcher';
import type { TaskDeps } from '../deps';
import { tail } from '../logEnd';

export interface AttemptOrder {
  readonly of: { readonly taskId: string } | { readonly subtaskId: string };
  /** `runId` and `timeLimitSec` included. */
  readonly request: DispatchRequest;
}

export type AttemptStart =
  | { readonly kind: 'started'; readonly run: AgentRun }
  /** A limit stands against it; nothing was counted. */
  | { readonly kind: 'noRoom'; readonly limit: ErrorCode }
  /** It could not be started, and trying again would not help. */
  | { readonly kind: 'failed'; readonly run: AgentRun; readonly problem: string };

/** Limits that pass on their own. */
const LIMITS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'TOO_MANY_DISPATCHES',
  'DISPATCH_LIMIT',
  'RUN_BUDGET',
  'PORTFOLIO_BUDGET',
  'ACCOUNT_HELD',
  'ACCOUNT_STOPPED',
]);

/**
 * The reason that a loop ends because its work is no longer wanted: its agent ends too. For any other reason agents
 * continue.
 */
export class Stopped extends Error {}

/**
 * Records the attempt with the id of its dispatch, then starts the dispatch, so that the row shows a crash between the
 * two. @throws KernelError `ACCOUNT_HELD`, `ACCOUNT_STOPPED`; for temporary failures, such as a full disk; if the
 * record cannot be written
 */
export async function startAttempt(deps: TaskDeps, { of, request }: AttemptOrder): Promise<AttemptStart> {
  const { kernel, dispatcher, ports } = deps;
  // A budget may stay exhausted for days; nothing is written for each check.
  if (!dispatcher.hasRoom(kernel, request)) return { kind: 'noRoom', limit: 'RUN_BUDGET' };
  await dispatcher.refuseHeldAccount(request.kind);
  const dispatchId = dispatchIdSchema.parse(ports.ids.newId(ID_LENGTH));
  const run = await kernel.write((u) => linkAgentRun(u, startAgentRun(u, of).id, dispatchId));
  try {
    await dispatcher.start(kernel, request, dispatchId);
    // It may have been ended, or deleted with its task, while the process was starting.
    if (!isRunning(deps, run)) await endAgent(deps, dispatchId);
    return { kind: 'started', run };
  } catch (error) {
    if (!isKernelError(error)) throw error;
    const isLimit = LIMITS.has(error.code);
    if (!isLimit && errorClassOf(error) !== 'passes') return { kind: 'failed', run, problem: error.message };
    await kernel.write((u) => withdrawAgentRun(u, run.id));
    if (!isLimit) throw error;
    return { kind: 'noRoom', limit: error.code };
  }
}

/** How the process of an attempt ended. */
export interface AttemptEnd {
  /** Undefined if the process succeeded; this does not prove the work. */
  readonly problem: string | undefined;
  readonly wasKilled: boolean;
  /** It was ended over its budget, which only a person can raise. */
  readonly isOverBudget: boolean;
  /** Why the agent failed, if it did. */
  readonly failure: { readonly class: FailureClass; readonly resetsAt: number | null } | null;
}

/**
 * Waits until the dispatch of an attempt has ended. Undefined if a crash came before the dispatch: the attempt is
 * undone then. Rejects with the signal's reason.
 */
export async function awaitAttempt(
  deps: TaskDeps,
  run: AgentRun,
  signal: AbortSignal,
): Promise<AttemptEnd | undefined> {
  const { kernel, dispatcher } = deps;
  const id = run.dispatchId;
  const known = id === null ? undefined : kernel.read((r) => findDispatch(r, id));
  if (known === undefined) {
    if (isRunning(deps, run)) await kernel.write((u) => withdrawAgentRun(u, run.id));
    return undefined;
  }
  try {
    const ended = isActive(known.status) ? await dispatcher.wait(kernel, known.id, signal) : known;
    const wasKilled = ended.status === 'cancelled';
    const stoppedBy = kernel.read((r) => findReservation(r, ended.id))?.stoppedBy ?? null;
    const isOverBudget = wasKilled && stoppedBy !== null;
    return { problem: endingOf(ended), wasKilled, isOverBudget, failure: failureOf(deps, ended) };
  } catch (error) {
    if (signal.reason instanceof Stopped) await endAgent(deps, known.id);
    throw error;
  }
}

function failureOf({ kernel }: TaskDeps, { id, status }: Dispatch): AttemptEnd['failure'] {
  const process = status === 'failed' ? kernel.read((r) => dispatchProcess(r, id)) : undefined;
  if (process === undefined || process.failure === null) return null;
  return { class: process.failure, resetsAt: process.failureResetsAt };
}

/** Ends the agent of an attempt and its children, if it is running. A failure is logged. */
export async function endAgent({ kernel, dispatcher, log }: TaskDeps, id: string | null): Promise<void> {
  const dispatch = id === null ? undefined : kernel.read((r) => findDispatch(r, id));
  if (dispatch === undefined || !isActive(dispatch.status)) return;
  await dispatcher.kill(kernel, dispatch.id, storedReason('stopped')).catch((error: unknown) => {
    log.warn('agent not stopped', { dispatch: dispatch.id, problem: problemOf(error) });
  });
}

function isRunning({ kernel }: TaskDeps, { id }: AgentRun): boolean {
  return kernel.read((r) => runningAgentRuns(r)).some((run) => run.id === id);
}

/** Ends an attempt, unless it has already ended or was deleted with its task. */
export async function settleAttempt(
  deps: TaskDeps,
  run: AgentRun,
  ending: Parameters<typeof endAgentRun>[2],
): Promise<void> {
  if (!isRunning(deps, run)) return;
  await deps.kernel.write((u) => {
    if (runningAgentRuns(u).some(({ id }) => id === run.id)) endAgentRun(u, run.id, ending);
  });
}

function endingOf(dispatch: Dispatch): string | undefined {
  if (dispatch.status === 'completed' && (dispatch.exitCode ?? 0) === 0) return undefined;
  if (dispatch.status === 'timeout')
    return storedReason('it took longer than {minutes} minutes', {
      minutes: Math.round((dispatch.timeoutSec ?? 0) / 60),
    });
  return (
    dispatch.errorMessage ??
    (dispatch.exitCode === null ? dispatch.status : storedReason('exit code {code}', { code: dispatch.exitCode }))
  );
}

const TAIL_LINES = 50;

/** The last lines that an attempt printed, as readable text without secrets. */
export async function lastLinesOf(deps: TaskDeps, { dispatchId }: AgentRun): Promise<string> {
  const dispatch = dispatchId === null ? undefined : deps.kernel.read((r) => findDispatch(r, dispatchId));
  if (dispatch === undefined) return '';
  const place = await deps.dispatcher.logLocation(deps.kernel, dispatch.id);
  if (place.kind !== 'own') return '';
  const { file } = place;
  try {
    // The next attempt may be of another kind.
    const text = new LogText(parserOf(deps.dispatcher.kinds(), dispatch.agentType));
    const lines = (await tail(file)).split('\n').flatMap((line) => text.render(line));
    return redact(
      [...lines, ...text.end()]
        .filter((line) => line.trim() !== '')
        .slice(-TAIL_LINES)
        .join('\n'),
    );
  } catch (error) {
    deps.log.warn('log of an attempt not read', { file, problem: problemOf(error) });
    return '';
  }
}
