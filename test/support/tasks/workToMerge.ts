/** A clone with work on a branch that can be merged, and the home folder of a person who configures git. */
import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, git as plainGit, PARCEL_API } from '../../../scripts/demo/repositories';
import { sha, type Sha } from '../../../src/kernel/text/gitNames';

export interface WorkToMerge {
  /** Holds all of it, and is the caller's to remove. */
  readonly parent: string;
  readonly clone: string;
  readonly home: string;
  /** The commit at the top of the branch `work`. */
  readonly head: Sha;
}

export async function workToMerge(prefix: string): Promise<WorkToMerge> {
  const parent = await realpath(await mkdtemp(path.join(tmpdir(), prefix)));
  const [clone, home] = [path.join(parent, 'clone'), path.join(parent, 'home')];
  await createRepository(clone, PARCEL_API);
  await plainGit(clone, ['config', '--unset-all', 'commit.gpgSign']);
  await mkdir(home);
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  await plainGit(clone, ['checkout', '--quiet', '-b', 'work']);
  await writeFile(path.join(clone, 'new.txt'), 'new');
  await plainGit(clone, ['add', '--all']);
  await plainGit(clone, [...identity, 'commit', '--quiet', '--message', 'Work']);
  const head = sha.parse((await plainGit(clone, ['rev-parse', 'HEAD'])).trim());
  await plainGit(clone, ['checkout', '--quiet', 'main']);
  return { parent, clone, home, head };
}
