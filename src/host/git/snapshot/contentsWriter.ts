/**
 * Creates the commit with everything of a tree besides its files: repositories below it, ignored files, and commits of
 * an interrupted operation. Git never runs with the configuration of a nested repository.
 */
import { lstat, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Sha } from '../../../kernel/text/gitNames';
import { shaOf } from '../../../kernel/text/gitNames';
import { ifThere } from '../../files/fileErrors';
import { isInside } from '../../files/paths';
import { readSmallFile } from '../../files/smallFile';
import { withBorrowedView, type BorrowedView } from '../view/borrowedView';
import type { Identity } from '../callOptions';
import { isGitFailure } from '../git';
import { leavingOut } from '../view/ignoredFiles';
import type { NestedRepository } from '../nested/nestedRepositories';
import { splitNul, withOwnView, type OwnView } from '../view/ownView';
import { askedCommit, askedPrivateCommits, hasReferenceFiles } from '../branch/referenceFiles';
import type { Repository } from '../repository';
import {
  CONTENTS_FILE,
  filesFolder,
  gitFilesFolder,
  IGNORED_FOLDER,
  storeFolder,
  type SnapshotRepository,
  type SnapshotContents,
} from './snapshotContents';
import type { TreeLoss } from './treeLoss';

/** Git prints nothing while it stores a large repository. */
export const STORING = { kind: 'walk' } as const;

interface CommitFacts {
  readonly message: string;
  readonly identity: Identity;
}

