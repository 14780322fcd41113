/** Reads and updates a repository, without changing the working trees of people and agents. */
import path from 'node:path';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { foreignText } from '../../kernel/errors/reasons/problem';
import { refName, refNameOf, sha, shaOf, type RefName, type Sha } from '../../kernel/text/gitNames';
import { isPermission } from '../files/fileErrors';
import { withFileLock } from '../locks/fileLock';
import type { Git } from './git';
import { stepOf, type OwnStep } from './makingLocks';
import { repositoryFiles } from './repositoryFiles';
import { parseStatus, STATUS_FLAGS } from './statusOutput';
import type { GitFolder } from '../trusted/ownTrees';

const LOCK_TIMEOUT_MS = 60_000;
/** How many uncommitted files a message names. */
const NAMED_FILES = 10;

export interface WorktreeInfo {
  /** Absolute. */
  readonly path: string;
  readonly head: string;
  /** Short name; undefined where the head is detached. */
  readonly branch: string | undefined;
  /** The reason of `git worktree lock`, which may be empty; undefined if it is not locked. */
  readonly lock: string | undefined;
  /** Its creation is in progress or was interrupted. */
  readonly isUnfinished: boolean;
  /** Our step with it that is in progress or was interrupted. */
  readonly step: OwnStep | undefined;
  /** Its folder is missing, and no lock says that it will return. */
  readonly isGone: boolean;
}

export class Repository {
  constructor(
    readonly git: Git,
    /** Its main working tree, or a bare repository. */
    readonly folder: GitFolder,
  ) {}

  /** The top of the working tree that holds a folder; undefined outside any. */
  static async topOf(git: Git, folder: GitFolder): Promise<string | undefined> {
    return git.askAnywhere(folder, ['rev-parse', '--show-toplevel']);
  }

  /**
   * Runs `work` while no other step of ours, in any process, runs in this clone (D7).
   * @throws KernelError `GIT_BUSY`
   */
  async exclusively<T>(work: () => Promise<T>, timeoutMs = LOCK_TIMEOUT_MS): Promise<T> {
    const { common } = await repositoryFiles(this.git, this.folder);
    const file = path.join(common, 'intercore');
    const outcome = await withFileLock(file, { timeoutMs }, () => settled(work)).catch((error: unknown) => {
      if (isPermission(error)) {
        throw new KernelError('GIT_ACCESS_REFUSED', { folder: this.folder, problem: foreignText(problemOf(error)) });
      }
      if (!KernelError.is(error, 'DATABASE_BUSY')) throw error;
      throw new KernelError('GIT_BUSY', { folder: this.folder, waitedMs: error.facts.waitedMs });
    });
    if (outcome.ok) return outcome.value;
    throw outcome.error;
  }

  /** The commit that a name stands for; undefined if there is none. */
  async commitOf(name: string): Promise<Sha | undefined> {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
    return shaOf((await this.git.ask(this.folder, args)) ?? '');
  }

  async hasBranch(branch: string): Promise<boolean> {
    return (await this.commitOf(`refs/heads/${branch}`)) !== undefined;
  }

  /** Names of remotes with their fetch addresses. */
  async remotes(): Promise<ReadonlyMap<string, string>> {
    const names = (await this.git.run(this.folder, ['remote'])).split('\n').filter(Boolean);
    const urls = names.map((name) => this.git.run(this.folder, ['remote', 'get-url', '--', name]));
    return new Map((await Promise.all(urls)).map((url, index) => [names[index] ?? '', url]));
  }

