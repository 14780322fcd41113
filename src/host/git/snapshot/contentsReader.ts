/**
 * Restores the contents of a snapshot besides files: repositories below the tree with their branches, stashes and
 * changes, and ignored files. Anyone with write access to the repository may have written the snapshot, so nothing is
 * written outside the tree and its git folder.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../../kernel/errors/errors';
import { shaOf, type Sha } from '../../../kernel/text/gitNames';
import { readSmallFile } from '../../files/smallFile';
import { insideFolder } from '../../trusted/insideFolder';
import type { GitFolder } from '../../trusted/ownTrees';
import { STORING } from './contentsWriter';
import { moduleStores } from '../nested/nestedRepositories';
import { withOwnView, type OwnView } from '../view/ownView';
import type { Repository } from '../repository';
import {
  filesFolder,
  gitFilesFolder,
  IGNORED_FOLDER,
  readContents,
  storeFolder,
  type SnapshotRepository,
} from './snapshotContents';
import { repositoryFiles } from '../repositoryFiles';
import { renameOver } from '../../files/renames';

/** Restores a working tree from a snapshot. @throws KernelError `GIT_FAILED`, `PATH_OUTSIDE` */
export async function restoreSnapshot(repository: Repository, place: string, snapshot: string): Promise<void> {
  const { git } = repository;
  const tree = await git.places.gitFolder(place);
  await git.run(tree, ['restore', `--source=${snapshot}`, '--worktree', '--', '.']);
  const contents = await repository.commitOf(`${snapshot}^2`);
  if (contents !== undefined) await restoreContents(repository, tree, contents);
}

/** @param commit the second parent of a snapshot. */
async function restoreContents(repository: Repository, tree: GitFolder, commit: Sha): Promise<void> {
  const { own: gitDir } = await repositoryFiles(repository.git, tree);
  await withOwnView(repository, async (view) => {
    const contents = await readContents(view, commit);
    if (contents === undefined) return;
    await view.keepBytes();
    const lay = (folder: string, part: string): Promise<void> => writeTree(view, folder, commit, part);
    for (const [n, kept] of contents.repositories.entries()) {
      const folder = await made(tree, kept.path);
      await lay(folder, filesFolder(n));
      if (kept.git.kind !== 'own' && kept.git.kind !== 'bare') continue;
      const own = kept.git.kind === 'bare' ? await madeGitDir(tree, kept.path) : await madeGitDir(folder, '.git');
      await lay(own, gitFilesFolder(n));
      await forgetTreesBelow(own);
    }
    const bare = new Set(contents.repositories.flatMap((kept) => (kept.git.kind === 'bare' ? [kept.path] : [])));
    for (const kept of contents.repositories) await join(tree, kept, bare);
    for (const [n, name] of contents.stores.entries()) {
      const store = await madeGitDir(gitDir, `modules/${name}`);
      await lay(store, storeFolder(n));
      await setWorkingTree(store, undefined);
      await forgetTreesBelow(store);
    }
    await lay(tree, IGNORED_FOLDER);
  });
}

/** A folder below another, created if missing; links are not followed. @throws KernelError `PATH_OUTSIDE` */
async function made(root: string, name: string): Promise<string> {
  const folder = path.join(root, name);
  if ((await insideFolder(root, folder)) !== folder)
    throw new KernelError('PATH_OUTSIDE', { path: folder, folder: root });
  await mkdir(folder, { recursive: true });
  return folder;
}

/** The entries that git requires in a repository, even if empty. */
async function madeGitDir(root: string, name: string): Promise<string> {
  const folder = await made(root, name);
  for (const needed of ['objects/info', 'objects/pack', 'refs/heads'])
    await mkdir(path.join(folder, needed), { recursive: true });
  return folder;
}

/** Writes a part of a snapshot's tree to a folder; nothing if the snapshot has no part with that name. */
async function writeTree(view: OwnView, folder: string, commit: Sha, part: string): Promise<void> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}:${part}`];
  const tree = shaOf(await view.run(args, { accepts: 1 }));
  if (tree === undefined) return;
  const index = view.indexed(part.replace('/', '-')).on(folder);
  await index.run(['read-tree', '--reset', '--end-of-options', tree]);
  await index.run(['checkout-index', '--all', '--force', '--quiet'], STORING);
}

/** Links a repository's files and its git folder to each other. */
async function join(tree: string, { path: place, git }: SnapshotRepository, bare: ReadonlySet<string>): Promise<void> {
  if (git.kind === 'none' || git.kind === 'bare') return;
  const folder = await made(tree, place);
  if (git.kind === 'own') return setWorkingTree(path.join(folder, '.git'), undefined);
  const outer = bare.has(git.repository) ? git.repository : `${git.repository}/.git`;
  const gitDir = await made(tree, `${outer}/${git.place}`);
  await setWorkingTree(gitDir, slashed(path.relative(gitDir, folder)));
  // Git's own files of a worktree name its `.git`.
  const back = path.join(gitDir, 'gitdir');
  if ((await readSmallFile(back)) !== undefined) await replace(back, `${path.join(folder, '.git')}\n`);
  await replace(path.join(folder, '.git'), `gitdir: ${slashed(path.relative(folder, gitDir))}\n`);
}

/** Submodules of a repository that have no files here; `join` are those that have. */
async function forgetTreesBelow(gitDir: string): Promise<void> {
  for (const store of await moduleStores(gitDir)) await setWorkingTree(store.gitDir, undefined);
}

/** Changes the working tree in the configuration, in the form that git writes for a submodule. */
async function setWorkingTree(gitDir: string, tree: string | undefined): Promise<void> {
  const file = path.join(gitDir, 'config');
  const text = await readSmallFile(file);
  if (text === undefined) return;
  const isNamed = (line: string): boolean => line.trimStart().toLowerCase().startsWith('worktree');
  const lines = text.split('\n').flatMap((line) => {
    if (!isNamed(line)) return [line];
    return tree === undefined ? [] : [`\tworktree = ${JSON.stringify(tree)}`];
  });
  await replace(file, lines.join('\n'));
}

/** A link in its place is removed, but not its target. */
async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.intercore`;
  await writeFile(draft, text, { flag: 'wx' });
  await renameOver(draft, file);
}

function slashed(name: string): string {
  return name.split(path.sep).join('/');
}
