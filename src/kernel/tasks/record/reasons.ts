/** Why a task, a subtask or an attempt is as it is: texts of git, checks and agents, made storable where they are stored. */
import { storableText, type StorableText } from '../../text/storableText';

/** Longer than any text of a subtask, which callers keep below their own limits. */
const MOST_TEXT = 1_000_000;

export function storableReason(reason: string): StorableText;
export function storableReason(reason: string | null): StorableText | null;
export function storableReason(reason: string | null): StorableText | null {
  return reason === null ? null : storableText(reason, MOST_TEXT);
}
