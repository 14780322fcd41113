/**
 * Continues work in the session of an earlier attempt, where the agent's program supports that: work that a limit, an
 * overload or the network interrupted (`docs/design/failures.md#classes`), and work that did not succeed. If the session
 * is gone, the next attempt starts without it.
 */
import { dispatchProcess, findDispatch } from '../../../kernel/dispatch/service';
import { listAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import type { AgentRun } from '../../../kernel/tasks/record/model';
import { getTask } from '../../../kernel/tasks/service';
import { findStageFailure, type StageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import { placeholdersIn, runsInSession, type AgentKind } from '../../../contract/agentKinds';
import { sessionFor } from '../../agents/session';
import type { Reader } from '../../../kernel/unit';
import type { DispatchRequest } from '../../dispatch/dispatcher';
import type { TaskDeps } from '../deps';

type Agents = 'agent' | 'planAgent';

interface Resumed {
  readonly session: string;
  readonly failure: StageFailure;
}

/** The request unchanged, or with the session of the withdrawn attempt. */
export function continued(
  deps: Pick<TaskDeps, 'kernel' | 'dispatcher'>,
  stage: Agents,
  subject: string,
  request: DispatchRequest,
): DispatchRequest {
  const found = resumable(deps, stage, subject, request);
  if (found === undefined) return request;
  return inSession(request, found.session, continuePrompt(found.failure.reason));
}

/** Whether the next planner of a task continues the session of the last one, if the settings name the same kind. */
export function hasPlannerSession(r: Reader, kinds: readonly AgentKind[], taskId: string): boolean {
  const dispatchId = listAgentRuns(r, taskId, null)[0]?.dispatchId ?? null;
  const name = dispatchId === null ? undefined : findDispatch(r, dispatchId)?.agentType;
  const kind = kinds.find((each) => each.name === name);
  if (dispatchId === null || kind === undefined || !runsInSession(kind)) return false;
  if (name !== (getTask(r, taskId).plannerKind ?? name)) return false;
  return sessionFor(kind, dispatchProcess(r, dispatchId)?.sessionId) !== undefined;
}

export function isInSession({ dispatcher }: Pick<TaskDeps, 'dispatcher'>, kindName: string): boolean {
  return dispatcher.kinds().some((kind) => kind.name === kindName && runsInSession(kind));
}

/** The request with a short prompt for a session that knows the work. Where it is gone, the prompt of the request counts. */
export function inSession(request: DispatchRequest, session: string, prompt: string): DispatchRequest {
  const newPrompt = typeof request.prompt === 'string' ? { newPrompt: request.prompt } : {};
  return { ...request, session, prompt, ...newPrompt };
}

/**
 * The session of an earlier attempt, where its kind runs in sessions; undefined where the next attempt has to start in a
 * new one.
 */
export function sessionOfAttempt(
  { kernel, dispatcher }: Pick<TaskDeps, 'kernel' | 'dispatcher'>,
  attempt: AgentRun | undefined,
  { kind: name, cwd }: DispatchRequest,
): string | undefined {
  const kind = dispatcher.kinds().find((each) => each.name === name);
  const dispatchId = attempt?.dispatchId ?? null;
  if (dispatchId === null || kind === undefined || !runsInSession(kind)) return undefined;
  return kernel.read((r) => {
    if (findDispatch(r, dispatchId)?.agentType !== name) return undefined;
    const process = dispatchProcess(r, dispatchId);
    return process?.cwd === cwd ? sessionFor(kind, process?.sessionId) : undefined;
  });
}

/** Undefined if the session is unknown, or if the next attempt uses another program or another folder. */
function resumable(
  { kernel, dispatcher }: Pick<TaskDeps, 'kernel' | 'dispatcher'>,
  stage: Agents,
  subject: string,
  { kind: name, cwd }: DispatchRequest,
): Resumed | undefined {
  const kind = dispatcher.kinds().find((each) => each.name === name);
  if (kind === undefined || !takesSession(kind)) return undefined;
  return kernel.read((r) => {
    const failure = findStageFailure(r, stage, subject);
    if (failure === undefined || failure.dispatchId === null) return undefined;
    const dispatch = findDispatch(r, failure.dispatchId);
    if (dispatch?.agentType !== name) return undefined;
    const process = dispatchProcess(r, dispatch.id);
    const session = sessionFor(kind, process?.sessionId);
    return session === undefined || process?.cwd !== cwd ? undefined : { session, failure };
  });
}

function takesSession(kind: AgentKind): boolean {
  return runsInSession(kind) || kind.args.flatMap(placeholdersIn).includes('session');
}

function continuePrompt(reason: string): string {
  return [
    '# Continue',
    '',
    `Your work was interrupted, and not by anything you did: ${reason}`,
    '',
    'Continue now. The folder is as you left it. Check what is done, then finish the task.',
    'Your previous instructions still apply.',
    '',
  ].join('\n');
}
