/**
 * Whether references are stored as files, which may be read. In a repository with `extensions.refStorage` git stores
 * them elsewhere, and its `HEAD` file names an impossible branch: then git is asked, and an unanswered question is
 * unknown.
 */
import path from 'node:path';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import { shaOf, type Sha } from '../../../kernel/text/gitNames';
import { readSmallFile } from '../../files/smallFile';
import type { Repository } from '../repository';

const KEPT_ELSEWHERE = 'ref: refs/heads/.invalid';
/** References that each worktree has separately. */
const PRIVATE = ['refs/bisect', 'refs/worktree', 'refs/rewritten'];

/** @param gitDir git's own files of a repository or a worktree */
export async function hasReferenceFiles(gitDir: string): Promise<boolean> {
  return ((await readSmallFile(path.join(gitDir, 'HEAD'))) ?? '').trim() !== KEPT_ELSEWHERE;
}

/** The object of a name in a working tree, such as `HEAD`, according to git. @throws KernelError `GIT_FAILED` */
export async function askedCommit({ git, folder }: Repository, gitDir: string, name: string): Promise<Sha | undefined> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', name];
  return shaOf(await git.run(folder, args, { env: { GIT_DIR: gitDir }, accepts: 1 }));
}

/** The same for the references that only one working tree has. @throws KernelError `GIT_FAILED` */
export async function askedPrivateCommits({ git, folder }: Repository, gitDir: string): Promise<Sha[]> {
  const args = ['for-each-ref', '--format=%(objectname)', '--end-of-options', ...PRIVATE];
  const listed = await git.run(folder, args, { env: { GIT_DIR: gitDir } });
  return listed.split('\n').flatMap((line) => shaOf(line) ?? []);
}

/** The head of a worktree whose references are not files. @throws KernelError `GIT_FAILED` where it is unknown */
export async function askedHead(repository: Repository, gitDir: string): Promise<Sha> {
  const head = await askedCommit(repository, gitDir, 'HEAD');
  if (head !== undefined) return head;
  const problem = because('this git cannot read the format of its references');
  throw new KernelError('GIT_FAILED', { command: 'git', folder: gitDir, problem });
}

/** An interrupted operation that shows in no file, if references are not files. @throws KernelError `GIT_FAILED` */
export async function askedOperation(
  repository: Repository,
  gitDir: string,
): Promise<'cherry-pick' | 'revert' | undefined> {
  if (await hasReferenceFiles(gitDir)) return undefined;
  if ((await askedCommit(repository, gitDir, 'CHERRY_PICK_HEAD')) !== undefined) return 'cherry-pick';
  return (await askedCommit(repository, gitDir, 'REVERT_HEAD')) === undefined ? undefined : 'revert';
}
