/**
 * Names for branches and references that we add to a user's repository. Git keeps no branch `a/b` next to a branch `a`,
 * and some file systems keep no `A` next to an `a`.
 */
import type { Repository } from '../repository';

/** Whether two names, both of branches or both of references, cannot both exist. */
export function excludeEachOther(one: string, other: string): boolean {
  const [first, second] = [one.toLowerCase(), other.toLowerCase()];
  return first === second || first.startsWith(`${second}/`) || second.startsWith(`${first}/`);
}

/**
 * The wanted name for a branch that starts at a commit, or a similar one if another branch excludes it. A branch with
 * exactly this name that is at the commit, and not checked out in any worktree `besides` one, is used.
 * @throws KernelError `GIT_FAILED`
 */
export async function freeBranch(
  repository: Repository,
  wanted: string,
  { commit, besides }: { readonly commit: string; readonly besides: string | undefined },
): Promise<string> {
  const used = new Set(
    (await repository.worktrees()).flatMap(({ path, branch }) => (path === besides ? [] : [branch])),
  );
  const branches = (await refsBelow(repository, 'refs/heads/')).filter(
    ({ name, sha }) => name !== wanted || sha !== commit || used.has(name),
  );
  return free(
    wanted,
    branches.map(({ name }) => name),
  );
}

/** A new reference in `directory`, with the wanted name or a similar one. @throws KernelError `GIT_FAILED` */
export async function freeRef(repository: Repository, directory: string, wanted: string): Promise<string> {
  const names = (await refsBelow(repository, `${directory}/`)).map(({ name }) => name);
  return `${directory}/${free(wanted, names)}`;
}

/** A name without a folder, if a folder is excluded: `a-b` for `a/b`. */
function free(wanted: string, taken: readonly string[]): string {
  const isFree = (name: string): boolean => !taken.some((other) => excludeEachOther(name, other));
  if (isFree(wanted)) return wanted;
  const flat = wanted.replaceAll('/', '-');
  let name = taken.includes(wanted) ? `${wanted}-2` : flat;
  for (let n = 2; !isFree(name); n += 1) name = `${flat}-${n}`;
  return name;
}

interface NamedCommit {
  readonly name: string;
  readonly sha: string;
}

async function refsBelow({ git, folder }: Repository, prefix: string): Promise<NamedCommit[]> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', '--end-of-options', prefix];
  const lines = (await git.run(folder, args)).split('\n').filter(Boolean);
  return lines.map((line) => {
    const [sha = '', ref = ''] = line.split(' ');
    return { sha, name: ref.slice(prefix.length) };
  });
}
