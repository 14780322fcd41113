/**
 * The session of an agent that its next attempt continues. Its id is foreign: it comes from the agent's output or from
 * a record.
 */
import * as z from 'zod';
import { runsInSession, type AgentKind } from '../../contract/agentKinds';
import type { Dispatch } from '../../kernel/dispatch/model';
import { dispatchProcess } from '../../kernel/dispatch/service';
import type { Reader } from '../../kernel/unit';
import { storableText } from '../../kernel/text/storableText';

/** Passed as an argument: only a UUID, the format of today's programs. */
export const sessionId = z.uuid().brand('SessionId');
export type SessionId = z.infer<typeof sessionId>;

const MOST_LENGTH = 200;

/**
 * Sent inside of messages, never as an argument: in the Agent Client Protocol it is any text that the agent chose.
 */
export const messageSessionId = z
  .string()
  .min(1)
  .max(MOST_LENGTH)
  .refine((text) => storableText(text, MOST_LENGTH) === text && !/\p{Cc}/u.test(text), 'it has control characters');

/** Whether the record names a session of the dispatch that another dispatch can continue. */
export function hasContinuableSession(
  r: Reader,
  { id, agentType }: Pick<Dispatch, 'id' | 'agentType'>,
  isSessionKind: (kind: string) => boolean,
): boolean {
  return isSessionKind(agentType) && messageSessionId.safeParse(dispatchProcess(r, id)?.sessionId).success;
}

export function sessionOf(text: string | null | undefined): SessionId | undefined {
  return sessionId.safeParse(text).data;
}

/** The session that an agent of this kind can continue; undefined for an id of another form. */
export function sessionFor(kind: Pick<AgentKind, 'protocol'>, text: string | null | undefined): string | undefined {
  return runsInSession(kind) ? messageSessionId.safeParse(text).data : sessionOf(text);
}
