/**
 * Clones that lack files of their history (`git clone --filter`). Git fetches them in the clone where it needs them; a view
 * of ours knows no remote, so what it will read is fetched before.
 */
import type { Sha } from '../../../kernel/text/gitNames';
import { shaOf } from '../../../kernel/text/gitNames';
import type { Repository } from '../repository';

/** What the merge of two commits reads. @throws KernelError `GIT_FILES_MISSING` where the remote is away */
export async function fetchForMerge(repository: Repository, base: Sha, head: Sha): Promise<void> {
  if (!(await isPartial(repository))) return;
  const start = shaOf(
    (await repository.git.ask(repository.folder, ['merge-base', '--end-of-options', base, head])) ?? '',
  );
  if (start === undefined) return;
  // To count lines git reads the files by which two commits differ, and fetches them all at once.
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
  return (await git.ask(folder, ['config', '--get-regexp', '^remote\\..*\\.promisor$'])) !== undefined;
}

function fetching({ git, folder }: Repository, args: readonly string[]): Promise<string> {
  return git.run(folder, 'fetch missing files', args, { kind: 'checkout' });
}
