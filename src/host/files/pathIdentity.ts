/**
 * Whether two paths lead to the same place. Comparing spellings is not enough, because of links, case, and `/private`
 * on macOS.
 */
import { lstat, readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { ifThere, systemCode } from './fileErrors';
import { isInside } from './paths';

/** Error codes of a path that is missing or not accessible. */
export const UNSEEN_CODES: ReadonlySet<string | undefined> = new Set([
  'ELOOP',
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'ENAMETOOLONG',
  'EIO',
  'ESTALE',
  'ENXIO',
  'ENODEV',
  'ENOTCONN',
]);

/** The number that Linux follows in one path. */
const MOST_LINKS = 40;

/** Whether both are the same file or folder, or would be if they existed. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  if (one === other) return true;
  const [first, second] = await Promise.all([fileKey(one), fileKey(other)]);
  return first === second;
}

/** Whether `inner` is below `outer`, including by links or by another mount of the same folder. */
export async function isFileInside(outer: string, inner: string): Promise<boolean> {
  const [above, below] = await Promise.all([resolvedPath(outer), resolvedPath(inner)]);
  if (above === undefined || below === undefined) return false;
  return isInside(above, below) || (await placesAround(path.dirname(below))).has(await fileKey(above));
}

/** The key of a place and of each folder above it. A folder that is mounted twice has one key and two real paths. */
export async function placesAround(place: string): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for (let at = (await resolvedPath(place)) ?? path.resolve(place); ; at = path.dirname(at)) {
    keys.add(await fileKey(at));
    if (at === path.dirname(at)) return keys;
  }
}

/**
 * A key that is the same for every path to a place: its device and inode or, if it does not exist, the real path that
 * it would have, even behind broken links. A path that cannot be resolved is its own key.
 */
export async function fileKey(place: string): Promise<string> {
  const found = await seen(stat(place, { bigint: true }));
  // Some file systems have no inode numbers.
  if (found !== undefined && found.ino !== 0n) return `${found.dev}:${found.ino}`;
  return (await resolvedPath(place)) ?? (await pathBehindLinks(place)) ?? path.resolve(place);
}

/** The real path that a path would have if the targets of its links existed. Undefined if it cannot be resolved. */
async function pathBehindLinks(given: string): Promise<string | undefined> {
  let place = path.resolve(given);
  for (let links = 0; links < MOST_LINKS; links += 1) {
    const found = await resolvedPath(place);
    if (found !== undefined) return found;
    const link = await linkIn(place);
    const folder = link && (await seen(realpath(path.dirname(link.path))));
    if (link === undefined || folder === undefined) return undefined;
    place = path.resolve(folder, link.target, ...link.rest);
  }
  return undefined;
}

/** The last existing part of a path, if that is a link, and the names below it. */
async function linkIn(
  given: string,
): Promise<{ readonly path: string; readonly target: string; readonly rest: readonly string[] } | undefined> {
  const rest: string[] = [];
  for (let place = given; ; place = path.dirname(place)) {
    const found = await seen(lstat(place));
    if (found !== undefined) {
      return found.isSymbolicLink() ? { path: place, target: await readlink(place), rest } : undefined;
    }
    if (place === path.dirname(place)) return undefined;
    rest.unshift(path.basename(place));
  }
}

/** The real path; its last parts need not exist yet. Undefined for a broken link and for a loop of links. */
export async function resolvedPath(given: string): Promise<string | undefined> {
  const rest: string[] = [];
  for (let place = path.resolve(given); ; place = path.dirname(place)) {
    try {
      if ((await ifThere(lstat(place))) !== undefined) return path.join(await realpath(place), ...rest);
    } catch (error) {
      if (UNSEEN_CODES.has(systemCode(error))) return undefined;
      throw error;
    }
    if (place === path.dirname(place)) return undefined;
    rest.unshift(path.basename(place));
  }
}

/** The stats of a path; undefined if it is missing or not accessible. */
export async function seen<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (UNSEEN_CODES.has(systemCode(error))) return undefined;
    throw error;
  }
}
