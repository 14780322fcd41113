/**
 * Copies commits of submodules that only a worktree has to the same submodule of the clone (`.git/modules/…`), under
 * `refs/intercore/submodules`, where git finds them once the worktree is gone. Neither repository's configuration is
 * read.
 */
import { lstat, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Loss } from '../../../contract/treeLoss';
import { KernelError } from '../../../kernel/errors/errors';
import { because, type Problem } from '../../../kernel/errors/reasons/problem';
import type { Sha } from '../../../kernel/text/gitNames';
import { ifThere } from '../../files/fileErrors';
import { isInside } from '../../files/paths';
import { readSmallFile } from '../../files/smallFile';
import { insideFolder } from '../../trusted/insideFolder';
import { objectFormat, packedRefs, referencesOf } from '../view/borrowedView';
import { FETCH_FLAGS, LOCAL_SOURCE, UPLOAD_PACK } from '../branch/fetch';
import { isGitFailure } from '../git';
import type { UnpushedCommits } from '../nested/nestedLoss';
import { makeGitDir } from '../view/ownGitDir';
import { OwnView } from '../view/ownView';
import type { Repository } from '../repository';
import type { TreeLoss } from './treeLoss';
import { linkedFiles } from '../worktreeFiles';
import { repositoryFiles } from '../repositoryFiles';
import { renameOver } from '../../files/renames';

export const SUBMODULE_REFS = 'refs/intercore/submodules';

/**
 * The losses of a tree; each copied one names the reference that keeps it. A submodule that the clone does not have, or
 * that cannot be read, is omitted: then only the snapshot has it.
 */
export async function handToSubmodules(repository: Repository, lost: TreeLoss, id: string): Promise<readonly Loss[]> {
  const refs = new Map<string, string>();
  for (const unpushed of lost.unpushed) {
    const store = await storeFor(repository, lost.gitDir, unpushed);
    const ref = store === undefined ? undefined : await handOver(repository, unpushed, store, id);
    if (ref !== undefined) refs.set(unpushed.path, ref);
  }
  return lost.losses.map((loss) => {
    const ref = refs.get(loss.path);
    const isOfCommits = loss.kind === 'commits' || loss.kind === 'detached' || loss.kind === 'stashes';
    return isOfCommits && ref !== undefined ? { ...loss, ref } : loss;
  });
}

/**
 * The clone's git folder of a submodule whose own is inside that of a worktree, or inside the submodule itself, as
 * after `git clone` in its place; undefined if there is none.
 */
async function storeFor(
  { git, folder }: Repository,
  own: string,
  { path: place, gitDir }: UnpushedCommits,
): Promise<string | undefined> {
  const { common } = await repositoryFiles(git, folder);
  const [root, from] = await Promise.all([realpath(common), realpath(own)]);
  if (root === from) return undefined;
  const isAmongOwn = isInside(path.join(from, 'modules'), gitDir);
  const store = isAmongOwn ? path.join(root, path.relative(from, gitDir)) : await storeAt(root, folder, place);
  if (store === undefined) return undefined;
  const objects = path.join(store, 'objects');
  const isPlain = (await insideFolder(root, objects)) === objects;
  return isPlain && (await ifThere(lstat(objects)))?.isDirectory() === true ? store : undefined;
}

/** The clone's submodule in the same place. */
async function storeAt(root: string, folder: string, place: string): Promise<string | undefined> {
  const linked = await linkedFiles(path.join(folder, place));
  const store = linked === undefined ? undefined : await realpath(linked);
  return store !== undefined && isInside(path.join(root, 'modules'), store) ? store : undefined;
}

async function handOver(
  repository: Repository,
  unpushed: UnpushedCommits,
  store: string,
  id: string,
): Promise<string | undefined> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'intercore-git-'));
  try {
    const { named } = await referencesOf(store);
    await copyCommits(repository, unpushed, { store, named, scratch });
    const ref = await freeRef(store, named, `${SUBMODULE_REFS}/${id}`);
    for (const [name, commit] of unpushed.commits) await writeRef(store, `${ref}/${name}`, commit);
    return ref;
  } catch (error) {
    if (isGitFailure(error) || KernelError.is(error, 'PATH_OUTSIDE')) return undefined;
    throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Handing {
  readonly store: string;
  readonly named: ReadonlyMap<string, Sha>;
  readonly scratch: string;
}

/** Fetches between two repositories of ours, each of which borrows the objects of one side. */
async function copyCommits(
  repository: Repository,
  { gitDir, commits }: UnpushedCommits,
  { store, named, scratch }: Handing,
): Promise<void> {
  const objects = path.join(gitDir, 'objects');
  if (objects.includes('\n')) return refuse(gitDir, because('its path has a line break'));
  const [from, to] = [path.join(scratch, 'from'), path.join(scratch, 'to')];
  const wanted = new Map([...commits].map(([name, commit]) => [`refs/wanted/${name}`, commit] as const));
  for (const [folder, place, refs] of [[from, gitDir, wanted] as const, [to, store, named] as const]) {
    await makeGitDir(folder, await objectFormat(place), true);
    await writeFile(path.join(folder, 'packed-refs'), packedRefs(refs));
    const shallow = await readSmallFile(path.join(place, 'shallow'));
    if (shallow !== undefined) await writeFile(path.join(folder, 'shallow'), shallow);
  }
  await writeFile(path.join(from, 'objects', 'info', 'alternates'), `${objects}\n`);
  const view = new OwnView(repository, to, { ...LOCAL_SOURCE.env, GIT_OBJECT_DIRECTORY: path.join(store, 'objects') });
  const args = ['fetch', ...FETCH_FLAGS, UPLOAD_PACK, '--end-of-options', from, '+refs/wanted/*:refs/wanted/*'];
  await view.run(args);
}

function refuse(folder: string, problem: Problem<'GIT_FAILED'>): never {
  throw new KernelError('GIT_FAILED', { command: 'git fetch', folder, problem });
}

async function freeRef(store: string, named: ReadonlyMap<string, Sha>, wanted: string): Promise<string> {
  let ref = wanted;
  for (let n = 2; await isTaken(store, named, ref); n += 1) ref = `${wanted}-${n}`;
  return ref;
}

async function isTaken(store: string, named: ReadonlyMap<string, Sha>, ref: string): Promise<boolean> {
  if ((await ifThere(lstat(path.join(store, ref)))) !== undefined) return true;
  return [...named.keys()].some((name) => name.startsWith(`${ref}/`));
}

/** As git writes a new reference. @throws KernelError `PATH_OUTSIDE` where a link leads out of the repository */
async function writeRef(store: string, name: string, commit: Sha): Promise<void> {
  const file = path.join(store, name);
  if ((await insideFolder(store, file)) !== file) throw new KernelError('PATH_OUTSIDE', { path: file, folder: store });
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.lock`, `${commit}\n`, { flag: 'wx' });
  await renameOver(`${file}.lock`, file);
}
