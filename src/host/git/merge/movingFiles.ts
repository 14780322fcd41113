/**
 * Moves a branch forward, with its checked-out files, in one step that can be undone. All filters run and all objects
 * are read in a separate folder first. While the files change, git's own lock of the index is held, and a journal has
 * their previous content, so that an interrupted step is undone immediately or by the next caller.
 */
import { copyFile, lstat, mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KernelError, problemOf } from '../../../kernel/errors/errors';
import { because, foreignText } from '../../../kernel/errors/reasons/problem';
import { sha, type Sha } from '../../../kernel/text/gitNames';
import { ifThere, systemCode } from '../../files/fileErrors';
import type { GitFolder } from '../../trusted/ownTrees';
import { existingBranch, setBranch } from '../branch/branches';
import { administrations, movableTree } from '../branch/branchUse';
import { refuseIgnored } from './ignoredInTheWay';
import {
  filesAfter,
  readJournal,
  removeJournal,
  undoFiles,
  writeJournal,
  type JournalLocation,
  type MergeJournal,
} from './mergeJournal';
import { NOTES_FOLDER } from './mergeNotes';
import type { Repository } from '../repository';
import { repositoryFiles } from '../repositoryFiles';

export interface BranchMove {
  readonly branch: string;
  readonly from: Sha;
  readonly to: Sha;
  /** The files that differ between the two commits. */
  readonly changed: readonly string[];
  /** Those of them that are new. */
  readonly added: readonly string[];
}

/** An interrupted merge: its files are as before or as after it. */
export interface RepairedMerge {
  readonly branch: string;
  readonly folder: string;
  readonly isCompleted: boolean;
}

interface TreeLocation extends JournalLocation {
  readonly folder: GitFolder;
  /** Git's own files of the worktree. */
  readonly gitDir: string;
}

/** The text in our lock of an index, which identifies it after a crash. */
const LOCK_TEXT = 'held by a merge of Intercore\n';
/** A hard link changes the times of a file, so that git would read the whole file again. */
const SAME_FILES = [['core.trustctime', 'false']] as const;
/** How long a git that outlived its caller may keep running. */
const ORPHAN_PATIENCE_MS = 30_000;
const ORPHAN_PAUSE_MS = 100;

/**
 * Returns whether the branch was still at `from`.
 * @throws KernelError as `movableTree`; `GIT_FAILED` and similar: nothing is changed then; `MERGE_UNFINISHED`
 */
export async function moveBranch(repository: Repository, move: BranchMove): Promise<boolean> {
  const { branch, from, to } = move;
  const checkedOut = await movableTree(repository, branch);
  if ((await existingBranch(repository, branch)) !== from) return false;
  if (checkedOut === undefined) return setIfStillAt(repository, branch, from, to);
  const place = await placeOf(repository, await repository.git.places.worktreeOf(checkedOut.path, repository.folder));
  await refuseIgnored(repository, place.folder, move);
  try {
    await prepare(repository, place, move);
    return await holdingIndex(place, branch, () => change(repository, place, move));
  } finally {
    // If it cannot be undone, it is left for the next caller.
    if ((await readJournal(place)) === undefined) await removeJournal(place);
  }
}

/** Undoes or completes interrupted merges. @throws KernelError `MERGE_UNFINISHED` */
export async function repairMerges(repository: Repository, patienceMs = ORPHAN_PATIENCE_MS): Promise<RepairedMerge[]> {
  const repaired: RepairedMerge[] = [];
  for (const { directory, folder } of await administrations(repository)) {
    const left = path.join(directory, NOTES_FOLDER);
    if ((await ifThere(lstat(left))) === undefined || (await ifThere(stat(folder))) === undefined) continue;
    const tree = await repository.git.places.worktreeOf(folder, repository.folder);
    const place = { directory: left, gitDir: directory, folder: tree };
    if ((await lstat(left)).isSymbolicLink()) {
      await removeJournal(place);
      continue;
    }
    await waitForOrphan(place, patienceMs);
    const journal = await readJournal(place);
    if (journal === undefined) await release(place);
    else {
      const isCompleted = await isApplied(repository, place, journal);
      await (isCompleted ? complete(place) : undo(repository, place, journal));
      repaired.push({ branch: journal.branch, folder: place.folder, isCompleted });
    }
    await removeJournal(place);
  }
  return repaired;
}

async function placeOf({ git }: Repository, folder: GitFolder): Promise<TreeLocation> {
  const { own: gitDir } = await repositoryFiles(git, folder);
  return { folder, gitDir, directory: path.join(gitDir, NOTES_FOLDER) };
}

/** The same step in an empty folder: unreadable files and failing filters fail here, without changing the tree. */
async function prepare({ git }: Repository, place: TreeLocation, { from, to }: BranchMove): Promise<void> {
  await removeJournal(place);
  const after = filesAfter(place);
  await mkdir(after, { recursive: true });
  const index = path.join(place.directory, 'after-index');
  await copyIndex(place, index);
  const env = { GIT_DIR: place.gitDir, GIT_WORK_TREE: after, GIT_INDEX_FILE: index };
  await git.run(place.folder, ['read-tree', '-m', '-u', '--end-of-options', from, to], { env });
}

