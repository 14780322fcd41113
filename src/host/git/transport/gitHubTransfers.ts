/** The operations of `GitHubTransport`: requests to the server, and copies to clones. */
import path from 'node:path';
import * as z from 'zod';
import { type RefName, type Sha, refNameOf, shaOf, sha } from '../../../kernel/text/gitNames';
import type { RepositoryName } from '../../../kernel/text/repositoryUrl';
import { defined } from '../../../kernel/defined';
import { cloneUrl, type GitHubAddress, type TokenSource } from '../../github/address';
import type { Trusted } from '../../process/startProcess';
import { cloneRepository, refuseTaken } from '../branch/clone';
import { FETCH_FLAGS, takeOver } from '../branch/fetch';
import type { Git } from '../git';
import type { Repository } from '../repository';
import { TransportGit } from './transportGit';
import { fillFrom, objectsOf, withTransportRepository, type References } from './transportRepository';
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { ifThere } from '../../files/fileErrors';
import { changeLockedFile } from '../../locks/lockedFile';

export interface GitHubTransportDeps {
  readonly trusted: Trusted;
  /** Of the configured server. */
  readonly address: () => GitHubAddress;
  readonly token: TokenSource;
  /** Our own storage. Absolute. */
  readonly storageDir: string;
  /** Runs git in clones. */
  readonly git: Git;
  /** The environment to pick variables from; by default our own. */
  readonly environment?: NodeJS.ProcessEnv;
}

export interface Push {
  readonly to: RepositoryName;
  readonly branch: RefName;
  readonly commit: Sha;
  readonly signal?: AbortSignal | undefined;
}

export interface Fetch {
  /** The clone's name for the repository. */
  readonly remote: 'origin' | 'upstream';
  readonly from: RepositoryName;
  readonly signal?: AbortSignal | undefined;
}

export interface CloneRequest {
  readonly from: RepositoryName;
  /** The repository it was forked from: the remote `upstream`, whose branches are fetched, too. */
  readonly upstream: RepositoryName | null;
  /** Absolute; it must not exist. */
  readonly folder: string;
  /** An empty folder on the same disk, where the clone is created. It is removed after a failure. */
  readonly draft: string;
  readonly signal?: AbortSignal | undefined;
}

const REFERENCE_FORMAT = '--format=%(objectname) %(refname)%(if)%(symref)%(then) symbolic%(end)';

export class GitHubTransfers {
  private readonly root: string;
  private readonly git: TransportGit;
  private readonly pushed: PushedCommits;

  constructor(private readonly deps: GitHubTransportDeps) {
    this.root = path.join(deps.storageDir, 'transport');
    this.pushed = new PushedCommits(path.join(deps.storageDir, 'pushed'));
    const { trusted, token, environment, git } = deps;
    this.git = new TransportGit({
      trusted,
      limits: () => git.limits(),
      credential: async (refused) => ({ username: 'x-access-token', password: await token(refused?.password) }),
      ...defined({ environment }),
    });
  }

  /**
   * Moves our branch on the server to the commit: forward, or from our last push. Commits of others are never replaced
   * (D8).
   * @throws KernelError `GIT_FAILED`, `INVALID_ARGUMENT`
   */
  async push(repository: Repository, { to, branch, commit, signal }: Push): Promise<void> {
    const url = cloneUrl(this.deps.address(), to);
    const [objects, last] = await Promise.all([objectsOf(repository), this.pushed.get(url, branch)]);
    const isForward = last === undefined || (await repository.isAncestor(last, commit));
    const lease = isForward ? [] : [`--force-with-lease=refs/heads/${branch}:${last}`];
    const flags = ['--progress', '--no-verify', '--no-signed', '--no-follow-tags', '--recurse-submodules=no', ...lease];
    const args = ['push', ...flags, '--end-of-options', url, `${commit}:refs/heads/${branch}`];
    await withTransportRepository(this.root, async (place) => {
      await fillFrom(place, objects, new Map());
      await this.git.talk(place, args, { url, signal });
    });
    await this.pushed.set(url, branch, commit);
    // So that the clone shows the branch as pushed. Our code does not rely on it.
    await repository.git.attempt(repository.folder, [
      'update-ref',
      '--end-of-options',
      `refs/remotes/origin/${branch}`,
      commit,
    ]);
  }

