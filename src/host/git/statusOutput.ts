/**
 * Parsers of git's output about changed files: `status --porcelain=v2 -z` and `diff --name-status -z`. Nothing is
 * quoted in this output, so a name may hold any character but NUL. Bytes that are not UTF-8 come as U+FFFD.
 */
import type { FileChange } from '../../contract/results/tasks';

/** Options of `git status` for `parseStatus`. */
export const STATUS_FLAGS = ['--porcelain=v2', '-z'] as const;

export interface StatusEntry {
  readonly kind: 'changed' | 'renamed' | 'unmerged' | 'untracked' | 'ignored';
  /** Relative to the top of the working tree; the new name of a renamed or copied file. A folder ends in a slash. */
  readonly path: string;
  /** The earlier name of a renamed file, or the file that was copied. */
  readonly previous?: string;
  /** For a tracked file: git's letters for its changes in the index and in the working tree; `.` for none. */
  readonly index: string;
  readonly worktree: string;
  /** Changes in a submodule; undefined for every other file. */
  readonly submodule: SubmoduleChanges | undefined;
}

export interface SubmoduleChanges {
  /** Another commit is checked out than the one that is recorded. */
  readonly isMoved: boolean;
  readonly hasChanges: boolean;
  readonly hasUntracked: boolean;
}

/** The number of fields before the path, by the first letter of an entry. */
const FIELDS: Readonly<Record<string, number>> = { '1': 8, '2': 9, u: 10, '?': 1, '!': 1 };
const KINDS: Readonly<Record<string, StatusEntry['kind']>> = {
  '1': 'changed',
  '2': 'renamed',
  u: 'unmerged',
  '?': 'untracked',
  '!': 'ignored',
};

/** Headers, and entries of later versions of git, are skipped. */
export function parseStatus(text: string): StatusEntry[] {
  const records = text.split('\0');
  const entries: StatusEntry[] = [];
  for (let index = 0; index < records.length; index += 1) {
    const record = records[index] ?? '';
    const letter = record.charAt(0);
    const kind = KINDS[letter];
    if (kind === undefined || record.charAt(1) !== ' ') continue;
    const fields = firstFields(record, FIELDS[letter] ?? 1);
    const [, states = '..', submodule = 'N...'] = fields.values;
    const isTracked = kind !== 'untracked' && kind !== 'ignored';
    const entry: StatusEntry = {
      kind,
      path: fields.rest,
      index: isTracked ? states.charAt(0) : '.',
      worktree: isTracked ? states.charAt(1) : '.',
      submodule: isTracked ? submoduleOf(submodule) : undefined,
    };
    if (kind !== 'renamed') entries.push(entry);
    else entries.push({ ...entry, previous: records[(index += 1)] ?? '' });
  }
  return entries;
}

/** The fields before a path, which may contain spaces. */
function firstFields(record: string, count: number): { readonly values: readonly string[]; readonly rest: string } {
  const values: string[] = [];
  let start = 0;
  for (let field = 0; field < count; field += 1) {
    const end = record.indexOf(' ', start);
    if (end < 0) break;
    values.push(record.slice(start, end));
    start = end + 1;
  }
  return { values, rest: record.slice(start) };
}

/** `N...`, or `S` with a letter for each kind of change and a dot for none. */
function submoduleOf(field: string): SubmoduleChanges | undefined {
  if (!field.startsWith('S')) return undefined;
  return {
    isMoved: field.charAt(1) === 'C',
    hasChanges: field.charAt(2) === 'M',
    hasUntracked: field.charAt(3) === 'U',
  };
}

/** The output of `git diff --name-status -z`: a letter, then one path, or two where a file was renamed or copied. */
export function parseNameStatus(text: string): FileChange[] {
  const fields = text.split('\0').filter(Boolean);
  const changes: FileChange[] = [];
  while (fields.length > 0) {
    const status = fields.shift() ?? '';
    const file = fields.shift() ?? '';
    if (/^[RC]/.test(status)) changes.push({ before: file, after: fields.shift() ?? file });
    else if (status === 'A') changes.push({ before: null, after: file });
    else if (status === 'D') changes.push({ before: file, after: null });
    else changes.push({ before: file, after: file });
  }
  return changes;
}
