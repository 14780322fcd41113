/** Whether a working tree equals a commit, by a view of our own: no setting of an agent hides a file. */
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { shaOf, type Sha } from '../../../kernel/text/gitNames';
import { ifThere } from '../../files/fileErrors';
import { isGitFailure } from '../git';
import { withBorrowedView } from '../view/borrowedView';
import { gitDirBelow } from './nestedRepositories';
import { splitNul, type OwnView } from '../view/ownView';

export interface TreeComparison {
  /** Files of the commit that are changed or missing in the tree, and folders of it that are repositories. */
  readonly changed: readonly string[];
  /** Files that the commit neither has nor ignores. */
  readonly uncommitted: readonly string[];
  /** Whether there are files that are ignored by the commit's own `.gitignore` files, or by the user's global list. */
  readonly hasIgnored: boolean;
}

/** @throws KernelError `GIT_FAILED` */
export async function compareTree(view: OwnView, tree: string, commit: Sha): Promise<TreeComparison> {
  return joined([await compareFiles(view, tree, commit), await compareNested(view, tree, commit)]);
}

function joined(parts: readonly TreeComparison[]): TreeComparison {
  return {
    changed: parts.flatMap(({ changed }) => changed),
    uncommitted: parts.flatMap(({ uncommitted }) => uncommitted),
    hasIgnored: parts.some(({ hasIgnored }) => hasIgnored),
  };
}

/** The same for the files alone, without nested repositories. @throws as `compareTree` */
export async function compareFiles(view: OwnView, tree: string, commit: Sha): Promise<TreeComparison> {
  const own = view.on(tree);
  // New, so that it has no flags that make git skip files, and no times that git would trust.
  await own.run(['read-tree', '--reset', '--end-of-options', commit]);
  const refresh = ['update-index', '-q', '--really-refresh', '--ignore-submodules'];
  await own.run(refresh, { accepts: 1 });
  const diff = ['diff-files', '--name-only', '-z', '--no-ext-diff', '--no-textconv', '--ignore-submodules=dirty'];
  const changed = splitNul(await own.run(diff));
  const { uncommitted, hasIgnored } = await otherFiles(own, commit);
  return { changed, uncommitted, hasIgnored };
}

/**
 * Repositories in folders of the commit: git never lists what is below a `.git`. A submodule is empty, or equals its
 * linked commit, at any depth.
 * @throws KernelError `GIT_FAILED`
 */
export async function compareNested(view: OwnView, tree: string, commit: Sha): Promise<TreeComparison> {
  const args = ['ls-tree', '-r', '-d', '-z', '--full-tree', '--end-of-options', commit];
  const found: TreeComparison[] = [];
  for (const entry of splitNul(await view.run(args))) {
    const [facts = '', folder = ''] = entry.split('\t', 2);
    const [, kind, id = ''] = facts.split(' ');
    const isSubmodule = kind === 'commit';
    const isFilled = isSubmodule && ((await ifThere(readdir(path.join(tree, folder)))) ?? []).length > 0;
    if (isFilled) found.push(await compareSubmodule(view, tree, folder, shaOf(id)));
    else if ((await ifThere(lstat(path.join(tree, folder, '.git')))) !== undefined)
      found.push({ changed: [`${folder}/.git`], uncommitted: [], hasIgnored: false });
  }
  return joined(found);
}

/** One that cannot be compared counts as changed. */
async function compareSubmodule(
  view: OwnView,
  tree: string,
  folder: string,
  commit: Sha | undefined,
): Promise<TreeComparison> {
  const changed: TreeComparison = { changed: [folder], uncommitted: [], hasIgnored: false };
  const gitDir = await gitDirBelow(tree, folder);
  if (gitDir === undefined || commit === undefined) return changed;
  try {
    const found = await withBorrowedView(view.repository, gitDir, (borrowed) =>
      compareTree(borrowed.view, path.join(tree, folder), commit),
    );
    const below = (name: string): string => `${folder}/${name}`;
    return { ...found, changed: found.changed.map(below), uncommitted: found.uncommitted.map(below) };
  } catch (error) {
    if (isGitFailure(error)) return changed;
    throw error;
  }
}

type Others = Omit<TreeComparison, 'changed'>;

/** Classifies files that are in the tree and not in the commit. A completely ignored folder is not read. */
async function otherFiles(view: OwnView, commit: Sha): Promise<Others> {
  const list = ['ls-files', '--others', '-z'];
  const tops = splitNul(await view.run([...list, '--directory', '--no-empty-directory']));
  if (tops.length === 0) return { uncommitted: [], hasIgnored: false };
  const committed = new Set(
    splitNul(await view.run(['ls-tree', '-r', '-z', '--name-only', '--end-of-options', commit])),
  );
  const unsure = await unignored(view, tops, committed);
  const folders = unsure.filter((name) => name.endsWith('/'));
  const files: string[] = [];
  for (const names of chunks(folders.map((name) => `:(literal)${name}`))) {
    files.push(...splitNul(await view.run([...list, '--', ...names])));
  }
  const uncommitted = [...unsure.filter((name) => !name.endsWith('/')), ...(await unignored(view, files, committed))];
  return { uncommitted, hasIgnored: tops.length > unsure.length || files.length > uncommitted.length };
}

/**
 * Files that are not ignored by a `.gitignore` of the commit, or by the user's list, which is the only one that git
 * reports with an absolute path. Files that decide how git reads others are never ignored.
 */
async function unignored(view: OwnView, names: readonly string[], committed: ReadonlySet<string>): Promise<string[]> {
  const open: string[] = [];
  for (const some of chunks(names)) {
    const args = ['check-ignore', '--no-index', '--verbose', '--non-matching', '--', ...some.map(askable)];
    const lines = (await view.run(args, { accepts: 1 })).split('\n');
    some.forEach((name, index) => {
      if (!isIgnored(name, lines[index] ?? '', committed)) open.push(name);
    });
  }
  return open;
}

/** Git's output is separated by colons, so a name with a colon is not queried. */
function askable(name: string): string {
  return name.includes(':') || name.includes('\n') ? '.' : name;
}

function isIgnored(name: string, answer: string, committed: ReadonlySet<string>): boolean {
  if (askable(name) !== name || path.posix.basename(name) === '.gitattributes') return false;
  const [, source = '', pattern = '!'] = /^((?:[A-Za-z]:)?[^:]+):\d+:([^\t]*)/.exec(answer) ?? [];
  if (source === '' || pattern.startsWith('!')) return false;
  return path.isAbsolute(source) || committed.has(source);
}

/** As many as fit on a command line. */
function* chunks(names: readonly string[]): Generator<readonly string[]> {
  let chunk: string[] = [];
  let length = 0;
  for (const name of names) {
    if (length + name.length > 16_000) {
      yield chunk;
      [chunk, length] = [[], 0];
    }
    chunk.push(name);
    length += name.length + 1;
  }
  if (chunk.length > 0) yield chunk;
}
