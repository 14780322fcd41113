/**
 * The checks before a location from a record is added to our registry by a person's decision. Trusting it lets git run
 * there; we never remove it.
 */
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../kernel/errors/errors';
import { because, type Problem } from '../../kernel/errors/reasons/problem';
import { ifThere } from '../files/fileErrors';
import { gitDirectoryOf, type GitDirectory } from '../git/config/gitDirectory';
import { realPathOf } from './insideFolder';
import type { GitFolder } from './ownTrees';
import type { FolderRegistry } from './folderRegistry';

/** The owner that a container shows for unknown users. */
const OVERFLOW_UID = 65_534;
const OTHERS_MAY_WRITE = 0o002;
const STICKY = 0o1000;

/**
 * The real path of a repository's working tree. Nothing is changed.
 * @throws KernelError `LOCATION_REFUSED`
 */
export async function trustableClone(claim: string, registry: FolderRegistry): Promise<string> {
  return (await locate(claim, registry)).top;
}

/**
 * The real path of a worktree of the clone. Nothing is changed.
 * @throws KernelError `LOCATION_REFUSED`
 */
export async function trustableWorktree(claim: string, clone: GitFolder, registry: FolderRegistry): Promise<string> {
  const [worktree, main] = await Promise.all([locate(claim, registry), gitDirectoryOf(clone)]);
  const isOfClone = worktree.own !== worktree.common && main !== undefined && (await isSame(worktree, main));
  if (!isOfClone) refuse(claim, because('it is not a worktree of its project'));
  return worktree.top;
}

async function isSame(one: GitDirectory, other: GitDirectory): Promise<boolean> {
  return (await realpath(one.common)) === (await realpath(other.common));
}

async function locate(claim: string, registry: FolderRegistry): Promise<GitDirectory> {
  const real = await folderAt(claim);
  for (const place of above(real)) {
    await refuseOthers(claim, place, place === real);
    const kind = place === real ? undefined : (await registry.find(place))?.kind;
    if (kind === 'clone' || kind === 'worktree')
      refuse(claim, because('it is inside {place}, where agents work', { place }));
  }
  const found = await gitDirectoryAt(claim, real);
  for (const place of [path.join(real, '.git'), found.own, found.common]) await refuseOthers(claim, place, true);
  return found;
}

async function folderAt(claim: string): Promise<string> {
  if (!path.isAbsolute(claim)) return refuse(claim, because('it is not an absolute path'));
  const real = await realPathOf(claim);
  if (real !== undefined && (await ifThere(stat(real)))?.isDirectory() === true) return real;
  return refuse(claim, because('there is no such folder'));
}

async function gitDirectoryAt(claim: string, real: string): Promise<GitDirectory> {
  const found = await gitDirectoryOf(real).catch((error: unknown) => {
    if (!KernelError.is(error, 'RECORDED_ELSEWHERE')) throw error;
    return refuse(claim, because('its .git leads to the files of another repository'));
  });
  if (found?.top !== real) refuse(claim, because('no git repository has its top folder there'));
  return found;
}

/**
 * The folder itself must belong to this user; a parent folder may belong to the system. Skipped on systems without
 * owners.
 */
async function refuseOthers(claim: string, place: string, isItself: boolean): Promise<void> {
  const own = process.geteuid?.();
  const found = own === undefined ? undefined : await ifThere(stat(place));
  if (found === undefined) return;
  const { uid, mode } = found;
  const isOurs = uid === own || (own === 0 && String(uid) === process.env['SUDO_UID']);
  const isSystems = !isItself && (uid === 0 || uid === OVERFLOW_UID);
  if (!isOurs && !isSystems) refuse(claim, because('{place} belongs to another user', { place }));
  const isOpen = (mode & OTHERS_MAY_WRITE) !== 0 && (isItself || (mode & STICKY) === 0);
  if (isOpen) refuse(claim, because('every user may write in {place}', { place }));
}

/** The folder and its parents up to the root. */
function above(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...above(parent)];
}

function refuse(claim: string, problem: Problem<'LOCATION_REFUSED'>): never {
  throw new KernelError('LOCATION_REFUSED', { path: claim, problem });
}
