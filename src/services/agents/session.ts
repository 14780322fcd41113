/**
 * The session of an agent that its next attempt continues. Its id is foreign: it comes from the agent's output or from
 * a record. Only a UUID, the format of today's programs, is passed as an argument.
 */
import * as z from 'zod';

export const sessionId = z.uuid().brand('SessionId');
export type SessionId = z.infer<typeof sessionId>;

export function sessionOf(text: string | null | undefined): SessionId | undefined {
  return sessionId.safeParse(text).data;
}
