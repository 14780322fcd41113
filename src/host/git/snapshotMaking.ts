/** Keeps what is in a working tree and nowhere else, under a reference of the repository. The tree is not touched. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Identity } from './git';
import type { Repository } from './repository';
import { listSnapshots, SNAPSHOT_REFS } from './snapshots';
import { lossOf } from './treeLoss';

const OURS: Identity = { name: 'Intercore', email: 'intercore@localhost' };

export interface Snapshot {
  readonly ref: string;
  /** A commit whose tree is the working tree as it was, on top of its head. */
  readonly sha: string;
  readonly branch: string | undefined;
}

/** Undefined where nothing would be lost with the tree. @throws KernelError `GIT_FAILED` */
export async function takeSnapshot(repository: Repository, place: string, id: string): Promise<Snapshot | undefined> {
  const { git } = repository;
  const folder = await git.places.gitFolder(place);
  const head = await git.run(folder, 'read its head', ['rev-parse', '--verify', 'HEAD']);
  const branch = await git.ask(folder, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  if ((await lossOf(repository, folder)).losses.length === 0) return undefined;
  // An index of its own, so that what the agent or a person has staged stays as it is.
  const gitDir = await git.run(folder, 'find its own files', ['rev-parse', '--absolute-git-dir']);
  const index = { GIT_INDEX_FILE: path.join(gitDir, `intercore-snapshot-${id}`) };
  try {
    await git.run(folder, 'read its head', ['read-tree', 'HEAD'], { env: index });
    await git.run(folder, 'keep its changes', ['add', '--all', '--', '.'], { env: index });
    const tree = await git.run(folder, 'keep its changes', ['write-tree'], { env: index });
    const message = `Snapshot of ${path.basename(place)} before it was removed`;
    const commit = ['commit-tree', '-p', head, '-m', message, '--end-of-options', tree];
    const sha = await git.run(folder, 'keep its changes', commit, { identity: OURS });
    const ref = await freeRef(repository, id);
    await git.run(folder, 'keep its changes', ['update-ref', '--end-of-options', ref, sha, '']);
    return { ref, sha, branch };
  } finally {
    await rm(index.GIT_INDEX_FILE, { force: true });
  }
}

/** A reference that no snapshot has yet: what was kept before stays. */
async function freeRef(repository: Repository, id: string): Promise<string> {
  const taken = new Set((await listSnapshots(repository)).map(({ ref }) => ref));
  const first = `${SNAPSHOT_REFS}/${id}`;
  let ref = first;
  for (let n = 2; taken.has(ref); n += 1) ref = `${first}-${n}`;
  return ref;
}
