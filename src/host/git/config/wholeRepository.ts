/**
 * Whether git would use the files that it finds as a repository. Git skips an invalid one and uses a repository in a
 * parent folder, which is the wrong one. So a damaged repository is refused with its own cause.
 */
import { lstat, readlink, stat } from 'node:fs/promises';
import path from 'node:path';
import { KernelError, problemOf } from '../../../kernel/errors/errors';
import { because, foreignText } from '../../../kernel/errors/reasons/problem';
import { ifThere, isPermission } from '../../files/fileErrors';
import { readSmallFile } from '../../files/smallFile';

/** The start of a HEAD that git accepts: a branch, or a commit. */
const NAMES_PLACE = /^(?:ref:\s*refs\/|[0-9a-f]{40})/;
const PARTS = ['HEAD', 'objects', 'refs', 'config'];

/**
 * Whether a `.git` folder contains any part of a repository. Like git, it checks each name and never lists the folder,
 * which may not be permitted.
 */
export async function isRepository(own: string): Promise<boolean> {
  for (const part of PARTS) if (await isPresent(path.join(own, part))) return true;
  return false;
}

/** A path that cannot be checked counts as existing: `refuseDamaged` reports why. */
async function isPresent(place: string): Promise<boolean> {
  try {
    return (await ifThere(lstat(place))) !== undefined;
  } catch {
    return true;
  }
}

/**
 * @param top the working tree
 * @throws KernelError `HEAD_DAMAGED`, `OBJECTS_MISSING`, `REPOSITORY_DAMAGED`, `GIT_ACCESS_REFUSED`
 */
export async function refuseDamaged(top: string, own: string, common: string): Promise<void> {
  try {
    const head = path.join(own, 'HEAD');
    if (!(await namesBranch(head))) throw new KernelError('HEAD_DAMAGED', { folder: top, file: head });
    const [objects, refs] = [path.join(common, 'objects'), path.join(common, 'refs')];
    if (!(await isFolder(objects))) {
      throw new KernelError('OBJECTS_MISSING', {
        folder: top,
        problem: because('there is no folder {place}', { place: objects }),
      });
    }
    if (!(await isFolder(refs))) {
      throw new KernelError('REPOSITORY_DAMAGED', {
        folder: top,
        problem: because('there is no folder {place}', { place: refs }),
      });
    }
  } catch (error) {
    if (!isPermission(error)) throw error;
    const problem = foreignText(problemOf(error));
    throw new KernelError('GIT_ACCESS_REFUSED', { folder: top, problem });
  }
}

async function namesBranch(head: string): Promise<boolean> {
  const found = await ifThere(lstat(head));
  if (found?.isSymbolicLink() === true) return (await readlink(head)).startsWith('refs/');
  return found?.isFile() === true && NAMES_PLACE.test((await readSmallFile(head)) ?? '');
}

async function isFolder(place: string): Promise<boolean> {
  return (await ifThere(stat(place)))?.isDirectory() === true;
}
