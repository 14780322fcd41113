/**
 * The session of an agent that its next attempt continues. Its id is foreign: the agent printed it, or a record came with
 * it. Only a UUID, which today's programs use, ever becomes an argument.
 */
import * as z from 'zod';

export const sessionId = z.uuid().brand('SessionId');
export type SessionId = z.infer<typeof sessionId>;

export function sessionOf(text: string | null | undefined): SessionId | undefined {
  return sessionId.safeParse(text).data;
}
