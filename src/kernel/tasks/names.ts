/** Names of branches and folders that are made of titles (`docs/design/tasks.md#names`). Pure. */
import { refName, type RefName } from '../text/gitNames';
import { startOf } from '../text/storableText';

const MAX_SLUG_LENGTH = 50;
/** What a title without a single usable letter becomes. */
const NAMELESS = 'task';

/**
 * A title as lower-case ASCII words joined by hyphens: at most 50 characters, cut between words where there are any,
 * never empty, never the start or end of what git refuses in a branch name.
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
 * `<id>-<slug>`. No number for a name that is taken: whatever bears the id of a subtask was made for it, perhaps by a
 * window that was killed before it could write that down.
 */
export function branchName(id: string, title: string): RefName {
  return refName.parse(`${slug(id)}-${slug(title)}`);
}