/** Undefined if everything that would be lost is among the files of the tree. @throws KernelError `GIT_FAILED` */
export async function contentsCommit(
  repository: Repository,
  folder: string,
  lost: TreeLoss,
  { message, identity }: CommitFacts,
): Promise<Sha | undefined> {
  const unfinished = await commitsOfOperation(repository, lost.gitDir);
  const isAmongFiles = lost.losses.every(({ kind, path: place }) => place === '' && kind !== 'ignored');
  if (isAmongFiles && unfinished.length === 0) return undefined;
  const scratch = await mkdtemp(path.join(tmpdir(), 'intercore-contents-'));
  try {
    return await withOwnView(repository, async (view) => {
      await view.keepBytes();
      // Git requires a working tree to combine trees, and reads nothing there.
      const whole = view.indexed('whole').on(scratch);
      await putTogether(view, whole, scratch, folder, lost);
      const tree = await whole.run(['write-tree']);
      const parents = unfinished.flatMap((commit) => ['-p', commit]);
      const args = ['commit-tree', '-m', message, ...parents, '--end-of-options', tree];
      return shaOf(await whole.run(args, { identity }));
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Fills the index of `whole`. */
async function putTogether(
  view: OwnView,
  whole: OwnView,
  scratch: string,
  folder: string,
  lost: TreeLoss,
): Promise<void> {
  const graft = async (prefix: string, tree: string): Promise<void> => {
    await whole.run(['read-tree', `--prefix=${prefix}/`, '--end-of-options', tree]);
  };
  const repositories = lost.repositories.map((one) => keptRepository(one, lost.repositories));
  const stores = lost.stores.map(({ name }) => name);
  const contents: SnapshotContents = { version: 1, losses: [...lost.losses], repositories, stores };
  await writeFile(path.join(scratch, CONTENTS_FILE), JSON.stringify(contents));
  await add(whole, [CONTENTS_FILE]);
  for (const [n, nested] of lost.repositories.entries()) {
    if (nested.isBare !== true)
      await graft(filesFolder(n), await filesOf(view.indexed(`files-${n}`), folder, nested, lost));
    const kind = repositories[n]?.git.kind;
    if (nested.gitDir !== undefined && (kind === 'own' || kind === 'bare'))
      await graft(gitFilesFolder(n), await gitFilesOf(view.indexed(`git-${n}`), nested.gitDir));
  }
  for (const [n, store] of lost.stores.entries())
    await graft(storeFolder(n), await gitFilesOf(view.indexed(`store-${n}`), store.gitDir));
  if (lost.ignored.length === 0) return;
  const index = view.indexed('ignored').on(folder);
  await add(index, lost.ignored);
  await graft(IGNORED_FOLDER, await index.run(['write-tree']));
}

function keptRepository(nested: NestedRepository, all: readonly NestedRepository[]): SnapshotRepository {
  const { path: place, gitDir, common, isBare } = nested;
  if (gitDir === undefined) return { path: place, git: { kind: 'none' } };
  if (isBare === true) return { path: place, git: { kind: 'bare' } };
  const outer = all.find((one) => one.gitDir !== undefined && isInside(one.gitDir, gitDir));
  // Files shared by the worktrees of a repository are saved with the repository.
  if (outer?.gitDir === undefined) return { path: place, git: { kind: common === undefined ? 'own' : 'none' } };
  const within = path.relative(outer.gitDir, gitDir).split(path.sep).join('/');
  return { path: place, git: { kind: 'within', repository: outer.path, place: within } };
}

/** The files of a repository below the tree: existing committed files, and files that are not ignored. */
async function filesOf(index: OwnView, folder: string, nested: NestedRepository, lost: TreeLoss): Promise<string> {
  const view = index.on(path.join(folder, nested.path));
  const below = lost.found.filter((one) => one.path.startsWith(`${nested.path}/`));
  const inner = below.map((one) => one.path.slice(nested.path.length + 1));
  const excluded = await leavingOut((args) => view.run(args), inner);
  await view.run(['add', '--all', '--', '.', ...excluded], STORING);
  const stored = new Set(splitNul(await view.run(['ls-files', '-z'])));
  const missing: string[] = [];
  for (const name of await committedIn(index.repository, nested)) {
    const isLeft = !stored.has(name) && !inner.includes(name);
    if (isLeft && (await ifThere(lstat(path.join(folder, nested.path, name))))?.isDirectory() === false)
      missing.push(name);
  }
  await add(view, missing);
  return view.run(['write-tree']);
}

/** Committed files count even if they are ignored. */
async function committedIn(host: Repository, { gitDir, common }: NestedRepository): Promise<readonly string[]> {
  if (gitDir === undefined) return [];
  const list = async ({ view, references: { head } }: BorrowedView): Promise<readonly string[]> =>
    head === undefined
      ? []
      : splitNul(await view.run(['ls-tree', '-r', '-z', '--name-only', '--end-of-options', head]));
  try {
    return await withBorrowedView(host, gitDir, list, common);
  } catch (error) {
    // An unreadable repository is saved as plain files.
    if (isGitFailure(error)) return [];
    throw error;
  }
}

/** The git folder of a repository, as it is on disk. */
async function gitFilesOf(index: OwnView, gitDir: string): Promise<string> {
  const view = index.on(gitDir);
  await view.run(['add', '--all', '--force', '--', '.'], STORING);
  return view.run(['write-tree']);
}

const CHUNK = 200;

async function add(view: OwnView, names: readonly string[]): Promise<void> {
  for (let at = 0; at < names.length; at += CHUNK) {
    const literal = names.slice(at, at + CHUNK).map((name) => `:(literal)${name}`);
    await view.run(['add', '--force', '--', ...literal], STORING);
  }
}

/** Files of git that may name commits without a branch, during an unfinished operation. */
const PLACES = ['MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'ORIG_HEAD', 'AUTO_MERGE'];
const IN_REBASE = ['orig-head', 'autostash', 'stopped-sha', 'onto'];
const MAX_COMMITS = 50;

async function commitsOfOperation(repository: Repository, gitDir: string): Promise<readonly Sha[]> {
  const rebase = ['rebase-merge', 'rebase-apply'].flatMap((folder) => IN_REBASE.map((name) => `${folder}/${name}`));
  const refs = (await ifThere(readdir(path.join(gitDir, 'refs'), { recursive: true, withFileTypes: true }))) ?? [];
  const own = refs.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const files = [...[...PLACES, ...rebase].map((name) => path.join(gitDir, name)), ...own];
  const texts = await Promise.all(files.map((file) => readSmallFile(file)));
  const named = texts.flatMap((text) => (text ?? '').split('\n').flatMap((line) => shaOf(line.trim()) ?? []));
  if (!(await hasReferenceFiles(gitDir))) {
    named.push(...(await askedPrivateCommits(repository, gitDir)));
    for (const name of PLACES) named.push(...[await askedCommit(repository, gitDir, name)].flatMap((one) => one ?? []));
  }
  const commits = new Set<Sha>();
  for (const name of named) {
    const commit = await repository.commitOf(name);
    if (commit !== undefined && !(await isHeld(repository, commit))) commits.add(commit);
  }
  return [...commits].slice(0, MAX_COMMITS);
}

async function isHeld({ git, folder }: Repository, commit: Sha): Promise<boolean> {
  const refs = ['refs/heads', 'refs/remotes', 'refs/tags'];
  const args = ['for-each-ref', '--count=1', '--contains', commit, '--end-of-options', ...refs];
  return (await git.run(folder, args)) !== '';
}
