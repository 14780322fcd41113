/** What is kept in a repository of working trees that were removed. */
import path from 'node:path';
import type { Repository } from '../repository';

/** Snapshots stand in no branch; this keeps them from being collected. */
export const SNAPSHOT_REFS = 'refs/intercore/snapshots';

export interface StoredSnapshot {
  readonly ref: string;
  /** What it was taken under: the last part of the ref. */
  readonly id: string;
  readonly sha: string;
  /** The commit that the working tree stood on. */
  readonly head: string;
  /** The commit that holds what is not among the files; undefined where there is nothing of that kind. */
  readonly contents: string | undefined;
  /** Unix seconds. */
  readonly takenAt: number;
}

/** Everything that was kept of working trees of a repository, newest first. @throws KernelError `GIT_FAILED` */
export async function listSnapshots({ git, folder }: Repository): Promise<StoredSnapshot[]> {
  const format = '--format=%(refname)%09%(objectname)%09%(parent)%09%(committerdate:unix)';
  const args = ['for-each-ref', '--sort=-committerdate', format, '--end-of-options', SNAPSHOT_REFS];
  const lines = (await git.run(folder, 'list snapshots', args)).split('\n').filter(Boolean);
  return lines.map((line) => {
    const [ref = '', sha = '', parents = '', taken = ''] = line.split('\t');
    const [head = '', contents] = parents.split(' ');
    return { ref, id: path.posix.basename(ref), sha, head, contents, takenAt: Number(taken) };
  });
}
