/**
 * Ignored files of the user's clone that a new worktree also gets: those named by a setting and by `.worktreeinclude`,
 * a file in `.gitignore` syntax. Git itself reads the patterns.
 */
import path from 'node:path';
import type { Git } from '../../../host/git/git';
import { DATABASE_FOLDER } from '../../../host/files/paths';
import { readSmallFile } from '../../../host/files/smallFile';
import type { GitFolder } from '../../../host/trusted/ownTrees';

export const INCLUDE_FILE = '.worktreeinclude';

const LIST = ['ls-files', '--others', '--ignored', '--directory', '-z'] as const;

/**
 * Paths relative to the clone; a completely ignored folder ends with a slash. Never the record, tracked files, or
 * untracked files that are not ignored.
 * @throws KernelError `GIT_FAILED`
 */
export async function includedFiles(git: Git, clone: GitFolder, patterns: readonly string[]): Promise<string[]> {
  const file = path.join(clone, INCLUDE_FILE);
  const hasFile = (await readSmallFile(file)) !== undefined;
  if (!hasFile && patterns.length === 0) return [];
  const chosen = [...(hasFile ? [`--exclude-from=${file}`] : []), ...patterns.map((pattern) => `--exclude=${pattern}`)];
  const [wanted, ignored] = await Promise.all([list(git, clone, chosen), list(git, clone, ['--exclude-standard'])]);
  // Git lists a folder instead of its files if all of them match, so each list may contain the other's folder.
  const both = [...within(wanted, ignored), ...within(ignored, wanted)];
  const folders = [...new Set(both)].sort();
  return folders.filter((entry) => !isOfRecord(entry) && !folders.some((other) => isBelow(other, entry)));
}

async function list(git: Git, clone: GitFolder, chosen: readonly string[]): Promise<string[]> {
  const printed = await git.run(clone, [...LIST, ...chosen, '--'], { isExact: true });
  return printed.split('\0').filter((entry) => entry !== '');
}

/** The entries that the other list also contains, directly or through a parent folder. */
function within(entries: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  const folders = others.filter((other) => other.endsWith('/'));
  return entries.filter((entry) => known.has(entry) || folders.some((folder) => isBelow(folder, entry)));
}

function isBelow(folder: string, entry: string): boolean {
  return folder.endsWith('/') && entry !== folder && entry.startsWith(folder);
}

function isOfRecord(entry: string): boolean {
  return entry.split('/').includes(DATABASE_FOLDER);
}
