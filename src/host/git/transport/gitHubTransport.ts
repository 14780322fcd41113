/**
 * Pushes to, fetches from and clones repositories of GitHub with the account's token. Agents write clones, so git never
 * signs in there: it talks to the server in a repository of our own, with an address that we made and an exact commit,
 * and what it fetched is handed over to the clone without a credential.
 */
import path from 'node:path';
import type { RefName, Sha } from '../../../kernel/gitNames';
import { refNameOf, shaOf } from '../../../kernel/gitNames';
import type { RepositoryName } from '../../../kernel/village/repositoryUrl';
import type { Trusted } from '../../startProcess';
import { cloneUrl, type GitHubAddress, type TokenSource } from '../../github/address';
import { cloneRepository, refuseTaken } from '../cloning';
import { FETCH_FLAGS, takeOver } from '../fetching';
import type { Git } from '../git';
import type { Repository } from '../repository';
import { PushedCommits } from './pushedCommits';
import type { TransportGit } from './transportGit';
import { fillFrom, objectsOf, withTransportRepository, type References } from './transportRepository';

export interface GitHubTransportDeps {
  readonly trusted: Trusted;
  /** Of the server that is set now. */
  readonly address: () => GitHubAddress;
  readonly token: TokenSource;
  /** Our own storage. Absolute. */
  readonly storageDir: string;
  /** Runs git in clones. */
  readonly git: Git;
  /** Where variables are picked from; our own environment where absent. */
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
  /** What it was forked from: the remote `upstream`, whose branches are fetched too. */
  readonly upstream: RepositoryName | null;
  /** Absolute; nothing may be there. */
  readonly folder: string;
  /** An empty place on the same disk, where the clone is made. It goes with a failure. */
  readonly draft: string;
  readonly signal?: AbortSignal | undefined;
}

const CLONE_TIMEOUT_MS = 600_000;
const REFERENCE_FORMAT = '--format=%(objectname) %(refname)%(if)%(symref)%(then) symbolic%(end)';

export class GitHubTransport {
  private readonly root: string;
  private transport: Promise<TransportGit> | undefined;
  private readonly pushed: PushedCommits;

  constructor(private readonly deps: GitHubTransportDeps) {
    this.root = path.join(deps.storageDir, 'transport');
    this.pushed = new PushedCommits(path.join(deps.storageDir, 'pushed'));
  }

  /**
   * Moves a branch of ours on the server to the commit: forward, or from where we left it. What others added since is
   * never replaced (D8).
   * @throws KernelError `GIT_FAILED`, `INVALID_ARGUMENT`
   */
  async push(repository: Repository, { to, branch, commit, signal }: Push): Promise<void> {
    const url = cloneUrl(this.deps.address(), to);
    const [objects, last] = await Promise.all([objectsOf(repository), this.pushed.get(url, branch)]);
    const isForward = last === undefined || (await repository.isAncestor(last, commit));
    const lease = isForward ? [] : [`--force-with-lease=refs/heads/${branch}:${last}`];
    const flags = ['--progress', '--no-verify', '--no-signed', '--no-follow-tags', '--recurse-submodules=no', ...lease];
    const args = ['push', ...flags, '--end-of-options', url, `${commit}:refs/heads/${branch}`];
    const operation = `push ${branch} to ${to.owner}/${to.repo}`;
    const git = await this.signedIn();
    await withTransportRepository(this.root, async (place) => {
      await fillFrom(place, objects, new Map());
      await git.talk(place, args, { operation, url, signal });
    });
    await this.pushed.set(url, branch, commit);
    // So that the clone shows the branch as pushed. Nothing of ours believes it.
    await repository.git.attempt(repository.folder, [
      'update-ref',
      '--end-of-options',
      `refs/remotes/origin/${branch}`,
      commit,
    ]);
  }

  /**
   * Brings the branches of a repository into the clone, as remote-tracking branches only.
   * @throws KernelError `GIT_FAILED`, `INVALID_ARGUMENT`
   */
  async fetch(repository: Repository, { remote, from, signal }: Fetch): Promise<void> {
    const url = cloneUrl(this.deps.address(), from);
    const tracking = `refs/remotes/${remote}/`;
    const list = ['for-each-ref', REFERENCE_FORMAT, '--end-of-options', tracking];
    const [objects, listed] = await Promise.all([
      objectsOf(repository),
      repository.git.run(repository.folder, 'list remote branches', list),
    ]);
    const before = references(listed);
    const operation = `fetch from ${from.owner}/${from.repo}`;
    const args = ['fetch', ...FETCH_FLAGS, '--end-of-options', url, `+refs/heads/*:${tracking}*`];
    const git = await this.signedIn();
    await withTransportRepository(this.root, async (place) => {
      await fillFrom(place, objects, before);
      await git.talk(place, args, { operation, url, signal });
      const after = references(await git.run(place, operation, list));
      if (!isSame(before, after)) await takeOver(repository, place.gitDir, `+${tracking}*:${tracking}*`, signal);
    });
  }

  /**
   * The branch that the server names as the default; undefined where it names none.
   * @throws KernelError `GIT_FAILED`, `INVALID_ARGUMENT`
   */
  async defaultBranch(from: RepositoryName, signal?: AbortSignal): Promise<RefName | undefined> {
    const url = cloneUrl(this.deps.address(), from);
    const operation = `read the default branch of ${from.owner}/${from.repo}`;
    const args = ['ls-remote', '--symref', '--end-of-options', url, 'HEAD'];
    const git = await this.signedIn();
    const listed = await withTransportRepository(this.root, (place) =>
      git.talk(place, args, { operation, url, signal }),
    );
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
      const git = await this.signedIn();
      return await withTransportRepository(this.root, async (place) => {
        const run = { timeoutMs: CLONE_TIMEOUT_MS, signal };
        const bare = ['clone', '--bare', '--quiet', '--progress', '--template=', '--end-of-options', url, place.gitDir];
        await git.talk(place, bare, { ...run, operation: `clone ${url}`, url });
        if (upstreamUrl !== undefined) {
          const refspec = '+refs/heads/*:refs/remotes/upstream/*';
          const fetch = ['fetch', ...FETCH_FLAGS, '--end-of-options', upstreamUrl, refspec];
          await git.talk(place, fetch, { ...run, operation: `fetch from ${upstreamUrl}`, url: upstreamUrl });
        }
        return await cloneRepository(this.deps.git, { source: place.gitDir, url, upstreamUrl, ...places, signal });
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }

  /** Git with the account. Loaded when the server is first talked to, which most windows never do. */
  private signedIn(): Promise<TransportGit> {
    return (this.transport ??= this.loadGit());
  }

  private async loadGit(): Promise<TransportGit> {
    const { TransportGit } = await import('./transportGit.js');
    const { trusted, token, environment } = this.deps;
    return new TransportGit({
      trusted,
      credential: async (refused) => ({ username: 'x-access-token', password: await token(refused?.password) }),
      ...(environment === undefined ? {} : { environment }),
    });
  }
}

/** Symbolic ones are left out: they name a branch that is listed itself. */
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
