/**
 * What of a working tree exists nowhere else, so that it would be lost with it: the one answer for every removal, for
 * snapshots, and for freeing a clone. Repositories below the tree are read by a borrowed view alone.
 */
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { Loss, Operation } from '../../contract/treeLoss';
import { problemOf } from '../../kernel/errors';
import type { Sha } from '../../kernel/gitNames';
import { ifThere } from '../fileErrors';
import type { GitFolder } from '../trusted/ownTrees';
import { withBorrowedView, type BorrowedView, type References } from './borrowedView';
import { compareFiles } from './exactTree';
import { ignoredFiles, isWantedBy, type IgnoredChoice, type TreeGit } from './ignoredFiles';
import { moduleStores, searchTree, type ModuleStore, type NestedRepository } from './nestedRepositories';
import { splitNul, type OwnView } from './ownView';
import type { Repository } from './repository';

export interface TreeLoss {
  readonly losses: readonly Loss[];
  /** Git's own files of the tree. */
  readonly gitDir: string;
  /** Every repository below the tree. */
  readonly found: readonly NestedRepository[];
  /** Those with something that is nowhere else, and those around them; outer ones first. */
  readonly repositories: readonly NestedRepository[];
  /** Git's own files of submodules that are not in the tree and have something that is nowhere else. */
  readonly stores: readonly ModuleStore[];
  /** Ignored files that are worth keeping, relative to the tree. */
  readonly ignored: readonly string[];
}

export interface LossQuestion {
  /** Which ignored files count; none where left out. */
  readonly ignored?: IgnoredChoice | undefined;
  /** The whole clone goes: its branches and stashes, too. */
  readonly isClone?: boolean;
  /** A folder that stays. */
  readonly besides?: string;
}

const NAMED = 10;

/** @throws KernelError `GIT_FAILED` where the tree itself cannot be read */
export async function lossOf(repository: Repository, tree: GitFolder, question: LossQuestion = {}): Promise<TreeLoss> {
  const { git } = repository;
  const { besides } = question;
  const gitDir = await git.run(tree, 'find its own files', ['rev-parse', '--absolute-git-dir']);
  const { repositories: found, files } = await searchTree(tree, gitDir, isWantedBy(question.ignored));
  const wanted = files.filter((name) => besides === undefined || !name.startsWith(`${besides}/`));
  const losses = await ownLosses(repository, tree, gitDir, question);
  const candidates = wanted.filter((name) => outerOf(name, found) === undefined);
  const run: TreeGit = (operation, args, accepts) =>
    git.run(tree, operation, args, accepts === undefined ? {} : { accepts });
  const other = question.isClone === true ? undefined : repository.folder;
  const ignored = await ignoredFiles(run, tree, candidates, question.ignored, other);
  if (ignored.length > 0) losses.push({ kind: 'ignored', path: '', files: ignored });
  const visible = found.length === 0 ? new Set<string>() : await visibleRepositories(repository, tree);
  const lossy = new Set<string>();
  for (const nested of found) {
    const inner = wanted.filter((name) => outerOf(name, found) === nested);
    const about = { host: repository, tree, nested, isVisible: visible.has(nested.path), inner, question };
    const { losses: below, ignored: more } = await nestedLosses(about);
    losses.push(...below);
    ignored.push(...more);
    if (below.length > 0) lossy.add(nested.path);
  }
  const repositories = found.filter((one) =>
    [...lossy].some((place) => place === one.path || place.startsWith(`${one.path}/`)),
  );
  const absent = await absentLosses(repository, gitDir, found);
  const { stores } = absent;
  losses.push(...absent.losses);
  return { losses, gitDir, found, repositories, stores, ignored };
}

