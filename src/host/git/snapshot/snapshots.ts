/** Snapshots of removed working trees, in their repository. */
import path from 'node:path';
import type { Repository } from '../repository';

/** Snapshots are on no branch; this keeps git from collecting them. */
export const SNAPSHOT_REFS = 'refs/intercore/snapshots';

export interface StoredSnapshot {
  readonly ref: string;
  /** Its name: the last part of the ref. */
  readonly id: string;
  readonly sha: string;
  /** The commit that was checked out in the working tree. */
  readonly head: string;
  /** The commit with the contents besides files; undefined if there are none. */
  readonly contents: string | undefined;
  /** Unix seconds. */
  readonly takenAt: number;
}

/** All snapshots in a repository, newest first. @throws KernelError `GIT_FAILED` */
export async function listSnapshots({ git, folder }: Repository): Promise<StoredSnapshot[]> {
  const format = '--format=%(refname)%09%(objectname)%09%(parent)%09%(committerdate:unix)';
  const args = ['for-each-ref', '--sort=-committerdate', format, '--end-of-options', SNAPSHOT_REFS];
  const lines = (await git.run(folder, args)).split('\n').filter(Boolean);
  return lines.map((line) => {
    const [ref = '', sha = '', parents = '', taken = ''] = line.split('\t');
    const [head = '', contents] = parents.split(' ');
    return { ref, id: path.posix.basename(ref), sha, head, contents, takenAt: Number(taken) };
  });
}
