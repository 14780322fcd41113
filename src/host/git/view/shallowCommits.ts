/**
 * The commits at which the history of a shallow clone ends. A file that an agent can write lists them, so one counts
 * only if the clone lacks a parent of it, so that no list hides existing history.
 */
import { shaOf, type Sha } from '../../../kernel/text/gitNames';
import { readSmallFile } from '../../files/smallFile';

/** A view of a clone's objects, of which only this is needed. */
interface CommitReader {
  run(args: readonly string[]): Promise<string>;
}

const CHUNK = 200;
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * @param view sees the objects and no list of such commits.
 * @throws KernelError `GIT_FAILED`
 */
export async function shallowCommits(view: CommitReader, file: string): Promise<Sha[]> {
  const listed = ((await readSmallFile(file, MAX_BYTES)) ?? '').split('\n').flatMap((line) => shaOf(line.trim()) ?? []);
  const found: Sha[] = [];
  for (let at = 0; at < listed.length; at += CHUNK) {
    const parents = await parentsOf(view, listed.slice(at, at + CHUNK));
    const present = await presentOf(view, [...new Set([...parents.values()].flat())]);
    for (const [commit, all] of parents) if (all.some((parent) => !present.has(parent))) found.push(commit);
  }
  return found;
}

const ALONE = ['rev-list', '--no-walk', '--ignore-missing'];

async function parentsOf(view: CommitReader, commits: readonly Sha[]): Promise<ReadonlyMap<Sha, readonly Sha[]>> {
  const lines = await view.run([...ALONE, '--parents', '--end-of-options', ...commits]);
  const parents = new Map<Sha, readonly Sha[]>();
  for (const line of lines.split('\n')) {
    const [commit, ...others] = line.split(' ').flatMap((name) => shaOf(name) ?? []);
    if (commit !== undefined) parents.set(commit, others);
  }
  return parents;
}

async function presentOf(view: CommitReader, commits: readonly Sha[]): Promise<ReadonlySet<Sha>> {
  if (commits.length === 0) return new Set();
  const lines = await view.run([...ALONE, '--end-of-options', ...commits]);
  return new Set(lines.split('\n').flatMap((line) => shaOf(line) ?? []));
}
