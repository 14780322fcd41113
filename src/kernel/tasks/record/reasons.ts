/**
 * Reasons of states of tasks, subtasks and attempts: texts of git, checks and agents, made storable where they are
 * stored.
 */
import { storableText, type StorableText } from '../../text/storableText';

/** Longer than any text of a subtask; callers have lower limits of their own. */
const MOST_TEXT = 1_000_000;

export function storableReason(reason: string): StorableText;
export function storableReason(reason: string | null): StorableText | null;
export function storableReason(reason: string | null): StorableText | null {
  return reason === null ? null : storableText(reason, MOST_TEXT);
}
