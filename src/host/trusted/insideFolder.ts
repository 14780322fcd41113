/**
 * Paths below a root that is known without the record. A path in a row is untrusted: links are resolved first, and only
 * a path below the root gets a type that readers, writers and git accept (`docs/design/trust.md`).
 */
import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { ifThere, systemCode } from '../files/fileErrors';
import { isInside } from '../files/paths';
import { resolvedPath, UNSEEN_CODES } from '../files/pathIdentity';

declare const insideFolderBrand: unique symbol;
declare const ownStorageFileBrand: unique symbol;

/** An absolute path inside a folder of the user, or that folder itself; links are resolved. */
export type InsideFolder = string & { readonly [insideFolderBrand]: true };

/** An absolute path below one of our own storages; links are resolved. */
export type OwnStorageFile = string & { readonly [ownStorageFileBrand]: true };

/** The given path, if it is `root` or below it; otherwise undefined. The file itself need not exist. */
export async function insideFolder(root: string, claim: string): Promise<InsideFolder | undefined> {
  return (await below(root, claim, true)) as InsideFolder | undefined;
}

/** The given path, if it is below one of our storages; otherwise undefined. The file itself need not exist. */
export async function ownStorageFile(storages: readonly string[], claim: string): Promise<OwnStorageFile | undefined> {
  for (const storage of storages) {
    const found = await below(storage, claim, false);
    if (found !== undefined) return found as OwnStorageFile;
  }
  return undefined;
}

/** The path without links; undefined if it does not exist. */
export async function realPathOf(claim: string): Promise<string | undefined> {
  if (!path.isAbsolute(claim) || claim.includes('\0')) return undefined;
  try {
    return await realpath(claim);
  } catch (error) {
    if (UNSEEN_CODES.has(systemCode(error))) return undefined;
    throw error;
  }
}

/** Whether an absolute path is free; a broken link, and an inaccessible path, is not. */
export async function isVacant(claim: string): Promise<boolean> {
  if (!path.isAbsolute(claim) || claim.includes('\0')) return false;
  try {
    return (await ifThere(lstat(claim))) === undefined;
  } catch (error) {
    if (UNSEEN_CODES.has(systemCode(error))) return false;
    throw error;
  }
}

async function below(root: string, claim: string, orRoot: boolean): Promise<string | undefined> {
  if (!path.isAbsolute(claim) || claim.includes('\0')) return undefined;
  const [outer, inner] = await Promise.all([resolvedPath(root), resolvedPath(claim)]);
  if (outer === undefined || inner === undefined) return undefined;
  return isInside(outer, inner) || (orRoot && outer === inner) ? inner : undefined;
}
