/** Ignored files that are worth keeping, by the person's choice: settings and secrets of a checkout, such as `.env`. */
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../fileErrors';
import type { GitFolder } from '../trusted/ownTrees';
import type { Git } from './git';
import { splitNul } from './ownView';

export interface IgnoredChoice {
  /** Names of files, with `*` for any part; with a slash: paths from the top of the tree. */
  readonly patterns: readonly string[];
  /** All of them together; 0 for none. */
  readonly maxBytes: number;
}

/** Whether a path in a tree is of the choice. */
export function isWantedBy(choice: IgnoredChoice | undefined): (name: string) => boolean {
  if (choice === undefined || choice.maxBytes === 0 || choice.patterns.length === 0) return () => false;
  const tests = choice.patterns.map((pattern) => ({
    isPath: pattern.includes('/'),
    parts: pattern.replace(/^\.?\//, '').split('*'),
  }));
  return (name) =>
    tests.some(({ isPath, parts }) => suits(isPath ? name : name.slice(name.lastIndexOf('/') + 1), parts));
}

/** Whether a text has the parts in their order, the first at its start and the last at its end. */
function suits(text: string, [first = '', ...rest]: readonly string[]): boolean {
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/**
 * Those of the candidates that git ignores, but not whole folders of them, such as dependencies; the smallest first, up
 * to the limit.
 */
export async function ignoredFiles(
  git: Git,
  tree: GitFolder,
  candidates: readonly string[],
  choice: IgnoredChoice | undefined,
): Promise<string[]> {
  if (choice === undefined || candidates.length === 0) return [];
  const list = ['ls-files', '--others', '--ignored', '--exclude-standard', '-z'];
  const literal = candidates.map((name) => `:(literal)${name}`);
  const ignored = new Set(splitNul(await git.run(tree, 'list ignored files', [...list, '--', ...literal])));
  const found = candidates.filter((name) => ignored.has(name));
  const folders = [...new Set(found.map((name) => path.posix.dirname(name)))].filter((folder) => folder !== '.');
  const closed = new Set(await ignoredFolders(git, tree, folders));
  const open = found.filter((name) => !closed.has(path.posix.dirname(name)));
  const sized = await Promise.all(
    open.map(async (name) => ({ name, size: (await ifThere(lstat(path.join(tree, name))))?.size ?? Infinity })),
  );
  let left = choice.maxBytes;
  return sized
    .sort((a, b) => a.size - b.size)
    .filter(({ size }) => (left -= size) >= 0)
    .map(({ name }) => name)
    .sort();
}

async function ignoredFolders(git: Git, tree: GitFolder, folders: readonly string[]): Promise<string[]> {
  if (folders.length === 0) return [];
  const answer = await git.ask(tree, ['check-ignore', '--', ...folders]);
  return answer?.split('\n') ?? [];
}
