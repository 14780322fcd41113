/** What *Needs You* needs of a session, without its texts and diffs, which may be large. */
import type { AgentRequest } from '../../../contract/results/tasks';
import type { OpenRequest, SessionState } from '../../../contract/sessions';
import { findDispatchFiles, type DispatchFiles } from '../../../host/launcher/dispatchFiles';
import { currentState } from '../../../host/session/files/sessionFiles';
import type { Dispatch } from '../../../kernel/dispatch/model';
import { activeDispatches } from '../../../kernel/dispatch/service';
import { startOf } from '../../../kernel/text/storableText';
import type { ProjectKernel } from '../../record/projectKernel';
import type { ObservedRequest, ObservedSession } from '../items/agentItems';
import { requestedUse } from './requestWords';

const MAX_QUESTION = 1000;

/** Of a waiting text. */
const MAX_SHOWN_TEXT = 300;

export function observedSession(state: SessionState, folder: string): ObservedSession {
  const { agentName, phase, requests, wantsPause, rulesDigest, waiting, activity, plan } = state;
  const isTalking = requests.length === 0 && (phase === 'starting' || phase === 'running');
  return {
    isTalking,
    requests: requests.map((request) => ({
      number: request.number,
      since: Math.floor(request.askedAtMs / 1000),
      ...itemOf(request, agentName, folder),
    })),
    pause: phase === 'paused' ? 'paused' : wantsPause ? 'wanted' : 'none',
    rulesDigest,
    waiting: waiting.map(({ id, text }) => ({ id, text: startOf(text, MAX_SHOWN_TEXT) })),
    activity: isTalking ? startOf(activity, MAX_SHOWN_TEXT) : '',
    plan,
  };
}

function itemOf(request: OpenRequest, agent: string, folder: string): Omit<ObservedRequest, 'number' | 'since'> {
  if (request.kind === 'question') {
    const question = startOf(request.title, MAX_QUESTION);
    return { kind: 'questionAsked', facts: { agent, question }, action: 'answerQuestion' };
  }
  const { mayAllow, mayDeny, diffs } = request;
  return {
    kind: 'permissionAsked',
    facts: { agent, request: requestedUse(request, folder) },
    action: mayAllow ? 'allowRequest' : 'denyRequest',
    offers: [...(mayDeny ? (['denial'] as const) : []), ...(diffs.length > 0 ? (['diff'] as const) : [])],
  };
}

/** The session of a dispatch now; undefined where it has none. */
export async function observeSession(
  files: DispatchFiles | undefined,
  { projectDir }: Pick<Dispatch, 'projectDir'>,
): Promise<ObservedSession | undefined> {
  const state = files && (await currentState(files));
  return state && observedSession(state, projectDir);
}

/** What the agent of a dispatch asks of a person now; nothing where it has no session. */
export async function requestsOf(storages: readonly string[], { id, projectDir }: Dispatch): Promise<AgentRequest[]> {
  const files = await findDispatchFiles(storages, id);
  const state = files && (await currentState(files));
  return (state?.requests ?? []).map((request) => ({
    dispatchId: id,
    number: request.number,
    kind: request.kind,
    text: request.kind === 'question' ? startOf(request.title, MAX_QUESTION) : requestedUse(request, projectDir),
    fields: request.kind === 'question' ? request.fields : [],
  }));
}

/** The sessions of all active dispatches of a record, by the ids of the dispatches. */
export async function observeSessions(
  storages: readonly string[],
  kernel: ProjectKernel,
): Promise<ReadonlyMap<string, ObservedSession>> {
  const found = new Map<string, ObservedSession>();
  for (const dispatch of kernel.read((r) => activeDispatches(r))) {
    const session = await observeSession(await findDispatchFiles(storages, dispatch.id), dispatch);
    if (session !== undefined) found.set(dispatch.id, session);
  }
  return found;
}
