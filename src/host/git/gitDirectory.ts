/**
 * Which repository git would find from a folder: its own files are ours to use only where they belong to the working
 * tree they were found from. A `.git` that points at a repository elsewhere is refused (design §15).
 */
import { lstat, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { KernelError } from '../../kernel/errors';
import { ifThere, systemCode } from '../fileErrors';

export interface GitDirectory {
  /** The top of the working tree. */
  readonly top: string;
  /** Its own files: index, head. */
  readonly own: string;
  /** What all working trees of the repository share: objects, branches, configuration. */
  readonly common: string;
}

/**
 * As git itself looks: in the folder, then in those above it. Undefined where there is no repository.
 * @throws KernelError `RECORDED_ELSEWHERE` for a `.git` that leads to the files of another working tree
 */
export async function gitDirectoryOf(folder: string): Promise<GitDirectory | undefined> {
  for (let place = folder; ; place = path.dirname(place)) {
    const entry = path.join(place, '.git');
    const found = await ifThere(lstat(entry));
    if (found?.isDirectory() === true) return ordinary(place, entry);
    if (found?.isFile() === true) return linked(place, entry);
    if (found !== undefined) throw new KernelError('RECORDED_ELSEWHERE', { path: entry });
    if (place === path.dirname(place)) return undefined;
  }
}

async function ordinary(top: string, own: string): Promise<GitDirectory> {
  if ((await textOf(path.join(own, 'commondir'))) !== undefined) {
    throw new KernelError('RECORDED_ELSEWHERE', { path: path.join(own, 'commondir') });
  }
  return { top, own, common: own };
}

/** A worktree, which the repository knows by its place, or a submodule, whose files name its working tree. */
async function linked(top: string, entry: string): Promise<GitDirectory> {
  const refuse = (): never => {
    throw new KernelError('RECORDED_ELSEWHERE', { path: entry });
  };
  const named = /^gitdir: (.+)$/.exec((await textOf(entry)) ?? '')?.[1];
  const own = named === undefined ? undefined : await realPath(path.resolve(top, named));
  if (own === undefined) return refuse();
  const shared = await textOf(path.join(own, 'commondir'));
  if (shared === undefined) {
    const tree = worktreeIn((await textOf(path.join(own, 'config'))) ?? '');
    const isItsOwn = tree !== undefined && (await realPath(path.resolve(own, tree))) === (await realPath(top));
    return isItsOwn ? { top, own, common: own } : refuse();
  }
  const common = await realPath(path.resolve(own, shared));
  const back = await textOf(path.join(own, 'gitdir'));
  const isKnown = back !== undefined && (await realPath(path.resolve(own, back))) === (await realPath(entry));
  if (common === undefined || !isKnown || path.dirname(own) !== path.join(common, 'worktrees')) return refuse();
  return { top, own, common };
}

/** The working tree that a repository's configuration names. */
function worktreeIn(config: string): string | undefined {
  const values = config.split('\n').flatMap((line) => {
    const [key = '', ...rest] = line.split('=');
    return key.trim() === 'worktree' ? [rest.join('=').trim().replace(/^"|"$/g, '')] : [];
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
