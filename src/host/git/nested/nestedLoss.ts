/** Content of a repository below a working tree that exists nowhere else, read only by a borrowed view. */
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { Loss, Operation } from '../../../contract/treeLoss';
import { problemOf } from '../../../kernel/errors/errors';
import type { Sha } from '../../../kernel/text/gitNames';
import { ifThere } from '../../files/fileErrors';
import { withBorrowedView, type BorrowedView, type References } from '../view/borrowedView';
import { compareFiles } from './exactTree';
import { gitlinksOf } from './gitlinks';
import type { IgnoredChoice } from '../git';
import { ignoredFiles, type TreeGit } from '../view/ignoredFiles';
import type { ModuleStore, NestedRepository } from './nestedRepositories';
import type { OwnView } from '../view/ownView';
import type { Repository } from '../repository';

/** Commits of a repository that no remote branch has, by their names there, such as `heads/work`. */
export interface UnpushedCommits {
  /** As in `Loss`. */
  readonly path: string;
  readonly gitDir: string;
  readonly commits: ReadonlyMap<string, Sha>;
}

interface RepositoryLoss {
  readonly losses: readonly Loss[];
  /** Ignored files to keep, relative to the tree. */
  readonly ignored: readonly string[];
  readonly unpushed: UnpushedCommits | undefined;
}

interface Nested {
  readonly host: Repository;
  readonly tree: string;
  readonly nested: NestedRepository;
  /** It is new and not ignored: kept like a new file, even if it exists elsewhere. */
  readonly isVisible: boolean;
  /** Its files that may be ignored and worth keeping, relative to the tree. */
  readonly inner: readonly string[];
  readonly ignored: IgnoredChoice | undefined;
  /** Commits that outer repositories link to; those that it links to are added. */
  readonly links: Set<Sha>;
  readonly keeps: WantedCommits['keeps'];
}

export interface WantedCommits {
  /** Commits that others link to: one that is here and on no branch counts as work. */
  readonly links: ReadonlySet<Sha>;
  /** As in `LossQuestion`. */
  readonly keeps: ReadonlySet<Sha> | undefined;
}

const NAMED = 10;

export async function nestedLosses(about: Nested): Promise<RepositoryLoss> {
  const { host, tree, nested, isVisible, inner, links, keeps } = about;
  const { path: place, gitDir, common, isBare } = nested;
  const folder = path.join(tree, place);
  const unreadable = (problem: string): RepositoryLoss => unreadableAt(place, problem);
  if (gitDir === undefined) return unreadable('its .git leads to files elsewhere');
  try {
    const look = async (borrowed: BorrowedView): Promise<RepositoryLoss> => {
      // The commits of a worktree belong to its repository.
      const isAlone = common === undefined;
      const none = { losses: [], unpushed: undefined };
      const { losses, unpushed } = isAlone
        ? await historyLosses(borrowed, { path: place, gitDir, links, keeps })
        : none;
      const { head } = borrowed.references;
      if (head !== undefined && isBare !== true) {
        const { changed, uncommitted } = await compareFiles(borrowed.view, folder, head);
        const files = [...changed, ...uncommitted];
        if (files.length > 0) losses.push({ kind: 'changes', path: place, files: files.slice(0, NAMED) });
        for (const { commit } of await gitlinksOf(borrowed.view, head)) links.add(commit);
      }
      const run: TreeGit = (args, accepts) =>
        borrowed.view.on(folder).run(args, accepts === undefined ? {} : { accepts });
      const names = inner.map((name) => name.slice(place.length + 1));
      const ignored = await ignoredFiles(run, folder, names, about.ignored);
      if (ignored.length > 0) losses.push({ kind: 'ignored', path: place, files: ignored });
      const operation = await operationIn(gitDir);
      if (operation !== undefined) losses.push({ kind: 'operation', path: place, operation });
      if (isVisible || !hasRemote(borrowed.references))
        losses.unshift({ kind: 'repository', path: place, hasCommits: borrowed.references.named.size > 0 });
      return { losses, ignored: ignored.map((name) => `${place}/${name}`), unpushed };
    };
    return await withBorrowedView(host, gitDir, look, common);
  } catch (error) {
    return unreadable(problemOf(error));
  }
}

/** Of a submodule that is not in the tree now. */
export async function storeLosses(
  host: Repository,
  { name, gitDir }: ModuleStore,
  wanted: WantedCommits,
): Promise<RepositoryLoss> {
  try {
    return await withBorrowedView(host, gitDir, async (borrowed) => {
      const found = await historyLosses(borrowed, { path: name, gitDir, ...wanted });
      return { ...found, ignored: [] };
    });
  } catch (error) {
    return unreadableAt(name, problemOf(error));
  }
}

