/**
 * Work that a limit, an overload or the network broke off continues in the session of the agent, where its program can
 * (`docs/design/failures.md#classes`). Where the session is gone, the next attempt starts without it.
 */
import { dispatchProcess, findDispatch } from '../../../kernel/dispatch/service';
import { findStageFailure, type StageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import { placeholdersIn, type AgentKind } from '../../../contract/agentKinds';
import { sessionOf, type SessionId } from '../../agents/session';
import type { DispatchRequest } from '../../dispatch/dispatcher';
import type { TaskDeps } from '../deps';

type Agents = 'agent' | 'planAgent';

interface Resumed {
  readonly session: SessionId;
  readonly failure: StageFailure;
}

/** The request as it is, or one that continues the session of the attempt that was withdrawn. */
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

/** Undefined where the session is not known, or the next attempt is of another program or in another folder. */
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
    const session = sessionOf(process?.sessionId);
    return session === undefined || process?.cwd !== cwd ? undefined : { session, failure };
  });
}

function takesSession({ args }: AgentKind): boolean {
  return args.flatMap(placeholdersIn).includes('session');
}

function continuePrompt(reason: string): string {
  return [
    '# Continue',
    '',
    `Your work was interrupted and not by anything you did: ${reason}`,
    '',
    'It can continue now. The folder is as you left it. Check what is done, then finish the task as you were asked to.',
    'The instructions you were given before still hold.',
    '',
  ].join('\n');
}
