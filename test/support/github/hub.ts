/** What a GitHub on this machine holds: accounts, repositories that are real bare ones, and their pull requests. */
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../../../scripts/demo/repositories';
import { ifThere } from '../../../src/host/files/fileErrors';

export interface HostedRepository {
  readonly id: number;
  readonly owner: string;
  readonly repo: string;
  /** A bare repository. */
  readonly folder: string;
  readonly parent: HostedRepository | undefined;
  /** Accounts that may push. */
  readonly pushers: Set<string>;
  /** Of a private one, beside those who may push. */
  readonly readers: Set<string>;
  readonly pulls: HostedPull[];
  defaultBranch: string;
  isPrivate: boolean;
  isArchived: boolean;
  /** How often it is still searched for in vain before its content is there. */
  looksUntilReady: number;
}

export interface HostedPull {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
  readonly author: string;
  readonly maintainerCanModify: boolean;
  readonly into: HostedRepository;
  readonly base: string;
  readonly from: HostedRepository;
  readonly head: string;
  readonly labels: string[];
  state: 'open' | 'closed';
  mergeSha: string | undefined;
}

export interface NewRepository {
  readonly owner: string;
  readonly repo: string;
  /** Copied; nothing where absent. */
  readonly contentOf?: string;
  readonly pushers?: readonly string[];
  readonly isPrivate?: boolean;
}

export class Hub {
  /** Account by token. */
  readonly tokens = new Map<string, string>();
  readonly repositories: HostedRepository[] = [];
  /** Of forks made from now on. */
  forkLooks = 0;

  constructor(private readonly root: string) {}

  async add({
    owner,
    repo,
    contentOf,
    pushers = [owner],
    isPrivate = false,
  }: NewRepository): Promise<HostedRepository> {
    const made = await this.place(owner, repo, undefined);
    for (const account of pushers) made.pushers.add(account);
    made.isPrivate = isPrivate;
    if (contentOf !== undefined) await this.copy(contentOf, made);
    return made;
  }

  find(owner: string, repo: string): HostedRepository | undefined {
    const name = `${owner}/${repo}`.toLowerCase();
    return this.repositories.find((repository) => `${repository.owner}/${repository.repo}`.toLowerCase() === name);
  }

  maySee(repository: HostedRepository, account: string | undefined): boolean {
    const { isPrivate, pushers, readers } = repository;
    return !isPrivate || (account !== undefined && (pushers.has(account) || readers.has(account)));
  }

  mayPush(repository: HostedRepository, account: string | undefined): boolean {
    return account !== undefined && repository.pushers.has(account) && !repository.isArchived;
  }

  /** The account's fork: the one there is, or a new one, under another name where its own is taken. */
  async fork(upstream: HostedRepository, account: string): Promise<HostedRepository> {
    const existing = this.repositories.find(
      (repository) => repository.parent === upstream && repository.owner === account,
    );
    if (existing !== undefined) return existing;
    const isTaken = this.find(account, upstream.repo) !== undefined;
    const fork = await this.place(account, isTaken ? `${upstream.repo}-1` : upstream.repo, upstream);
    fork.pushers.add(account);
    fork.defaultBranch = upstream.defaultBranch;
    fork.isPrivate = upstream.isPrivate;
    fork.looksUntilReady = this.forkLooks;
    if (fork.looksUntilReady === 0) await this.copy(upstream.folder, fork);
    return fork;
  }

  /** The commit a branch stands at. Looking is what makes a slow fork come to be. */
  async look(repository: HostedRepository, ref: string): Promise<string | undefined> {
    if (repository.looksUntilReady > 0) {
      repository.looksUntilReady -= 1;
      if (repository.looksUntilReady === 0 && repository.parent) await this.copy(repository.parent.folder, repository);
      return undefined;
    }
    return commitOf(repository, ref);
  }

