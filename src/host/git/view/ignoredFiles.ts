/** Ignored files to keep, by the user's choice: settings and secrets of a checkout, such as `.env`. */
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { ifThere } from '../../files/fileErrors';
import { readSmallFile } from '../../files/smallFile';
import type { IgnoredChoice } from '../git';
import { splitNul } from './ownView';

/** The default setting. */
export const DEFAULT_IGNORED: IgnoredChoice = { patterns: ['.env', '.env.*'], maxBytes: 1024 * 1024 };

/** Whether a path in a tree is chosen. */
export function isWantedBy(choice: IgnoredChoice | undefined): (name: string) => boolean {
  if (choice === undefined || choice.maxBytes === 0 || choice.patterns.length === 0) return () => false;
  const tests = choice.patterns.map((pattern) => ({
    isPath: pattern.includes('/'),
    parts: pattern.replace(/^\.?\//, '').split('*'),
  }));
  return (name) =>
    tests.some(({ isPath, parts }) => suits(isPath ? name : name.slice(name.lastIndexOf('/') + 1), parts));
}

/** Whether a text consists of the parts in order, the first at its start and the last at its end. */
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

/** Runs git in the tree with the files. */
export type TreeGit = (args: readonly string[], accepts?: number) => Promise<string>;

/**
 * The candidates that git ignores, except in whole ignored folders, such as dependencies; the smallest first, up to the
 * limit. A file that is equal in `other`, the tree that stays, is omitted.
 */
export async function ignoredFiles(
  run: TreeGit,
  tree: string,
  candidates: readonly string[],
  choice: IgnoredChoice | undefined,
  other?: string,
): Promise<string[]> {
  if (choice === undefined || candidates.length === 0) return [];
  const list = ['ls-files', '--others', '--ignored', '--exclude-standard', '-z'];
  const literal = candidates.map((name) => `:(literal)${name}`);
  const ignored = new Set(splitNul(await run([...list, '--', ...literal])));
  const found = candidates.filter((name) => ignored.has(name));
  const folders = [...new Set(found.map((name) => path.posix.dirname(name)))].filter((folder) => folder !== '.');
  const answer = folders.length === 0 ? '' : await run(['check-ignore', '--', ...folders], 1);
  const closed = new Set(answer.split('\n'));
  const open = found.filter((name) => !closed.has(path.posix.dirname(name)));
  const sized = await Promise.all(open.map(async (name) => ({ name, size: await sizeOf(path.join(tree, name)) })));
  let left = choice.maxBytes;
  const fitting = sized.sort((a, b) => a.size - b.size).filter(({ size }) => (left -= size) >= 0);
  const own: string[] = [];
  for (const { name } of fitting) if (other === undefined || !(await areSame(tree, other, name))) own.push(name);
  return own.sort();
}

/**
 * Excludes repositories below a tree from `git add`: the outermost of them, except ignored ones, since git rejects
 * others.
 */
export async function leavingOut(run: TreeGit, repositories: readonly string[]): Promise<string[]> {
  const outermost = repositories.filter((name) => !repositories.some((other) => name.startsWith(`${other}/`)));
  if (outermost.length === 0) return [];
  const list = ['ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '-z'];
  const ignored = splitNul(await run(list)).filter((name) => name.endsWith('/'));
  const seen = outermost.filter((name) => !ignored.some((folder) => `${name}/`.startsWith(folder)));
  return seen.map((name) => `:(exclude,literal)${name}`);
}

async function sizeOf(file: string): Promise<number> {
  return (await ifThere(lstat(file)))?.size ?? Infinity;
}

async function areSame(tree: string, other: string, name: string): Promise<boolean> {
  const [here, there] = await Promise.all([tree, other].map((folder) => readSmallFile(path.join(folder, name))));
  return here !== undefined && here === there;
}
