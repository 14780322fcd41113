/**
 * A view of a repository that an agent may have created: its objects are borrowed, its references are read as files,
 * and git never reads its configuration, hooks, index, attributes or filters (docs/design/trust.md).
 */
import { lstat, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import { shaOf, type Sha } from '../../../kernel/text/gitNames';
import { ifThere } from '../../files/fileErrors';
import { readSmallFile } from '../../files/smallFile';
import { makeGitDir } from './ownGitDir';
import { OwnView } from './ownView';
import type { Repository } from '../repository';

export interface References {
  /** The checked-out commit; undefined if there is none yet. */
  readonly head: Sha | undefined;
  /** The checked-out branch, as `refs/heads/…`; undefined if the head is detached. */
  readonly branch: string | undefined;
  /** By full name. */
  readonly named: ReadonlyMap<string, Sha>;
  /** Commits in `refs/stash` and its log, newest first. */
  readonly stashes: readonly Sha[];
  /** Commits checked out without a branch in other worktrees of the repository, at any path. */
  readonly elsewhere: readonly Sha[];
}

export interface BorrowedView {
  readonly view: OwnView;
  readonly references: References;
}

const MAX_PACKED_BYTES = 64 * 1024 * 1024;
const MAX_REFERENCES = 50_000;
const FILES = 'refstorage=files';
const REFERENCE = /^refs\/[^\x00-\x20\x7f~^:?*[\\]+$/;

/**
 * Lets `use` read a repository by its git folder.
 * @param host runs git, in a folder of its own.
 * @param common for a worktree: the git folder of its repository
 * @throws KernelError `GIT_FAILED`, also for a format that cannot be read this way
 */
export async function withBorrowedView<T>(
  host: Repository,
  gitDir: string,
  use: (borrowed: BorrowedView) => Promise<T>,
  common = gitDir,
): Promise<T> {
  const references = await referencesOf(gitDir, common);
  const format = await objectFormat(common);
  const own = await mkdtemp(path.join(tmpdir(), 'intercore-git-'));
  try {
    await makeGitDir(own, format, true);
    await writeFile(path.join(own, 'packed-refs'), packedRefs(references.named));
    const shallow = await readSmallFile(path.join(common, 'shallow'));
    if (shallow !== undefined) await writeFile(path.join(own, 'shallow'), shallow);
    const view = new OwnView(host, own, { GIT_OBJECT_DIRECTORY: path.join(common, 'objects'), GIT_NO_LAZY_FETCH: '1' });
    return await use({ view, references });
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

/** The file with git's references by their full names. */
export function packedRefs(named: ReadonlyMap<string, Sha>): string {
  const lines = [...named].map(([name, commit]) => `${commit} ${name}`).sort(byName);
  return `# pack-refs with: sorted\n${lines.join('\n')}\n`;
}

function byName(a: string, b: string): number {
  const [left, right] = [a.slice(a.indexOf(' ')), b.slice(b.indexOf(' '))];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** @throws KernelError `GIT_FAILED` if git would read a special file, or references are not files */
export async function objectFormat(gitDir: string): Promise<string> {
  const config = await readSmallFile(path.join(gitDir, 'config'));
  const alternates = path.join(gitDir, 'objects', 'info', 'alternates');
  const hasPlain = (await ifThere(lstat(alternates))) === undefined || (await readSmallFile(alternates)) !== undefined;
  const settings = (config ?? '').split('\n').map((line) => line.replaceAll(/[\s"]/g, '').toLowerCase());
  const storage = settings.find((line) => line.startsWith('refstorage=')) ?? FILES;
  if (config === undefined || !hasPlain || storage !== FILES) {
    const problem = because('its format cannot be read');
    throw new KernelError('GIT_FAILED', { command: 'git', folder: gitDir, problem });
  }
  return settings.includes('objectformat=sha256') ? 'sha256' : 'sha1';
}

/** The targets of a repository's references, by their files. @param common as for `withBorrowedView` */
export async function referencesOf(gitDir: string, common = gitDir): Promise<References> {
  const named = new Map<string, Sha>();
  const packed = (await readSmallFile(path.join(common, 'packed-refs'), MAX_PACKED_BYTES)) ?? '';
  for (const line of packed.split('\n')) note(named, line.slice(line.indexOf(' ') + 1), line.split(' ', 1)[0] ?? '');
  await addLoose(common, 'refs', named);
  const head = await headText(gitDir);
  const branch = /^ref: (refs\/\S+)$/.exec(head)?.[1];
  return {
    head: branch === undefined ? shaOf(head) : named.get(branch),
    branch,
    named,
    stashes: await stashesOf(common, named),
    elsewhere: gitDir === common ? await headsElsewhere(common) : [],
  };
}

async function headText(gitDir: string): Promise<string> {
  return ((await readSmallFile(path.join(gitDir, 'HEAD'))) ?? '').trim();
}

async function headsElsewhere(common: string): Promise<Sha[]> {
  const worktrees = path.join(common, 'worktrees');
  const heads: Sha[] = [];
  for (const entry of (await ifThere(readdir(worktrees, { withFileTypes: true }))) ?? []) {
    const head = entry.isDirectory() ? shaOf(await headText(path.join(worktrees, entry.name))) : undefined;
    if (head !== undefined) heads.push(head);
  }
  return heads;
}

function note(named: Map<string, Sha>, name: string, value: string): void {
  const commit = shaOf(value);
  if (commit !== undefined && REFERENCE.test(name) && named.size < MAX_REFERENCES) named.set(name, commit);
}

async function addLoose(gitDir: string, folder: string, named: Map<string, Sha>): Promise<void> {
  for (const entry of (await ifThere(readdir(path.join(gitDir, folder), { withFileTypes: true }))) ?? []) {
    const name = `${folder}/${entry.name}`;
    if (named.size >= MAX_REFERENCES) return;
    if (entry.isDirectory()) await addLoose(gitDir, name, named);
    else if (entry.isFile()) note(named, name, ((await readSmallFile(path.join(gitDir, name))) ?? '').trim());
  }
}

async function stashesOf(gitDir: string, named: ReadonlyMap<string, Sha>): Promise<Sha[]> {
  const newest = named.get('refs/stash');
  if (newest === undefined) return [];
  const log = (await readSmallFile(path.join(gitDir, 'logs', 'refs', 'stash'))) ?? '';
  const logged = log.split('\n').flatMap((line) => shaOf(line.split(' ', 2)[1] ?? '') ?? []);
  return [...new Set([newest, ...logged.reverse()])];
}
