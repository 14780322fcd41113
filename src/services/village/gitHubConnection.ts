/** GitHub by way of its API and by way of git, both with the same account. */
import type { Clock } from '../../kernel/ports';
import { Git } from '../../host/git/git';
import { gitCredential, type GitHubAddress, type TokenSource } from '../../host/github/address';
import { GitHubApi } from '../../host/github/api';
import type { Log } from '../../host/log';

export interface GitHubConnection {
  readonly github: GitHubApi;
  /** Opens this GitHub alone with the account; every other remote as the person has set it up. */
  readonly git: Git;
}

export interface ConnectionDeps {
  readonly address: GitHubAddress;
  readonly token: TokenSource;
  readonly clock: Clock;
  readonly log: Log;
}

/** Asks for nothing yet: the token is asked for with the first request. */
export function connectGitHub(deps: ConnectionDeps): GitHubConnection {
  const git = new Git({ credential: gitCredential(deps.address, deps.token) });
  return { github: new GitHubApi(deps), git };
}
