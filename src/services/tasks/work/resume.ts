/**
 * Continues work that a limit, an overload or the network interrupted in the session of the agent, where its program
 * supports that (`docs/design/failures.md#classes`). If the session is gone, the next attempt starts without it.
 */
import { dispatchProcess, findDispatch } from '../../../kernel/dispatch/service';
import { listAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import { findStageFailure, type StageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import { placeholdersIn, runsInSession, type AgentKind } from '../../../contract/agentKinds';
import { sessionFor } from '../../agents/session';
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
  return { ...request, session: found.session, prompt: continuePrompt(found.failure.reason) };
}

/**
 * The session of the last planner of a task, where its kind has sessions, so that it changes its own plan; undefined
 * where a planner has to start again.
 */
export function plannerSession(
  { kernel, dispatcher }: Pick<TaskDeps, 'kernel' | 'dispatcher'>,
  taskId: string,
  { kind: name, cwd }: DispatchRequest,
): string | undefined {
  const kind = dispatcher.kinds().find((each) => each.name === name);
  if (kind === undefined || !runsInSession(kind)) return undefined;
  return kernel.read((r) => {
    const [last] = listAgentRuns(r, taskId, null).flatMap(({ dispatchId }) => dispatchId ?? []);
    const dispatch = last === undefined ? undefined : findDispatch(r, last);
    if (dispatch?.agentType !== name) return undefined;
    const process = dispatchProcess(r, dispatch.id);
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