function unreadableAt(place: string, problem: string): RepositoryLoss {
  return { losses: [{ kind: 'unreadable', path: place, problem }], ignored: [], unpushed: undefined };
}

function hasRemote({ named }: References): boolean {
  return [...named.keys()].some((name) => name.startsWith('refs/remotes/'));
}

interface History extends WantedCommits {
  readonly path: string;
  readonly gitDir: string;
}

/** Branches, and kept commits of removed worktrees. */
const OWN_REFS = ['refs/heads/', 'refs/intercore/'] as const;

/** Commits that no known remote branch has. */
async function historyLosses(
  { view, references }: BorrowedView,
  { path: place, gitDir, links, keeps }: History,
): Promise<{ readonly losses: Loss[]; readonly unpushed: UnpushedCommits | undefined }> {
  const { named, head, branch, stashes, elsewhere } = references;
  const losses: Loss[] = [];
  const commits = new Map<string, Sha>();
  const heads = [...named].filter(([name]) => OWN_REFS.some((prefix) => name.startsWith(prefix)));
  const ofHeads = new Set(heads.map(([, commit]) => commit));
  const unpushed = await onNoRemote(view, [...ofHeads]);
  const missing = heads.filter(([, commit]) => unpushed.has(commit));
  for (const [name, commit] of missing) commits.set(name.replace('refs/', ''), commit);
  const branches = missing.map(([name]) => name.replace('refs/heads/', ''));
  if (branches.length > 0) losses.push({ kind: 'commits', path: place, branches: branches.slice(0, NAMED) });
  const loose = new Map<string, Sha>();
  if (head !== undefined && branch === undefined) loose.set('HEAD', head);
  for (const [n, commit] of elsewhere.entries())
    if ((await hasCommit(view, commit)) && !(await isOnBranch(view, commit))) loose.set(`worktree/${n}`, commit);
  for (const commit of links) {
    const isHere = commit !== head && !ofHeads.has(commit) && (await hasCommit(view, commit));
    if (isHere && !(await isOnBranch(view, commit))) loose.set(`linked/${commit}`, commit);
  }
  for (const commit of keeps ?? [])
    if (![...loose.values()].includes(commit) && (await hasCommit(view, commit))) loose.set(`linked/${commit}`, commit);
  const alone = new Set([...(await onNoRemote(view, [...new Set(loose.values())])), ...(keeps ?? [])]);
  for (const [name, commit] of loose) {
    if (!alone.has(commit)) continue;
    losses.push({ kind: 'detached', path: place, commit });
    commits.set(name, commit);
  }
  if (stashes.length > 0) losses.push({ kind: 'stashes', path: place, count: stashes.length });
  for (const [n, commit] of stashes.entries()) commits.set(`stash/${n}`, commit);
  return { losses, unpushed: commits.size === 0 ? undefined : { path: place, gitDir, commits } };
}

async function hasCommit(view: OwnView, commit: Sha): Promise<boolean> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{commit}`];
  return (await view.run(args, { accepts: 1 })) !== '';
}

async function isOnBranch(view: OwnView, commit: Sha): Promise<boolean> {
  const args = ['for-each-ref', '--count=1', '--contains', commit, '--end-of-options', ...OWN_REFS.map(withoutSlash)];
  return (await view.run(args)) !== '';
}

function withoutSlash(prefix: string): string {
  return prefix.slice(0, -1);
}

/** The commits that no remote branch contains. Of many, all count if one does. */
async function onNoRemote(view: OwnView, commits: readonly Sha[]): Promise<ReadonlySet<Sha>> {
  const ask = async (some: readonly Sha[]): Promise<boolean> => {
    const args = ['rev-list', '--max-count=1', '--not', '--remotes', '--not', '--end-of-options', ...some];
    return some.length > 0 && (await view.run(args)) !== '';
  };
  if (commits.length > MANY || !(await ask(commits))) return new Set(commits.length > MANY ? commits : []);
  const unpushed = new Set<Sha>();
  for (const commit of commits) if (await ask([commit])) unpushed.add(commit);
  return unpushed;
}

const MANY = 200;

const OPERATIONS: readonly (readonly [string, Operation])[] = [
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['BISECT_LOG', 'bisect'],
];

/** The operation in progress, by git's own files of a repository or a working tree. */
export async function operationIn(gitDir: string): Promise<Operation | undefined> {
  for (const [name, operation] of OPERATIONS) {
    if ((await ifThere(lstat(path.join(gitDir, name)))) !== undefined) return operation;
  }
  return undefined;
}
