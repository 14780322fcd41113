/** Names and seals of a session's files. Shared with the session host, so it imports nothing but Node. */
import type { SessionCommand } from '../../../contract/sessions';
import { sealed } from '../../launcher/seal';

/** Kinds of sealed content, so that one is not used as another. */
export const STATE = 'session';
export const COMMAND = 'command';
export const DECISION = 'decision';

/** With the diffs of open requests. */
export const MAX_STATE_BYTES = 8 * 1024 * 1024;

export const seal = (secret: string, kind: string, content: unknown): string => sealed(secret, kind, content);

/** There is one file for each answer, so that the first one is taken, and one of its own for every other command. */
export function commandName(command: SessionCommand, unique: string): string {
  return command.kind === 'answer' ? `answer-${command.number}.json` : `${command.kind}-${unique}.json`;
}
