/**
 * Pushes to, fetches from and clones repositories of GitHub with the account's token. Agents can write to clones, so
 * git never signs in there: it contacts the server from a repository of our own, with our address and an exact commit,
 * and fetched commits are copied to the clone without a credential.
 */
import type { RefName } from '../../../kernel/text/gitNames';
import type { RepositoryName } from '../../../kernel/text/repositoryUrl';
import type { Repository } from '../repository';
import type { CloneRequest, Fetch, GitHubTransfers, GitHubTransportDeps, Push } from './gitHubTransfers';

/** The implementation is loaded with the first request to the server, which most windows never make. */
export class GitHubTransport {
  private transfers: Promise<GitHubTransfers> | undefined;

  constructor(private readonly deps: GitHubTransportDeps) {}

  /**
   * Moves our branch on the server to the commit: forward, or from our last push. Commits of others are never replaced
   * (D8).
   * @throws KernelError `GIT_FAILED`, `INVALID_ARGUMENT`
   */
  async push(repository: Repository, push: Push): Promise<void> {
    return (await this.loaded()).push(repository, push);
  }

  /**
   * Fetches the branches of a repository into the clone, only as remote-tracking branches.
   * @throws KernelError `GIT_FAILED`, `INVALID_ARGUMENT`
   */
  async fetch(repository: Repository, fetch: Fetch): Promise<void> {
    return (await this.loaded()).fetch(repository, fetch);
  }

  /**
   * The branch that the server names as the default; undefined if it names none.
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