async function change(repository: Repository, place: TreeLocation, move: BranchMove): Promise<boolean> {
  const { branch, from, to, changed } = move;
  const { git } = repository;
  if ((await existingBranch(repository, branch)) !== from) return false;
  const index = newIndex(place);
  await copyIndex(place, index);
  const options = { env: { GIT_INDEX_FILE: index }, config: SAME_FILES };
  const journal = await writeJournal(place, { branch, from, to }, changed);
  try {
    await git.run(place.folder, ['update-index', '-q', '--refresh'], { ...options, accepts: 1 });
    await git.run(place.folder, ['read-tree', '-m', '-u', '--end-of-options', from, to], options);
    await writeFile(appliedFile(place), '');
    if (await setIfStillAt(repository, branch, from, to)) {
      await complete(place);
      return true;
    }
  } catch (error) {
    await undo(repository, place, journal);
    throw clearer(error);
  }
  await undo(repository, place, journal);
  return false;
}

async function setIfStillAt(repository: Repository, branch: string, from: Sha, to: Sha): Promise<boolean> {
  try {
    await setBranch(repository, branch, from, to);
    return true;
  } catch (error) {
    if ((await existingBranch(repository, branch)) === from) throw error;
    return false;
  }
}

const newIndex = ({ directory }: JournalLocation): string => path.join(directory, 'index');
const appliedFile = ({ directory }: JournalLocation): string => path.join(directory, 'applied');
const lockFile = ({ gitDir }: TreeLocation): string => path.join(gitDir, 'index.lock');

/** Takes the lock of the index as git does, so that no other git process changes it meanwhile. */
async function holdingIndex(place: TreeLocation, branch: string, work: () => Promise<boolean>): Promise<boolean> {
  try {
    const handle = await open(lockFile(place), 'wx', 0o600);
    await handle.writeFile(LOCK_TEXT);
    await handle.close();
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    throw new KernelError('INDEX_LOCKED', { branch, folder: place.folder, lock: lockFile(place) });
  }
  try {
    return await work();
  } finally {
    if ((await readJournal(place)) === undefined) await release(place);
  }
}

async function release(place: TreeLocation): Promise<void> {
  if ((await ifThere(readFile(lockFile(place), 'utf8'))) === LOCK_TEXT) await rm(lockFile(place), { force: true });
}

/** Older than the original, so that git trusts no more times than in the original. */
async function copyIndex({ gitDir }: TreeLocation, copy: string): Promise<void> {
  const original = path.join(gitDir, 'index');
  const found = await ifThere(stat(original));
  if (found === undefined) return;
  await copyFile(original, copy);
  const seconds = Math.floor(found.mtimeMs / 1000);
  await utimes(copy, seconds, seconds);
}

/** The branch has moved and the files are there: the index follows. */
async function complete(place: TreeLocation): Promise<void> {
  const isHeld = (await ifThere(readFile(lockFile(place), 'utf8'))) === LOCK_TEXT;
  if (isHeld && (await ifThere(stat(newIndex(place)))) !== undefined) {
    await rename(newIndex(place), path.join(place.gitDir, 'index'));
  }
  await removeJournal(place);
  await release(place);
}

async function isApplied(repository: Repository, place: TreeLocation, { branch, to }: MergeJournal): Promise<boolean> {
  if ((await ifThere(stat(appliedFile(place)))) === undefined) return false;
  return repository.isAncestor(sha.parse(to), await existingBranch(repository, branch));
}

async function undo({ git }: Repository, place: TreeLocation, journal: MergeJournal): Promise<void> {
  try {
    await undoFiles(place, journal);
    await removeJournal(place);
  } catch (error) {
    const problem = foreignText(problemOf(error));
    throw new KernelError(
      'MERGE_UNFINISHED',
      { branch: journal.branch, folder: place.folder, problem },
      { cause: error },
    );
  }
  await release(place);
  // The files are the same and only their change times differ: no other call should read them again.
  await git.attempt(place.folder, ['update-index', '-q', '--refresh']);
}

/** Git may outlive the process that started it, and keep writing. */
async function waitForOrphan(place: TreeLocation, patienceMs: number): Promise<void> {
  for (const end = Date.now() + patienceMs; await isWorking(place);) {
    if (Date.now() >= end) {
      const problem = because('a git process of the interrupted merge is still running');
      throw new KernelError('MERGE_UNFINISHED', { branch: '', folder: place.folder, problem });
    }
    await delay(ORPHAN_PAUSE_MS);
  }
}

/** On Linux its environment names our index; elsewhere its lock gets some time. */
async function isWorking(place: TreeLocation): Promise<boolean> {
  const mark = `GIT_INDEX_FILE=${newIndex(place)}\0`;
  if (process.platform !== 'linux') {
    const lock = await ifThere(stat(`${newIndex(place)}.lock`));
    return lock !== undefined && Date.now() - lock.mtimeMs < ORPHAN_PATIENCE_MS / 2;
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const environments = pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''));
  return (await Promise.all(environments)).some((text) => text.includes(mark));
}

/** Git's plumbing reports files with changes only briefly. */
function clearer(error: unknown): unknown {
  if (!KernelError.is(error, 'GIT_FAILED')) return error;
  const file = /Entry '(.*?)' not uptodate\. Cannot merge\./.exec(error.facts.problem.text)?.[1];
  if (file === undefined) return error;
  const problem = because("'{file}' has changes that are not committed and would be overwritten", { file });
  return new KernelError('GIT_FAILED', { ...error.facts, problem }, { cause: error });
}