/** What only git's own files of a tree have, whose folder may be gone: of submodules that are not in it. */
export async function absentLosses(
  repository: Repository,
  gitDir: string,
  found: readonly NestedRepository[] = [],
): Promise<Pick<TreeLoss, 'losses' | 'stores'>> {
  const losses: Loss[] = [];
  const stores: ModuleStore[] = [];
  for (const store of await moduleStores(gitDir)) {
    if (found.some((one) => one.gitDir === store.gitDir)) continue;
    const below = await storeLosses(repository, store);
    losses.push(...below);
    if (below.length > 0) stores.push(store);
  }
  return { losses, stores };
}

/** The innermost repository below the tree that a file is in. */
function outerOf(name: string, found: readonly NestedRepository[]): NestedRepository | undefined {
  return found.findLast((one) => name.startsWith(`${one.path}/`));
}

/** What of the tree itself, without what is below it. */
async function ownLosses(
  repository: Repository,
  tree: GitFolder,
  own: string,
  question: LossQuestion,
): Promise<Loss[]> {
  const { git } = repository;
  const losses: Loss[] = [];
  const files = await repository.uncommitted(tree, question.besides);
  if (files.length > 0) losses.push({ kind: 'changes', path: '', files });
  const head = await git.ask(tree, ['rev-parse', '--verify', '--quiet', 'HEAD']);
  const branch = await git.ask(tree, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  if (head !== undefined && branch === undefined && !(await isKept(repository, head, question)))
    losses.push({ kind: 'detached', path: '', commit: head });
  const operation = await operationIn(own);
  if (operation !== undefined) losses.push({ kind: 'operation', path: '', operation });
  if (question.isClone !== true) return losses;
  const branches = await repository.unpushedRefs();
  const count = branches.includes('stash') ? 1 : 0;
  if (branches.length > count)
    losses.push({ kind: 'commits', path: '', branches: branches.filter((b) => b !== 'stash') });
  if (count > 0) losses.push({ kind: 'stashes', path: '', count: await stashCount(repository) });
  return losses;
}

/** Whether a commit is on a branch or tag that stays. */
async function isKept({ git, folder }: Repository, commit: string, { isClone }: LossQuestion): Promise<boolean> {
  const refs = isClone === true ? ['refs/remotes'] : ['refs/heads', 'refs/remotes', 'refs/tags'];
  const args = ['for-each-ref', '--count=1', '--contains', commit, '--end-of-options', ...refs];
  return (await git.run(folder, 'look for a commit', args)) !== '';
}

/** A stash is an entry of the log of one reference. */
async function stashCount(repository: Repository): Promise<number> {
  const { git, folder } = repository;
  if ((await repository.commitOf('refs/stash')) === undefined) return 0;
  const args = ['rev-list', '--walk-reflogs', '--end-of-options', 'refs/stash'];
  const listed = await git.run(folder, 'list stashes', args);
  return listed.split('\n').filter(Boolean).length;
}

const OPERATIONS: readonly (readonly [string, Operation])[] = [
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['BISECT_LOG', 'bisect'],
];

async function operationIn(own: string): Promise<Operation | undefined> {
  for (const [name, operation] of OPERATIONS) {
    if ((await ifThere(lstat(path.join(own, name)))) !== undefined) return operation;
  }
  return undefined;
}

/** Folders that git neither ignores nor looks into: repositories among the files of the tree. */
async function visibleRepositories({ git }: Repository, tree: GitFolder): Promise<ReadonlySet<string>> {
  const args = ['ls-files', '--others', '--exclude-standard', '-z'];
  const names = splitNul(await git.run(tree, 'list new files', args));
  return new Set(names.flatMap((name) => (name.endsWith('/') ? [name.slice(0, -1)] : [])));
}

interface Nested {
  readonly host: Repository;
  readonly tree: string;
  readonly nested: NestedRepository;
  /** It is new and not ignored: kept like a new file, wherever else it may be. */
  readonly isVisible: boolean;
  /** Its files that may be ignored and worth keeping, relative to the tree. */
  readonly inner: readonly string[];
  readonly question: LossQuestion;
}

async function nestedLosses(
  about: Nested,
): Promise<{ readonly losses: readonly Loss[]; readonly ignored: readonly string[] }> {
  const { host, tree, nested, isVisible, inner, question } = about;
  const { path: place, gitDir } = nested;
  const folder = path.join(tree, place);
  const unreadable = (problem: string): Loss => ({ kind: 'unreadable', path: place, problem });
  if (gitDir === undefined) return { losses: [unreadable('its .git leads to files that are elsewhere')], ignored: [] };
  try {
    return await withBorrowedView(host, gitDir, async (borrowed) => {
      const losses = await historyLosses(borrowed, place);
      const { head } = borrowed.references;
      if (head !== undefined) {
        const { changed, uncommitted } = await compareFiles(borrowed.view, folder, head);
        const files = [...changed, ...uncommitted];
        if (files.length > 0) losses.push({ kind: 'changes', path: place, files: files.slice(0, NAMED) });
      }
      const run: TreeGit = (operation, args, accepts) =>
        borrowed.view.on(folder).run(operation, args, accepts === undefined ? {} : { accepts });
      const names = inner.map((name) => name.slice(place.length + 1));
      const ignored = await ignoredFiles(run, folder, names, question.ignored);
      if (ignored.length > 0) losses.push({ kind: 'ignored', path: place, files: ignored });
      const operation = await operationIn(gitDir);
      if (operation !== undefined) losses.push({ kind: 'operation', path: place, operation });
      if (isVisible || !hasRemote(borrowed.references))
        losses.unshift({ kind: 'repository', path: place, hasCommits: borrowed.references.named.size > 0 });
      return { losses, ignored: ignored.map((name) => `${place}/${name}`) };
    });
  } catch (error) {
    return { losses: [unreadable(problemOf(error))], ignored: [] };
  }
}

/** Of a submodule that is not in the tree now. */
async function storeLosses(host: Repository, { name, gitDir }: ModuleStore): Promise<Loss[]> {
  try {
    return await withBorrowedView(host, gitDir, (borrowed) => historyLosses(borrowed, name));
  } catch (error) {
    return [{ kind: 'unreadable', path: name, problem: problemOf(error) }];
  }
}

function hasRemote({ named }: References): boolean {
  return [...named.keys()].some((name) => name.startsWith('refs/remotes/'));
}

/** Commits that no remote branch has, as far as that was fetched or pushed. */
async function historyLosses({ view, references }: BorrowedView, place: string): Promise<Loss[]> {
  const { named, head, branch, stashes } = references;
  const losses: Loss[] = [];
  const heads = [...named].filter(([name]) => name.startsWith('refs/heads/'));
  const unpushed = await onNoRemote(view, [...new Set(heads.map(([, commit]) => commit))]);
  const branches = heads.filter(([, commit]) => unpushed.has(commit)).map(([name]) => name.replace('refs/heads/', ''));
  if (branches.length > 0) losses.push({ kind: 'commits', path: place, branches: branches.slice(0, NAMED) });
  if (head !== undefined && branch === undefined && (await onNoRemote(view, [head])).has(head))
    losses.push({ kind: 'detached', path: place, commit: head });
  if (stashes.length > 0) losses.push({ kind: 'stashes', path: place, count: stashes.length });
  return losses;
}

/** Those commits that no remote branch contains. Of many, all count where one does. */
async function onNoRemote(view: OwnView, commits: readonly Sha[]): Promise<ReadonlySet<Sha>> {
  const ask = async (some: readonly Sha[]): Promise<boolean> => {
    const args = ['rev-list', '--max-count=1', '--not', '--remotes', '--not', '--end-of-options', ...some];
    return some.length > 0 && (await view.run('compare commits', args)) !== '';
  };
  if (commits.length > MANY || !(await ask(commits))) return new Set(commits.length > MANY ? commits : []);
  const unpushed = new Set<Sha>();
  for (const commit of commits) if (await ask([commit])) unpushed.add(commit);
  return unpushed;
}

const MANY = 200;
