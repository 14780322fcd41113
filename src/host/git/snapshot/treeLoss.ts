/**
 * The content of a working tree that exists nowhere else and would be lost with it: for every removal, for snapshots,
 * and for freeing a clone. Nested repositories are read only by a borrowed view.
 */
import type { Loss } from '../../../contract/treeLoss';
import type { Sha } from '../../../kernel/text/gitNames';
import type { GitFolder } from '../../trusted/ownTrees';
import { isInside } from '../../files/paths';
import { linkedCommit } from '../nested/gitlinks';
import type { IgnoredChoice } from '../git';
import { ignoredFiles, isWantedBy, type TreeGit } from '../view/ignoredFiles';
import { moduleStores, searchTree, type ModuleStore, type NestedRepository } from '../nested/nestedRepositories';
import { nestedLosses, operationIn, storeLosses, type UnpushedCommits, type WantedCommits } from '../nested/nestedLoss';
import { splitNul } from '../view/ownView';
import { askedOperation } from '../branch/referenceFiles';
import type { Repository } from '../repository';
import { repositoryFiles } from '../repositoryFiles';

export interface TreeLoss {
  readonly losses: readonly Loss[];
  /** The git folder of the tree. */
  readonly gitDir: string;
  /** Every repository below the tree. */
  readonly found: readonly NestedRepository[];
  /** Those with content that exists nowhere else, and their outer ones; outer ones first. */
  readonly repositories: readonly NestedRepository[];
  /** Git folders of submodules that are not in the tree and have content that exists nowhere else. */
  readonly stores: readonly ModuleStore[];
  /** Commits that no remote branch has, of each repository below the tree and of each of those stores. */
  readonly unpushed: readonly UnpushedCommits[];
  /** Ignored files to keep, relative to the tree. */
  readonly ignored: readonly string[];
}

export interface LossQuestion {
  /** Which ignored files count; by default none. */
  readonly ignored?: IgnoredChoice | undefined;
  /** The whole clone is removed, with its branches and stashes. */
  readonly isClone?: boolean;
  /** Commits of submodules that count although a remote branch had them: it may no longer have them. */
  readonly keeps?: ReadonlySet<Sha> | undefined;
  /** A folder that stays. */
  readonly besides?: string;
}

/** @throws KernelError `GIT_FAILED` where the tree itself cannot be read */
export async function lossOf(repository: Repository, tree: GitFolder, question: LossQuestion = {}): Promise<TreeLoss> {
  const { git } = repository;
  const { besides } = question;
  const { own: gitDir } = await repositoryFiles(git, tree);
  const { repositories: all, files } = await searchTree(tree, gitDir, isWantedBy(question.ignored));
  const found = await withoutCommitted(repository, tree, all);
  const wanted = files.filter((name) => besides === undefined || !name.startsWith(`${besides}/`));
  const losses = await ownLosses(repository, tree, gitDir, question);
  const candidates = wanted.filter((name) => outerOf(name, found) === undefined);
  const run: TreeGit = (args, accepts) => git.run(tree, args, accepts === undefined ? {} : { accepts });
  const other = question.isClone === true ? undefined : repository.folder;
  const ignored = await ignoredFiles(run, tree, candidates, question.ignored, other);
  if (ignored.length > 0) losses.push({ kind: 'ignored', path: '', files: ignored });
  const visible = found.length === 0 ? [] : await newFiles(repository, tree);
  const absent = (await moduleStores(gitDir)).filter((store) => !found.some((one) => one.gitDir === store.gitDir));
  const isAlone = found.length === 0 && absent.length === 0;
  const links = isAlone ? new Set<Sha>() : await linksOf(repository, tree, 'HEAD');
  const lossy = new Set<string>();
  const unpushed: UnpushedCommits[] = [];
  for (const nested of found) {
    const inner = wanted.filter((name) => outerOf(name, found) === nested);
    const isVisible = visible.some((name) => name.startsWith(`${nested.path}/`));
    const about = { host: repository, tree, nested, isVisible, inner, links, keeps: question.keeps };
    const below = await nestedLosses({ ...about, ignored: question.ignored });
    losses.push(...below.losses);
    ignored.push(...below.ignored);
    if (below.unpushed !== undefined) unpushed.push(below.unpushed);
    if (below.losses.length > 0) lossy.add(nested.path);
  }
  const ofAbsent = await absentLosses(repository, absent, { links, keeps: question.keeps });
  losses.push(...ofAbsent.losses);
  unpushed.push(...ofAbsent.unpushed);
  const gitDirs = [...ofAbsent.stores, ...found.filter((one) => lossy.has(one.path))].flatMap(
    (one) => one.gitDir ?? [],
  );
  const repositories = found.filter(
    (one) =>
      [...lossy].some((place) => place === one.path || place.startsWith(`${one.path}/`)) ||
      gitDirs.some((inner) => isWithin(one, inner)),
  );
  // Content of a repository's git folder is saved with it.
  const stores = outermost(absent, ofAbsent.stores).filter(
    (store) => !found.some((one) => isWithin(one, store.gitDir)),
  );
  return { losses, gitDir, found, repositories, stores, unpushed, ignored };
}