  /** Merges as the button does: a commit with two parents, in the bare repository. */
  async merge(pull: HostedPull): Promise<string> {
    const { into, base, from, head, number } = pull;
    const ours = `refs/pull/${number}/head`;
    await git(into.folder, ['fetch', '--quiet', '--no-tags', from.folder, `+refs/heads/${head}:${ours}`]);
    const tree = (await git(into.folder, ['merge-tree', '--write-tree', `refs/heads/${base}`, ours])).trim();
    const message = `Merge pull request #${number} from ${from.owner}/${head}\n\n${pull.title}`;
    const commit = ['commit-tree', tree, '-p', `refs/heads/${base}`, '-p', ours, '-m', message];
    const sha = (await git(into.folder, ['-c', 'user.name=Hub', '-c', 'user.email=hub@localhost', ...commit])).trim();
    await git(into.folder, ['update-ref', `refs/heads/${base}`, sha]);
    pull.state = 'closed';
    pull.mergeSha = sha;
    return sha;
  }

  /** Brings a fork's branch forward to its parent's. */
  async mergeUpstream(fork: HostedRepository, branch: string): Promise<'none' | 'fast-forward' | 'diverged'> {
    const theirs = fork.parent && (await commitOf(fork.parent, branch));
    const ours = await commitOf(fork, branch);
    if (fork.parent === undefined || theirs === undefined || ours === theirs) return 'none';
    await git(fork.folder, ['fetch', '--quiet', '--no-tags', fork.parent.folder, `refs/heads/${branch}`]);
    const behind = await git(fork.folder, ['rev-list', '--count', `${theirs}..refs/heads/${branch}`]);
    if (behind.trim() !== '0') return 'diverged';
    await git(fork.folder, ['update-ref', `refs/heads/${branch}`, theirs]);
    return 'fast-forward';
  }

  /** How many commits a branch has, here or in a fork, that another lacks. */
  async countNew(into: HostedRepository, base: string, from: HostedRepository, head: string): Promise<number> {
    await git(into.folder, ['fetch', '--quiet', '--no-tags', from.folder, `refs/heads/${head}`]);
    return Number(await git(into.folder, ['rev-list', '--count', `refs/heads/${base}..FETCH_HEAD`]));
  }

  private async place(owner: string, repo: string, parent: HostedRepository | undefined): Promise<HostedRepository> {
    const folder = path.join(this.root, owner, `${repo}.git`);
    await mkdir(folder, { recursive: true });
    await git(folder, ['init', '--quiet', '--bare', '--initial-branch=main']);
    await git(folder, ['config', 'http.receivepack', 'true']);
    const id = this.repositories.length + 1;
    const facts = { defaultBranch: 'main', isPrivate: false, isArchived: false, looksUntilReady: 0 };
    const made = {
      id,
      owner,
      repo,
      folder,
      parent,
      pushers: new Set<string>(),
      readers: new Set<string>(),
      pulls: [],
      ...facts,
    };
    this.repositories.push(made);
    return made;
  }

  private async copy(source: string, { folder }: HostedRepository): Promise<void> {
    await git(folder, ['fetch', '--quiet', source, '+refs/heads/*:refs/heads/*']);
  }
}

/** The commit of a branch, read from the files of the bare repository: this is asked with each request. */
export async function commitOf({ folder }: HostedRepository, branch: string): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`;
  const loose = await ifThere(readFile(path.join(folder, ref), 'utf8'));
  if (loose !== undefined) return loose.trim();
  const packed = (await ifThere(readFile(path.join(folder, 'packed-refs'), 'utf8'))) ?? '';
  const line = packed.split('\n').find((each) => each.endsWith(` ${ref}`));
  return line?.slice(0, line.indexOf(' '));
}

/** Puts a commit on a branch, as a push would. */
export async function commitTo({ folder }: HostedRepository, branch: string, message: string): Promise<void> {
  const identity = ['-c', 'user.name=Bo', '-c', 'user.email=bo@example.com'];
  const parent = (await git(folder, ['for-each-ref', '--format=%(refname)', `refs/heads/${branch}`])).trim();
  const from = parent === '' ? 'refs/heads/main' : parent;
  const commit = ['commit-tree', `${from}^{tree}`, '-p', from, '-m', message];
  const sha = (await git(folder, [...identity, ...commit])).trim();
  await git(folder, ['update-ref', `refs/heads/${branch}`, sha]);
}
