/** Names of branches and folders, derived from titles (`docs/design/tasks.md#names`). Pure. */
import { refName, type RefName } from '../text/gitNames';
import { startOf } from '../text/storableText';

const MAX_SLUG_LENGTH = 50;
/** The slug of a title without usable letters. */
const NAMELESS = 'task';

/**
 * A title as lowercase ASCII words joined by hyphens: at most 50 characters, cut between words if possible, never
 * empty, and always valid at the start and end of a branch name.
 */
export function slug(title: string): string {
  const words = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{Mark}/gu, '')
    .replace(/[\s_-]+/g, '-')
    .replace(/[^a-z0-9-]/g, '')
    .replace(/-+/g, '-')
    .replace(/^-|-$/g, '');
  return cut(words) || NAMELESS;
}

function cut(words: string): string {
  if (words.length <= MAX_SLUG_LENGTH) return words;
  const start = startOf(words, MAX_SLUG_LENGTH);
  const boundary = words[MAX_SLUG_LENGTH] === '-' ? MAX_SLUG_LENGTH : start.lastIndexOf('-');
  return boundary > 0 ? start.slice(0, boundary) : start;
}

/**
 * `<id>-<slug>`. A taken name gets no number: anything with the id of a subtask was created for it, perhaps by a window
 * that was killed before it could record it.
 */
export function branchName(id: string, title: string): RefName {
  return refName.parse(`${slug(id)}-${slug(title)}`);
}