  /**
   * The base branch: the target of the remote's HEAD, else the checked-out branch, else `main`.
   * @throws KernelError `HEAD_DETACHED` if there is none of these
   */
  async defaultBranch(remote = 'origin'): Promise<RefName> {
    const head = await this.git.ask(this.folder, [
      'symbolic-ref',
      '--quiet',
      '--end-of-options',
      `refs/remotes/${remote}/HEAD`,
    ]);
    // In full: git shortens a name differently if there is a tag with it.
    const checkedOut = await this.git.ask(this.folder, ['symbolic-ref', '--quiet', 'HEAD']);
    const found = branchBelow(`refs/remotes/${remote}/`, head) ?? branchBelow('refs/heads/', checkedOut);
    if (found !== undefined) return found;
    if (!(await this.hasBranch('main'))) throw new KernelError('HEAD_DETACHED', { folder: this.folder });
    return refName.parse('main');
  }

  /** Commits that `head` has and `base` has not, oldest first: hash and first line. */
  async commitsBetween(base: string, head: string): Promise<{ readonly sha: Sha; readonly subject: string }[]> {
    const range = `${base}..${head}`;
    const args = ['log', '--reverse', '--format=%H %s', '--end-of-options', range];
    const lines = (await this.git.run(this.folder, args)).split('\n').filter(Boolean);
    return lines.map((line) => ({
      sha: sha.parse(line.slice(0, line.indexOf(' '))),
      subject: line.slice(line.indexOf(' ') + 1),
    }));
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    return (
      (await this.git.ask(this.folder, ['merge-base', '--is-ancestor', '--end-of-options', ancestor, descendant])) !==
      undefined
    );
  }

  /** All working trees, the main one first. */
  async worktrees(): Promise<WorktreeInfo[]> {
    const text = await this.git.run(this.folder, ['worktree', 'list', '--porcelain', '-z']);
    const records = text.split('\0\0').filter((record) => record.trim() !== '');
    const listed = records.flatMap((record) => {
      const fields = new Map(record.split('\0').map((line) => [line.split(' ', 1)[0], line.replace(/^\S+ ?/, '')]));
      const place = fields.get('worktree');
      if (place === undefined) return [];
      const branch = fields.get('branch')?.replace(/^refs\/heads\//, '');
      const locked = fields.get('locked');
      const step = stepOf(locked);
      // Git's own lock reason while it creates a worktree.
      const isUnfinished = locked === 'initializing' || step === 'making';
      const lock = isUnfinished || step !== undefined ? undefined : locked;
      const isGone = fields.has('prunable');
      return [{ path: place, head: fields.get('HEAD') ?? '', branch, lock, isUnfinished, step, isGone }];
    });
    const [main, ...linked] = listed;
    if (main === undefined) return [];
    const { mainTreeOf } = await import('./config/mainTree.js');
    return [{ ...main, path: await mainTreeOf(main.path) }, ...linked];
  }

  /** Uncommitted changes and new files in a working tree, `besides` one folder; empty if it is clean. */
  async uncommitted(worktree: GitFolder, besides?: string): Promise<string[]> {
    const text = await this.git.run(worktree, [
      'status',
      ...STATUS_FLAGS,
      '--untracked-files=all',
      ...(besides === undefined ? [] : ['--', '.', `:(exclude,literal)${besides}`]),
    ]);
    return parseStatus(text)
      .map((entry) => entry.path)
      .slice(0, NAMED_FILES);
  }

  /** Branches, stashes and snapshots with a commit that no known remote branch has. */
  async unpushedRefs(): Promise<string[]> {
    const args = ['for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/stash', 'refs/intercore/snapshots'];
    const refs = (await this.git.run(this.folder, args)).split('\n').filter(Boolean);
    const own: string[] = [];
    for (const ref of refs) {
      const missing = ['rev-list', '--max-count=1', '--not', '--remotes', '--not', '--end-of-options', ref];
      if ((await this.git.run(this.folder, missing)).trim() !== '') own.push(ref);
    }
    return own.map((ref) => ref.replace(/^refs\/(heads\/)?/, ''));
  }
}

function branchBelow(prefix: string, ref: string | undefined): RefName | undefined {
  return ref?.startsWith(prefix) === true ? refNameOf(ref.slice(prefix.length)) : undefined;
}

type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

/** Separates failures of the work from those of the lock. */
async function settled<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error };
  }
}
