/**
 * Which repository git would find from a folder. Its files may be used only if they belong to the working tree they
 * were found from. A `.git` that points at a repository elsewhere is refused (`docs/design/trust.md`).
 */
import type { Stats } from 'node:fs';
import { lstat, readFile, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { isKernelError, KernelError, type ErrorCode } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import { shellWord } from '../../../kernel/text/shellWord';
import { ifThere, systemCode } from '../../files/fileErrors';
import { isSameFile } from '../../files/pathIdentity';
import { isRepository, refuseDamaged } from './wholeRepository';

export interface GitDirectory {
  /** The top of the working tree. */
  readonly top: string;
  /** Its own files: index, head. */
  readonly own: string;
  /** Files that all working trees of the repository share: objects, branches, configuration. */
  readonly common: string;
}

/**
 * Searches like git: in the folder, then in its parents. Undefined where there is no repository.
 * @throws KernelError `RECORDED_ELSEWHERE` for a `.git` that leads to the files of another working tree;
 * `GIT_FILES_APART` for one that leads to files that name no working tree; `GIT_LINK_BROKEN` for one that leads
 * nowhere; `WORKTREE_OTHER_PATH` for a worktree that is mounted twice, whose other path is the one in git;
 * `HEAD_DAMAGED`, `OBJECTS_MISSING`, `REPOSITORY_DAMAGED`, `GIT_ACCESS_REFUSED`
 */
export async function gitDirectoryOf(folder: string): Promise<GitDirectory | undefined> {
  for (let place = folder; ; place = path.dirname(place)) {
    const entry = path.join(place, '.git');
    const found = await ifThere(lstat(entry));
    if (found !== undefined && !(found.isDirectory() && !(await isRepository(entry)))) {
      const directory = await directoryAt(place, entry, found);
      await refuseDamaged(place, directory.own, directory.common);
      return directory;
    }
    if (place === path.dirname(place)) return undefined;
  }
}

function directoryAt(top: string, entry: string, found: Stats): Promise<GitDirectory> | GitDirectory {
  if (found.isDirectory()) return ordinary(top, entry);
  if (found.isFile()) return linked(top, entry);
  return found.isSymbolicLink() ? throughLink(top, entry) : refuse(entry);
}

async function ordinary(top: string, own: string): Promise<GitDirectory> {
  if ((await textOf(path.join(own, 'commondir'))) !== undefined) {
    throw new KernelError('RECORDED_ELSEWHERE', { path: path.join(own, 'commondir') });
  }
  return { top, own, common: own };
}

/** A worktree whose path is in its repository, or a repository whose files name their working tree. */
async function linked(top: string, entry: string): Promise<GitDirectory> {
  const named = /^gitdir: (.+)$/.exec((await textOf(entry)) ?? '')?.[1];
  if (named === undefined) {
    throw new KernelError('REPOSITORY_DAMAGED', {
      folder: top,
      problem: because('{file} does not name a repository', { file: entry }),
    });
  }
  const own = await realPath(path.resolve(top, named));
  if (own === undefined) throw new KernelError('GIT_LINK_BROKEN', { folder: top, place: path.resolve(top, named) });
  const shared = await textOf(path.join(own, 'commondir'));
  if (shared === undefined) return apart(top, entry, own);
  const common = await realPath(path.resolve(own, shared));
  const back = await textOf(path.join(own, 'gitdir'));
  const isKnown = back !== undefined && (await realPath(path.resolve(own, back))) === (await realPath(entry));
  if (!isKnown && back !== undefined) await refuseOtherPath(top, path.resolve(own, back));
  if (common === undefined || !isKnown || path.dirname(own) !== path.join(common, 'worktrees')) return refuse(entry);
  return { top, own, common };
}

/** Git compares spellings. This compares folders, since a `.git` file may have a hard link anywhere. */
async function refuseOtherPath(top: string, entry: string): Promise<void> {
  const known = path.dirname(entry);
  if (path.basename(entry) !== '.git' || !(await isSameFile(known, top))) return;
  throw new KernelError('WORKTREE_OTHER_PATH', { path: top, known });
}

async function throughLink(top: string, entry: string): Promise<GitDirectory> {
  const own = await realPath(entry);
  if (own === undefined) {
    throw new KernelError('GIT_LINK_BROKEN', { folder: top, place: path.resolve(top, await readlink(entry)) });
  }
  if ((await textOf(path.join(own, 'commondir'))) !== undefined) return refuse(entry);
  return apart(top, entry, own);
}

/** A submodule, or a repository with a separate git folder: its files name their working tree. */
async function apart(top: string, entry: string, own: string): Promise<GitDirectory> {
  const tree = await namedTree(own);
  const named = tree === undefined ? undefined : await realPath(tree);
  if (named !== undefined && named === (await realPath(top))) return { top, own, common: own };
  // Files inside a working tree belong to that tree.
  const isBare = settingIn((await textOf(path.join(own, 'config'))) ?? '', 'bare') !== 'false';
  const isOfNone = named === undefined && path.basename(own) !== '.git' && !isBare;
  if (!isOfNone) return refuse(entry);
  const names = [path.join(own, 'config'), 'core.worktree', top].map(shellWord).join(' ');
  throw new KernelError('GIT_FILES_APART', { folder: top, place: own, command: `git config --file ${names}` });
}

const UNUSED: ReadonlySet<string> = new Set<ErrorCode>([
  ...(['RECORDED_ELSEWHERE', 'GIT_FILES_APART', 'GIT_LINK_BROKEN'] as const),
  ...(['WORKTREE_OTHER_PATH', 'BARE_BY_OPTION'] as const),
  ...(['HEAD_DAMAGED', 'OBJECTS_MISSING', 'REPOSITORY_DAMAGED', 'GIT_ACCESS_REFUSED'] as const),
]);

/** Whether git is not used in a folder, because its `.git` leads elsewhere or is damaged. */
export function leadsElsewhere(error: unknown): boolean {
  return isKernelError(error) && UNUSED.has(error.code);
}

function refuse(entry: string): never {
  throw new KernelError('RECORDED_ELSEWHERE', { path: entry });
}

/** The working tree that the configuration of a repository names; undefined if it names none. */
export async function namedTree(gitDir: string): Promise<string | undefined> {
  const tree = settingIn((await textOf(path.join(gitDir, 'config'))) ?? '', 'worktree');
  return tree === undefined ? undefined : path.resolve(gitDir, tree);
}

/** What a repository's configuration sets, by the last part of the key. */
function settingIn(config: string, wanted: string): string | undefined {
  const values = config.split('\n').flatMap((line) => {
    const [key = '', ...rest] = line.split('=');
    return key.trim().toLowerCase() === wanted ? [rest.join('=').trim().replace(/^"|"$/g, '')] : [];
  });
  return values.find((value) => value !== '');
}

/** Without the line break at its end; undefined where there is no such file. */
async function textOf(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

async function realPath(place: string): Promise<string | undefined> {
  return ifThere(realpath(place));
}