  /**
   * Fetches the branches of a repository into the clone, only as remote-tracking branches.
   * @throws KernelError `GIT_FAILED`, `INVALID_ARGUMENT`
   */
  async fetch(repository: Repository, { remote, from, signal }: Fetch): Promise<void> {
    const url = cloneUrl(this.deps.address(), from);
    const tracking = `refs/remotes/${remote}/`;
    const list = ['for-each-ref', REFERENCE_FORMAT, '--end-of-options', tracking];
    const [objects, listed] = await Promise.all([objectsOf(repository), repository.git.run(repository.folder, list)]);
    const before = references(listed);
    const args = ['fetch', ...FETCH_FLAGS, '--end-of-options', url, `+refs/heads/*:${tracking}*`];
    await withTransportRepository(this.root, async (place) => {
      await fillFrom(place, objects, before);
      await this.git.talk(place, args, { url, signal });
      const after = references(await this.git.run(place, list));
      if (!isSame(before, after)) await takeOver(repository, place.gitDir, `+${tracking}*:${tracking}*`, signal);
    });
  }

  /**
   * The branch that the server names as the default; undefined if it names none.
   * @throws KernelError `GIT_FAILED`, `INVALID_ARGUMENT`
   */
  async defaultBranch(from: RepositoryName, signal?: AbortSignal): Promise<RefName | undefined> {
    const url = cloneUrl(this.deps.address(), from);
    const args = ['ls-remote', '--symref', '--end-of-options', url, 'HEAD'];
    const listed = await withTransportRepository(this.root, (place) => this.git.talk(place, args, { url, signal }));
    return refNameOf(/^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(listed)?.[1] ?? '');
  }

  /**
   * Rejects once the signal aborts.
   * @throws KernelError `FOLDER_TAKEN`, `GIT_FAILED`, `INVALID_ARGUMENT`; nothing is left behind then.
   */
  async clone({ from, upstream, signal, ...places }: CloneRequest): Promise<Repository> {
    const url = cloneUrl(this.deps.address(), from);
    const upstreamUrl = upstream === null ? undefined : cloneUrl(this.deps.address(), upstream);
    await refuseTaken(places.folder);
    try {
      return await withTransportRepository(this.root, async (place) => {
        // The server may be silent for a long time while it reads its whole history.
        const run = { kind: 'walk', signal } as const;
        const bare = ['clone', '--bare', '--quiet', '--progress', '--template=', '--end-of-options', url, place.gitDir];
        await this.git.talk(place, bare, { ...run, url });
        if (upstreamUrl !== undefined) {
          const refspec = '+refs/heads/*:refs/remotes/upstream/*';
          const fetch = ['fetch', ...FETCH_FLAGS, '--end-of-options', upstreamUrl, refspec];
          await this.git.talk(place, fetch, { ...run, url: upstreamUrl });
        }
        return await cloneRepository(this.deps.git, { source: place.gitDir, url, upstreamUrl, ...places, signal });
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }
}

/** Symbolic ones are omitted: their target is listed itself. */
function references(listed: string): References {
  const entries = listed.split('\n').flatMap((line) => {
    const [object = '', name = '', symbolic] = line.split(' ');
    const commit = shaOf(object);
    return commit === undefined || symbolic !== undefined ? [] : [[name, commit] as const];
  });
  return new Map(entries);
}

function isSame(one: References, other: References): boolean {
  return one.size === other.size && [...one].every(([name, commit]) => other.get(name) === commit);
}

const commits = z.record(z.string(), sha);

export class PushedCommits {
  /** `root`: a private folder of our own. */
  constructor(private readonly root: string) {}

  async get(url: string, branch: RefName): Promise<Sha | undefined> {
    return (await this.read(url)).get(branch);
  }

  /** @throws KernelError `DATABASE_BUSY` */
  async set(url: string, branch: RefName, commit: Sha): Promise<void> {
    const file = this.fileOf(url);
    await mkdir(this.root, { recursive: true, mode: 0o700 });
    await changeLockedFile(file, async (save) => {
      const known = await this.read(url);
      await save(JSON.stringify(Object.fromEntries(known.set(branch, commit))));
    });
  }

  /** Empty if the file is damaged: then a push moves forward or is refused, and replaces nothing. */
  private async read(url: string): Promise<Map<string, Sha>> {
    const text = await ifThere(readFile(this.fileOf(url), 'utf8'));
    return new Map(Object.entries(commits.safeParse(parsed(text)).data ?? {}));
  }

  private fileOf(url: string): string {
    const name = createHash('sha256').update(url.toLowerCase()).digest('hex').slice(0, 32);
    return path.join(this.root, `${name}.json`);
  }
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return {};
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
