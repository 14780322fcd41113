/**
 * Copies files and folders of the user into one of our working trees: by copy-on-write if the file system can, and so
 * that a write to the copy never reaches the original, unless requested.
 */
import { constants } from 'node:fs';
import { copyFile, cp, link, lstat, mkdir, mkdtemp, readlink, realpath, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { CopyMode } from '../../../contract/results/worktrees';
import { KernelError, problemOf } from '../../../kernel/errors/errors';
import { foreignText } from '../../../kernel/errors/reasons/problem';
import { ifThere } from '../../files/fileErrors';
import { isInside } from '../../files/paths';
import { resolvedPath, seen } from '../../files/pathIdentity';
import { processStarter, type Trusted } from '../../process/startProcess';
import { renameOver } from '../../files/renames';

export interface CopyOrder {
  /** The source and target folders of entries. Absolute, without links. */
  readonly from: string;
  readonly to: string;
  /** A folder of ours on the file system of `to`, for incomplete copies; it is created if missing. */
  readonly drafts: string;
  readonly mode: CopyMode;
  readonly trusted: Trusted;
  readonly signal: AbortSignal;
}

/**
 * Copies files and whole folders, given by their paths below `from`. Existing files are not replaced. Returns what was
 * copied.
 * @throws KernelError `COPY_FAILED`; rejects with the signal's reason
 */
export async function copyEntries(order: CopyOrder, entries: readonly string[]): Promise<string[]> {
  if (entries.length === 0) return [];
  await mkdir(order.drafts, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(path.join(order.drafts, 'copy-'));
  try {
    const copied: string[] = [];
    for (const entry of entries) if (await copyEntry(order, path.join(folder, 'entry'), entry)) copied.push(entry);
    return copied;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copyEntry(order: CopyOrder, draft: string, entry: string): Promise<boolean> {
  const relative = entry.replace(/\/$/, '');
  const [source, target] = [path.join(order.from, relative), path.join(order.to, relative)];
  if (!isInside(order.from, source) || !isInside(order.to, target)) return false;
  try {
    const found = await ifThere(lstat(source));
    if (found === undefined || !(await makeFolders(order.to, path.dirname(relative)))) return false;
    if ((await ifThere(lstat(target))) !== undefined) return false;
    if (order.mode === 'symbolicLink') await symlink(source, draft);
    else if (found.isDirectory()) await copyFolder(order, source, draft);
    else if (found.isFile()) await copyOneFile(order.mode, source, draft);
    else if (!found.isSymbolicLink() || !(await copyLink(order, source, draft))) return false;
    await renameOver(draft, target);
    return true;
  } catch (error) {
    order.signal.throwIfAborted();
    if (KernelError.is(error, 'COPY_FAILED')) throw error;
    throw new KernelError('COPY_FAILED', { path: source, folder: order.to, problem: foreignText(problemOf(error)) });
  }
}

/** Skips links out of the original tree, so that nothing is copied from elsewhere or written through them. */
async function copyLink(order: CopyOrder, source: string, draft: string): Promise<boolean> {
  const real = await seen(realpath(source));
  if (real !== undefined && !isInside(order.from, real)) return false;
  await symlink(await movedTarget(order, await readlink(source)), draft);
  return true;
}

/** Creates folders below `root`, not through links. Returns whether they all exist. */
async function makeFolders(root: string, relative: string): Promise<boolean> {
  let folder = root;
  for (const name of relative.split(path.sep).filter((part) => part !== '.' && part !== '')) {
    folder = path.join(folder, name);
    const found = await ifThere(lstat(folder));
    if (found === undefined) await mkdir(folder);
    else if (!found.isDirectory()) return false;
  }
  return true;
}

async function copyOneFile(mode: CopyMode, source: string, target: string): Promise<void> {
  if (mode === 'hardLink') {
    try {
      await link(source, target);
      return;
    } catch {
      // On another file system, or one without hard links, it is copied.
    }
  }
  await copyFile(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
}

/** Programs of the system copy a hundred thousand files several times faster than calls from here. */
async function copyFolder(order: CopyOrder, source: string, draft: string): Promise<void> {
  const problems: string[] = [];
  for (const flags of flagsFor(order.mode)) {
    const problem = await runSystem(order, 'cp', [...flags, '--', source, draft]);
    order.signal.throwIfAborted();
    if (problem === undefined) return moveLinks(order, draft);
    problems.push(problem);
    await rm(draft, { recursive: true, force: true });
  }
  if (process.platform !== 'win32') {
    throw new KernelError('COPY_FAILED', {
      path: source,
      folder: order.to,
      problem: foreignText(problems.at(-1) ?? ''),
    });
  }
  const mode = constants.COPYFILE_FICLONE;
  await cp(source, draft, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, mode });
}

/** In the order in which they are tried: not every `cp` supports all of them. */
function flagsFor(mode: CopyMode): readonly (readonly string[])[] {
  if (process.platform === 'win32') return [];
  const isMac = process.platform === 'darwin';
  const copies = [isMac ? ['-cpPR'] : ['-a', '--reflink=auto'], ['-pPR']];
  return mode === 'hardLink' ? [isMac ? ['-lpPR'] : ['-al'], ...copies] : copies;
}

/**
 * Redirects absolute links into the original tree to the copy: a write through them must not reach the user's files.
 */
async function moveLinks(order: CopyOrder, draft: string): Promise<void> {
  let listed = '';
  const problem = await runSystem(order, 'find', [draft, '-type', 'l', '-print0'], (output) => (listed = output));
  if (problem !== undefined)
    throw new KernelError('COPY_FAILED', { path: draft, folder: order.to, problem: foreignText(problem) });
  for (const file of listed.split('\0').filter((name) => name !== '')) {
    const old = await readlink(file);
    const moved = await movedTarget(order, old);
    if (moved === old) continue;
    await rm(file);
    await symlink(moved, file);
  }
}

/** In any spelling: another link may lead to the original tree, too. */
async function movedTarget({ from, to }: CopyOrder, target: string): Promise<string> {
  if (!path.isAbsolute(target)) return target;
  const place = isInside(from, path.normalize(target)) ? path.normalize(target) : await resolvedPath(target);
  return place !== undefined && isInside(from, place) ? path.join(to, path.relative(from, place)) : target;
}

const SYSTEM_PATH = '/usr/bin:/bin:/usr/sbin:/sbin';
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** The problem; undefined if the program succeeded. */
function runSystem(
  { trusted, signal }: CopyOrder,
  program: string,
  args: readonly string[],
  onOutput: (output: string) => void = () => undefined,
): Promise<string | undefined> {
  const { execFile } = processStarter(trusted, 'copy files');
  const env = { PATH: SYSTEM_PATH, LC_ALL: 'C' };
  return new Promise((resolve) => {
    execFile(program, args, { env, signal, maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
      if (error === null) onOutput(stdout);
      resolve(error === null ? undefined : stderr.trim().split('\n').at(-1) || problemOf(error));
    });
  });
}
