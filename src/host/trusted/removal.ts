/**
 * The only recursive removal of paths that a record may name: only of places in our own registry or storage, by their
 * real paths (`docs/design/trust.md`).
 */
import { realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../kernel/errors/errors';
import { ifThere } from '../files/fileErrors';
import type { OwnStorageFile } from './insideFolder';
import type { OwnClone, OwnWorktree } from './ownTrees';

type OwnPath = OwnClone | OwnWorktree | OwnStorageFile;

const PATIENCE = { maxRetries: 5, retryDelay: 100 };

/** Removes one of our places with its content; does nothing if it is gone. @throws KernelError `RECORDED_ELSEWHERE` */
export async function removeOwnFolder(place: OwnPath): Promise<void> {
  const real = await ifThere(realpath(place));
  if (real === undefined) return;
  // A link may have replaced it since it was checked.
  if (real !== place) throw elsewhere(place);
  await rm(place, { recursive: true, force: true, ...PATIENCE });
}

/** Removes one entry of one of our places. A link is removed, not its target. @throws as `removeOwnFolder` */
export async function removeOwnEntry(place: OwnPath, name: string): Promise<void> {
  if (path.basename(name) !== name || name === '.' || name === '..') throw elsewhere(path.join(place, name));
  const real = await ifThere(realpath(place));
  if (real !== undefined && real !== place) throw elsewhere(place);
  await rm(path.join(place, name), { recursive: true, force: true, ...PATIENCE });
}

function elsewhere(place: string): KernelError {
  return new KernelError('RECORDED_ELSEWHERE', { path: place });
}
