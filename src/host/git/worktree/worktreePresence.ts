/**
 * Whether a worktree exists, was deleted, or cannot be seen: its path is blocked, or another disk or folder is in its
 * place. A missing or different folder does not prove that a worktree is gone.
 */
import { lstat, stat } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../../kernel/errors/errors';
import { because, type Problem, type Reason } from '../../../kernel/errors/reasons/problem';
import type { Clause } from '../../../kernel/errors/reasons/reasons';
import { ifThere, systemCode } from '../../files/fileErrors';
import { UNSEEN_CODES } from '../../files/pathIdentity';
import { filesIn, linkedFiles, treeMark, rootMark, worktreeFilesIn } from '../worktreeFiles';

/** Why a worktree cannot be seen. */
export type UnseenReason = Reason<Clause<'WORKTREE_UNSEEN'>>;

export type Presence =
  | { readonly kind: 'present' }
  | { readonly kind: 'deleted' }
  /** Its disk or folder does not answer. */
  | { readonly kind: 'unseen'; readonly problem: UnseenReason };

/**
 * @param files the repository's files of the worktree
 * @param root the folder in which it was created
 */
export async function presenceOf(tree: string, files: string, root = path.dirname(tree)): Promise<Presence> {
  const problem = await hiddenBy(tree);
  if (problem !== undefined) return { kind: 'unseen', problem };
  const made = await treeMark(files);
  const found = await ifThere(lstat(tree, { bigint: true }));
  if (found !== undefined) {
    const isOther = found.isDirectory() && (await isOtherFolder(tree, found, made?.inode));
    if (!isOther) return { kind: 'present' };
    return { kind: 'unseen', problem: because('another folder is in the place of {tree}', { tree }) };
  }
  // Those of earlier versions have no mark: then at least the folder in which it was created must exist.
  const isSameRoot =
    made === undefined ? (await ifThere(stat(root))) !== undefined : made.root === (await rootMark(root));
  return isSameRoot
    ? { kind: 'deleted' }
    : { kind: 'unseen', problem: because('{root} is not the folder in which it was created', { root }) };
}

/** Without a link to a repository, on a separate disk, or with another inode than the created folder. */
async function isOtherFolder(
  tree: string,
  found: { readonly dev: bigint; readonly ino: bigint },
  inode: string | undefined,
): Promise<boolean> {
  if ((await ifThere(lstat(path.join(tree, '.git')))) !== undefined) return false;
  const above = await ifThere(stat(path.dirname(tree), { bigint: true }));
  const isMounted = above !== undefined && above.dev !== found.dev;
  return isMounted || (inode !== undefined && inode !== String(found.ino));
}

/** Why a worktree cannot be seen; undefined for one that exists or was deleted. `files`: as far as they are known. */
export async function unseenProblem(tree: string, files: string | undefined): Promise<UnseenReason | undefined> {
  if (files === undefined) return hiddenBy(tree);
  const presence = await presenceOf(tree, files);
  return presence.kind === 'unseen' ? presence.problem : undefined;
}

/** The same without running git, for views. `cloneOf`: its clone, if git may run there; otherwise undefined. */
export async function unseenProblemIn(
  tree: string,
  cloneOf: () => Promise<string | undefined>,
): Promise<UnseenReason | undefined> {
  const problem = await hiddenBy(tree);
  if (problem !== undefined || (await linkedFiles(tree)) !== undefined) return problem;
  const clone = await cloneOf();
  const all = clone === undefined ? undefined : await worktreeFilesIn(clone);
  return unseenProblem(tree, all === undefined ? undefined : await filesIn(all, tree));
}

/**
 * Refuses a path that cannot be seen now: a link above it is broken, or a folder is not readable. A missing folder is
 * allowed.
 * @throws KernelError `WORKTREE_UNSEEN`
 */
export async function refuseUnseen(tree: string, clone: string): Promise<void> {
  const obstacle = await obstacleTo(tree);
  if (obstacle !== undefined) throw unseen(tree, clone, obstacle);
}

export function unseen(path_: string, clone: string, problem: Problem<'WORKTREE_UNSEEN'>): KernelError {
  return new KernelError('WORKTREE_UNSEEN', { path: path_, clone, problem });
}

/** As far as the path alone shows it: it is blocked, or the folder in which it was created is missing. */
async function hiddenBy(tree: string): Promise<UnseenReason | undefined> {
  const obstacle = await obstacleTo(tree);
  if (obstacle !== undefined || (await ifThere(lstat(tree))) !== undefined) return obstacle;
  const root = path.dirname(tree);
  return (await ifThere(lstat(root))) === undefined ? because('{root} is not there', { root }) : undefined;
}

async function obstacleTo(tree: string): Promise<UnseenReason | undefined> {
  for (let place = tree; ; place = path.dirname(place)) {
    try {
      const found = await ifThere(lstat(place));
      if (found === undefined && place !== path.dirname(place)) continue;
      if (place === tree) return undefined;
      const target = await ifThere(stat(place));
      if (target === undefined) return because('the link {place} is broken', { place });
      return target.isDirectory() ? undefined : because('{place} is not a folder', { place });
    } catch (error) {
      const code = systemCode(error);
      if (!UNSEEN_CODES.has(code)) throw error;
      return because('{place} cannot be read ({code})', { place, code: code ?? '' });
    }
  }
}
