/**
 * A view of a clone's objects. Agents write clones: their configuration, excludes, attributes, index, hooks, grafts and
 * replaced objects must not decide what a commit contains. None of these applies here, since git runs with a repository
 * of ours that has no branch and borrows the clone's objects, which are named by their content.
 */
import path from 'node:path';
import { lstat, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { type Sha, shaOf } from '../../../kernel/text/gitNames';
import { ifThere } from '../../files/fileErrors';
import type { GitRun } from '../git';
import { makeGitDir, objectsOf, type Objects } from './ownGitDir';
import type { Repository } from '../repository';
import { repositoryFiles, storedConfig } from '../repositoryFiles';

export class OwnView {
  constructor(
    readonly repository: Repository,
    private readonly gitDir: string,
    private readonly variables: Readonly<Record<string, string>>,
  ) {}

  /** @throws KernelError `GIT_FAILED` */
  run(args: readonly string[], options: GitRun = {}): Promise<string> {
    const env = { GIT_DIR: this.gitDir, ...this.variables, ...options.env };
    return this.repository.git.run(this.repository.folder, args, { ...options, env });
  }

  /** The same view with a working tree. */
  on(tree: string): OwnView {
    return new OwnView(this.repository, this.gitDir, { ...this.variables, GIT_WORK_TREE: tree });
  }

  /** The same view with a separate index, initially empty. */
  indexed(name: string): OwnView {
    const index = path.join(this.gitDir, `index-${name}`);
    return new OwnView(this.repository, this.gitDir, { ...this.variables, GIT_INDEX_FILE: index });
  }

  /** From now on files are stored and written byte for byte, regardless of `.gitattributes`. */
  async keepBytes(): Promise<void> {
    const info = path.join(this.gitDir, 'info');
    await mkdir(info, { recursive: true });
    await writeFile(path.join(info, 'attributes'), '* -text !eol -filter -ident !working-tree-encoding\n');
  }

  /** The tree of a commit. */
  async treeOf(commit: Sha): Promise<Sha | undefined> {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{tree}`];
    return shaOf(await this.run(args));
  }

  async isAncestor(ancestor: Sha, descendant: Sha): Promise<boolean> {
    const args = ['rev-list', '--max-count=1', '--end-of-options', ancestor, `^${descendant}`];
    return (await this.run(args)) === '';
  }

  /** The files that differ between two commits, including removed ones. */
  async changedFiles(from: Sha, to: Sha): Promise<string[]> {
    const flags = ['-r', '-z', '--name-only', '--no-renames', '--no-ext-diff', '--no-textconv'];
    return splitNul(await this.run(['diff-tree', ...flags, '--end-of-options', from, to]));
  }

  /** The files that only the second of two commits has. */
  async addedFiles(from: Sha, to: Sha): Promise<string[]> {
    const flags = ['-r', '-z', '--name-only', '--no-renames', '--diff-filter=A'];
    return splitNul(await this.run(['diff-tree', ...flags, '--end-of-options', from, to]));
  }

  /**
   * Lets the `.gitattributes` at the top of a commit decide how files are merged; its drivers are the user's programs.
   */
  async adoptAttributes(commit: Sha): Promise<void> {
    await fetchAttributes(this.repository, commit);
    const info = path.join(this.gitDir, 'info');
    await mkdir(info, { recursive: true });
    await writeFile(path.join(info, 'attributes'), (await this.textOf(commit, '.gitattributes')) ?? '');
  }

  /** The content of a file of a commit; undefined if there is none. */
  async textOf(commit: Sha, file: string): Promise<string | undefined> {
    const found = await this.run(['ls-tree', '-z', '--full-tree', '--end-of-options', commit, `:(literal)${file}`]);
    const blob = /^100\d{3} blob ([0-9a-f]+)\t/.exec(found)?.[1];
    return blob === undefined ? undefined : this.run(['cat-file', 'blob', '--end-of-options', blob], { isExact: true });
  }

  /**
   * The tree of the merge of two commits of the clone, or the conflicting files.
   * @throws KernelError `GIT_FAILED`
   */
  async mergedTree(base: Sha, head: Sha): Promise<{ readonly tree: string; readonly conflicts: readonly string[] }> {
    await fetchForMerge(this.repository, base, head);
    const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', '--end-of-options', base, head];
    // Exit code 1 means conflicts, and the files follow.
    const [tree = '', ...conflicts] = splitNul(await this.run(args, { accepts: 1 }));
    return { tree, conflicts };
  }
}

/** Lets `use` read the objects of a repository; the view is removed afterwards. */
export async function withOwnView<T>(repository: Repository, use: (view: OwnView) => Promise<T>): Promise<T> {
  const objects = await objectsOf(repository);
  const gitDir = await mkdtemp(path.join(tmpdir(), 'intercore-git-'));
  try {
    await makeGitDir(gitDir, objects.format, true);
    const view = new OwnView(repository, gitDir, { GIT_OBJECT_DIRECTORY: objects.folder });
    await endHistory(view, objects, gitDir);
    return await use(view);
  } finally {
    await rm(gitDir, { recursive: true, force: true });
  }
}

/** Ends the history of a view at the end of a shallow clone's history. */
export async function endHistory(view: OwnView, { folder }: Objects, gitDir: string): Promise<void> {
  const file = path.join(path.dirname(folder), 'shallow');
  if ((await ifThere(lstat(file))) === undefined) return;
  const { shallowCommits } = await import('./shallowCommits.js');
  const commits = await shallowCommits(view, file);
  if (commits.length > 0)
    await writeFile(path.join(gitDir, 'shallow'), commits.map((commit) => `${commit}\n`).join(''));
}

export function splitNul(text: string): string[] {
  return text.split('\0').filter(Boolean);
}

/**
 * Fetches the files that the merge of two commits reads. @throws KernelError `GIT_FILES_MISSING` if the remote cannot
 * be reached
 */
async function fetchForMerge(repository: Repository, base: Sha, head: Sha): Promise<void> {
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
async function fetchAttributes(repository: Repository, commit: Sha): Promise<void> {
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
