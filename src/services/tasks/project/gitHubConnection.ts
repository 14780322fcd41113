/** GitHub through its API and through git, both with the same account. */
import type { Clock } from '../../../kernel/ports';
import { Git, type GitDeps } from '../../../host/git/git';
import { GitHubTransport } from '../../../host/git/transport/gitHubTransport';
import type { GitHubAddress, TokenSource } from '../../../host/github/address';
import { GitHubApi } from '../../../host/github/api';
import type { Trusted } from '../../../host/process/startProcess';
import type { Log } from '../../../host/log';
import type { TrustedFolders } from '../../../host/trusted/trustedFolders';

export interface GitHubConnection {
  readonly github: GitHubApi;
  /** Git in clones, without a sign-in. */
  readonly git: Git;
  /** Pushes, fetches and clones with the account. */
  readonly transport: GitHubTransport;
}

export interface ConnectionDeps {
  readonly trusted: Trusted;
  readonly address: GitHubAddress;
  readonly token: TokenSource;
  /** Our storage folder. Absolute. */
  readonly storageDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Where git may run. */
  readonly places: TrustedFolders;
  /** How long git may run without output. */
  readonly limits?: NonNullable<GitDeps['limits']>;
  /** The ignored files that snapshots keep. */
  readonly ignored?: NonNullable<GitDeps['ignored']>;
}

/** Makes no request yet: the token is read with the first request. */
export function connectGitHub(deps: ConnectionDeps): GitHubConnection {
  const git = new Git(deps);
  const transport = new GitHubTransport({ ...deps, address: () => deps.address, git });
  return { github: new GitHubApi(deps), git, transport };
}
