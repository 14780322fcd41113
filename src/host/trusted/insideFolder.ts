/**
 * Paths below a root that is known without the record. A path of a row is a claim: links are resolved first, and what
 * does not lie below the root has no type that a reader, a writer or git takes (`docs/design/trust.md`).
 */
import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { ifThere, systemCode } from '../files/fileErrors';
import { isInside } from '../database/paths';
import { resolvedPath, UNSEEN_CODES } from '../files/pathIdentity';

declare const insideFolderBrand: unique symbol;
declare const ownStorageFileBrand: unique symbol;

/** An absolute path inside a folder of the person's, or that folder itself; links are resolved. */
export type InsideFolder = string & { readonly [insideFolderBrand]: true };

/** An absolute path below one of our own storages; links are resolved. */
export type OwnStorageFile = string & { readonly [ownStorageFileBrand]: true };

/** The claimed path, where it is `root` or below it; undefined otherwise. The file itself need not exist. */
export async function insideFolder(root: string, claim: string): Promise<InsideFolder | undefined> {
  return (await below(root, claim, true)) as InsideFolder | undefined;
}

/** The claimed path, where it is below one of our storages; undefined otherwise. The file itself need not exist. */
export async function ownStorageFile(storages: readonly string[], claim: string): Promise<OwnStorageFile | undefined> {
  for (const storage of storages) {
    const found = await below(storage, claim, false);
    if (found !== undefined) return found as OwnStorageFile;
  }
  return undefined;
}

/** The path without links; undefined where a claim leads to nothing that exists. */
export async function realPathOf(claim: string): Promise<string | undefined> {
  if (!path.isAbsolute(claim) || claim.includes('\0')) return undefined;
  try {
    return await realpath(claim);
  } catch (error) {
    if (UNSEEN_CODES.has(systemCode(error))) return undefined;
    throw error;
  }
}

/** Whether nothing is at an absolute path; a link to nothing, and what may not be checked, is something. */
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
