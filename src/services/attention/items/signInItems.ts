/** Agents that were not signed in: a person signs in, then the work starts again. */
import { dispatchProcess, findDispatch, notSignedIn } from '../../../kernel/dispatch/service';
import type { Dispatch } from '../../../kernel/dispatch/model';
import { isOfAttempt, listAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import { shortened } from '../../../kernel/text/storableText';
import type { Reader } from '../../../kernel/unit';
import type { ItemDraft } from './item';
import { readable } from './readable';

const MAX_PROBLEM = 300;

/** A dispatch that failed earlier no longer waits for anyone. */
const DAY_SECONDS = 86_400;

/** In place of the item of failed work, where its last agent was not signed in. */
export function inPlaceOf(r: Reader, item: ItemDraft, taskId: string, subtaskId: string | null): ItemDraft {
  const [last] = readable(r, () => listAgentRuns(r, taskId, subtaskId), []);
  const dispatchId = last?.dispatchId ?? null;
  if (dispatchId === null) return item;
  const isUnsigned = readable(r, () => dispatchProcess(r, dispatchId)?.failure === 'signIn', false);
  const dispatch = isUnsigned ? readable(r, () => findDispatch(r, dispatchId), undefined) : undefined;
  if (dispatch === undefined) return item;
  const { place, title, since } = item;
  return { ...signInItem(dispatch), place, title, since, ids: { ...idsOf(dispatch), ...item.ids } };
}

/** Dispatches outside tasks: one for each kind whose last agent was not signed in. */
export function signInItems(r: Reader, nowMs: number): ItemDraft[] {
  const found = readable(r, () => notSignedIn(r, nowMs / 1000 - DAY_SECONDS), []);
  return found.filter(({ id }) => !isOfAttempt(r, id)).map(signInItem);
}

function signInItem(dispatch: Dispatch): ItemDraft {
  const { id: dispatchId, agentType, name, errorMessage, completedAt } = dispatch;
  const [problem = ''] = (errorMessage ?? '').split('\n', 1);
  return {
    kind: 'agentSignInNeeded',
    title: name ?? agentType,
    facts: { agent: agentType, problem: shortened(problem, MAX_PROBLEM) },
    since: completedAt,
    action: 'signInAgent',
    ids: idsOf(dispatch),
    place: { kind: 'dispatch', dispatchId },
  };
}

function idsOf({ id, agentType }: Dispatch): NonNullable<ItemDraft['ids']> {
  return { dispatchId: id, agentKind: agentType };
}
