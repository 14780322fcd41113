/**
 * Folders of our storages that the user has moved, for example to another disk, with a link in their place. Only links
 * at our own names, above what agents write, are followed: links of an agent or a record are not.
 */
import { lstat, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isInside } from '../files/paths';
import { resolvedPath, seen } from '../files/pathIdentity';
import { realPathOf } from './insideFolder';

/** The parents of folders for agents, clones and proofs. */
const HOLDERS = ['worktrees', 'projects', 'proof'] as const;
type Holder = (typeof HOLDERS)[number];

/** Names between a storage and these: for all tasks, for leaders, and for one folder by its hash. */
const BETWEEN = /^(?:tasks|lead|[0-9a-f]{16})$/;
const MOST_LEVELS = 3;

/** A path below a moved folder. */
interface LinkedFolder {
  /** Without links. */
  readonly real: string;
  readonly holder: Holder;
  /** Its depth below the holder. */
  readonly depth: number;
}

/** The given path, if it is below such a folder. It need not exist. */
export async function inLinkedFolder(storages: readonly string[], claim: string): Promise<LinkedFolder | undefined> {
  const real = path.isAbsolute(claim) && !claim.includes('\0') ? await resolvedPath(claim) : undefined;
  if (real === undefined) return undefined;
  for (const storage of storages) {
    for (const link of await linksIn(storage, MOST_LEVELS)) {
      const folder = await realPathOf(link);
      if (folder === undefined || !isInside(folder, real)) continue;
      const names = [path.basename(link), ...path.relative(folder, real).split(path.sep)];
      const at = names.findIndex((name) => !BETWEEN.test(name));
      const holder = HOLDERS.find((name) => name === names[at]);
      const depth = names.length - at - 1;
      if (holder !== undefined && depth > 0) return { real, holder, depth };
    }
  }
  return undefined;
}

/** Links in a storage in place of our folders. */
async function linksIn(folder: string, levels: number): Promise<string[]> {
  const links: string[] = [];
  for (const name of (await seen(readdir(folder))) ?? []) {
    const isBetween = levels > 0 && BETWEEN.test(name);
    if (!isBetween && !HOLDERS.some((holder) => holder === name)) continue;
    const place = path.join(folder, name);
    if (await isOwnLink(place)) links.push(place);
    if (isBetween) links.push(...(await linksIn(place, levels - 1)));
  }
  return links;
}

/** Whether this user created the link; other users' links do not count. */
async function isOwnLink(place: string): Promise<boolean> {
  const link = await seen(lstat(place));
  if (link?.isSymbolicLink() !== true) return false;
  const own = process.geteuid?.();
  const isOurs = own === undefined || link.uid === own || link.uid === 0;
  return isOurs && (await seen(stat(place)))?.isDirectory() === true;
}
