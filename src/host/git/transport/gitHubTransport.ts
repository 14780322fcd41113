/**
 * Pushes to, fetches from and clones repositories of GitHub with the account's token. Agents write clones, so git never
 * signs in there: it talks to the server in a repository of our own, with an address that we made and an exact commit,
 * and what it fetched is handed over to the clone without a credential.
 */
import type { RefName, Sha } from '../../../kernel/text/gitNames';
import type { RepositoryName } from '../../../kernel/text/repositoryUrl';
import type { Trusted } from '../../process/startProcess';
import type { GitHubAddress, TokenSource } from '../../github/address';
import type { Git } from '../git';
import type { Repository } from '../repository';
import type { GitHubTransfers } from './gitHubTransfers';

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

/** What does it is loaded when the server is first talked to, which most windows never do. */
export class GitHubTransport {
  private transfers: Promise<GitHubTransfers> | undefined;

  constructor(private readonly deps: GitHubTransportDeps) {}

  /**
   * Moves a branch of ours on the server to the commit: forward, or from where we left it. What others added since is
   * never replaced (D8).
   * @throws KernelError `GIT_FAILED`, `INVALID_ARGUMENT`
   */
  async push(repository: Repository, push: Push): Promise<void> {
    return (await this.loaded()).push(repository, push);
  }

  /**
   * Brings the branches of a repository into the clone, as remote-tracking branches only.
   * @throws KernelError `GIT_FAILED`, `INVALID_ARGUMENT`
   */
  async fetch(repository: Repository, fetch: Fetch): Promise<void> {
    return (await this.loaded()).fetch(repository, fetch);
  }

  /**
   * The branch that the server names as the default; undefined where it names none.
   * @throws KernelError `GIT_FAILED`, `INVALID_ARGUMENT`
   */
  async defaultBranch(from: RepositoryName, signal?: AbortSignal): Promise<RefName | undefined> {
    return (await this.loaded()).defaultBranch(from, signal);
  }

  /**
   * Rejects once the signal aborts.
   * @throws KernelError `FOLDER_TAKEN`, `GIT_FAILED`, `INVALID_ARGUMENT`; nothing is left behind then.
   */
  async clone(request: CloneRequest): Promise<Repository> {
    return (await this.loaded()).clone(request);
  }

  private loaded(): Promise<GitHubTransfers> {
    return (this.transfers ??= this.load());
  }

  private async load(): Promise<GitHubTransfers> {
    const { GitHubTransfers } = await import('./gitHubTransfers.js');
    return new GitHubTransfers(this.deps);
  }
}