function isWithin({ gitDir }: { readonly gitDir: string | undefined }, inner: string): boolean {
  return gitDir !== undefined && isInside(gitDir, inner);
}

/** Git finds a nested submodule only with the files of the outer one. */
function outermost(all: readonly ModuleStore[], lossy: readonly ModuleStore[]): ModuleStore[] {
  const isTop = (store: ModuleStore): boolean => !all.some((other) => isWithin(other, store.gitDir));
  return all.filter((one) => isTop(one) && lossy.some((store) => store === one || isWithin(one, store.gitDir)));
}

/** Git treats a bare repository whose files are committed, such as one for tests, as plain files. */
async function withoutCommitted(
  { git }: Repository,
  tree: GitFolder,
  all: readonly NestedRepository[],
): Promise<NestedRepository[]> {
  const found: NestedRepository[] = [];
  for (const one of all) {
    const args = ['ls-files', '-z', '--', `:(literal)${one.path}/HEAD`];
    if (one.isBare !== true || (await git.run(tree, args)) === '') found.push(one);
  }
  return found;
}

/** Losses of submodules that are not in the tree, or whose tree is gone. */
async function absentLosses(
  repository: Repository,
  all: readonly ModuleStore[],
  wanted: WantedCommits,
): Promise<Pick<TreeLoss, 'losses' | 'stores' | 'unpushed'>> {
  const losses: Loss[] = [];
  const stores: ModuleStore[] = [];
  const unpushed: UnpushedCommits[] = [];
  for (const store of all) {
    const below = await storeLosses(repository, store, wanted);
    losses.push(...below.losses);
    if (below.unpushed !== undefined) unpushed.push(below.unpushed);
    if (below.losses.length > 0) stores.push(store);
  }
  return { losses, stores, unpushed };
}

/**
 * Content that only the git folder of a deleted tree has.
 * @param head the commit that the tree was on
 * @param keeps as in `LossQuestion`
 */
export async function lossOfDeleted(
  repository: Repository,
  gitDir: string,
  head: Sha,
  keeps?: ReadonlySet<Sha>,
): Promise<TreeLoss> {
  const all = await moduleStores(gitDir);
  const links = all.length === 0 ? new Set<Sha>() : await linksOf(repository, repository.folder, head);
  const absent = await absentLosses(repository, all, { links, keeps });
  return { ...absent, stores: outermost(all, absent.stores), gitDir, found: [], repositories: [], ignored: [] };
}

/** The commits of other repositories that a commit links to; empty if there is no such commit. */
async function linksOf({ git }: Repository, folder: GitFolder, commit: string): Promise<Set<Sha>> {
  const listed = await git.ask(folder, ['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', commit]);
  return new Set(splitNul(listed ?? '').flatMap((entry) => linkedCommit(entry) ?? []));
}

/** The innermost repository below the tree that a file is in. */
function outerOf(name: string, found: readonly NestedRepository[]): NestedRepository | undefined {
  return found.findLast((one) => name.startsWith(`${one.path}/`));
}

/** Losses of the tree itself, without nested repositories. */
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
  const operation = (await operationIn(own)) ?? (await askedOperation(repository, own));
  if (operation !== undefined) losses.push({ kind: 'operation', path: '', operation });
  if (question.isClone !== true) return losses;
  const branches = await repository.unpushedRefs();
  const count = branches.includes('stash') ? 1 : 0;
  if (branches.length > count)
    losses.push({ kind: 'commits', path: '', branches: branches.filter((b) => b !== 'stash') });
  if (count > 0) losses.push({ kind: 'stashes', path: '', count: await stashCount(repository) });
  return losses;
}

/** Whether a commit is on a branch or tag that is kept. */
async function isKept({ git, folder }: Repository, commit: string, { isClone }: LossQuestion): Promise<boolean> {
  const refs = isClone === true ? ['refs/remotes'] : ['refs/heads', 'refs/remotes', 'refs/tags'];
  const args = ['for-each-ref', '--count=1', '--contains', commit, '--end-of-options', ...refs];
  return (await git.run(folder, args)) !== '';
}

/** A stash is an entry in the log of a reference. */
async function stashCount(repository: Repository): Promise<number> {
  const { git, folder } = repository;
  if ((await repository.commitOf('refs/stash')) === undefined) return 0;
  const args = ['rev-list', '--walk-reflogs', '--end-of-options', 'refs/stash'];
  const listed = await git.run(folder, args);
  return listed.split('\n').filter(Boolean).length;
}

/** New files that git does not ignore, and repositories among them, whose names end in a slash. */
async function newFiles({ git }: Repository, tree: GitFolder): Promise<readonly string[]> {
  return splitNul(await git.run(tree, ['ls-files', '--others', '--exclude-standard', '-z']));
}
