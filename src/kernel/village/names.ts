/** Names of branches and folders that are made of titles (`spec/village.md` §10). Pure. */

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
  const start = words.slice(0, MAX_SLUG_LENGTH);
  const boundary = words[MAX_SLUG_LENGTH] === '-' ? MAX_SLUG_LENGTH : start.lastIndexOf('-');
  return boundary > 0 ? start.slice(0, boundary) : start;
}

/** `<id>-<slug>`, or with `-2`, `-3` … where the repository has that branch already. */
export function branchName(id: string, title: string, isTaken: (branch: string) => boolean): string {
  const base = `${slug(id)}-${slug(title)}`;
  if (!isTaken(base)) return base;
  for (let number = 2; ; number += 1) {
    const next = `${base}-${number}`;
    if (!isTaken(next)) return next;
  }
}
