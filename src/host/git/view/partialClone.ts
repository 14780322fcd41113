/**
 * Partial clones, which lack files of their history (`git clone --filter`). In the clone git fetches them when needed;
 * our views have no remote, so the files that they will read are fetched before.
 */
import type { Sha } from '../../../kernel/text/gitNames';
import { shaOf } from '../../../kernel/text/gitNames';
import type { Repository } from '../repository';
import { repositoryFiles, storedConfig } from '../repositoryFiles';

/**
 * Fetches the files that the merge of two commits reads. @throws KernelError `GIT_FILES_MISSING` if the remote cannot
 * be reached
 */
export async function fetchForMerge(repository: Repository, base: Sha, head: Sha): Promise<void> {
  if (!(await isPartial(repository))) return;
  const start = shaOf(
    (await repository.git.ask(repository.folder, ['merge-base', '--end-of-options', base, head])) ?? '',
  );
  if (start === undefined) return;
  // To count lines, git reads the differing files of two commits, and fetches them all at once.
  const compare = ['diff-tree', '-r', '-z', '--numstat', '--no-renames', '--end-of-options', start];
  for (const commit of [base, head]) await fetching(repository, [...compare, commit]);
}

/** The `.gitattributes` at the top of a commit. @throws as `fetchForMerge` */
export async function fetchAttributes(repository: Repository, commit: Sha): Promise<void> {
  if (!(await isPartial(repository))) return;
  const listed = await fetching(repository, [
    'ls-tree',
    '-z',
    '--full-tree',
    '--end-of-options',
    commit,
    '.gitattributes',
  ]);
  const file = shaOf(/^100\d{3} blob ([0-9a-f]+)\t/.exec(listed)?.[1] ?? '');
  if (file !== undefined) await fetching(repository, ['cat-file', 'blob', '--end-of-options', file]);
}

async function isPartial({ git, folder }: Repository): Promise<boolean> {
  // The configuration of the repository names the remote from which files are missing.
  if (!/promisor|include/i.test(await storedConfig(await repositoryFiles(git, folder)))) return false;
  return (await git.ask(folder, ['config', '--get-regexp', '^remote\\..*\\.promisor$'])) !== undefined;
}

function fetching({ git, folder }: Repository, args: readonly string[]): Promise<string> {
  return git.run(folder, args, { kind: 'checkout' });
}
