/** A GitHub on loopback for the tests of one suite, with an account signed in and git that opens it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository, PARCEL_API } from '../../../scripts/demo/repositories';
import { systemPorts } from '../../../src/host/clock';
import type { Git } from '../../../src/host/git/git';
import { testGit } from '../git';
import { GitHubTransport } from '../../../src/host/git/transport/gitHubTransport';
import { gitHubAddress, type TokenSource } from '../../../src/host/github/address';
import { GitHubApi } from '../../../src/host/github/api';
import type { Log } from '../../../src/host/log';
import { ApiDescription } from './description';
import type { Hub } from './hub';
import { publishedDescription } from './published';
import { GitHubServer } from './server';

/** The description is fetched once for each clone of the project. */
const FETCH_LIMIT_MS = 300_000;

export const ACCOUNT = 'ada';
/** Belongs to another user. */
export const UPSTREAM = { owner: 'octo', repo: 'Parcels' } as const;
/** Belongs to the account. */
export const OWN = { owner: ACCOUNT, repo: 'stamps' } as const;

export class GitHubFixture {
  /** An empty folder for the test; it goes afterwards. */
  folder = '';
  /** What repositories are filled with. */
  content = '';
  /** The token that is given out now. */
  token = '';
  /** Tokens that were reported as refused. */
  readonly refused: string[] = [];
  /** All that was logged, as text. */
  readonly logged: string[] = [];
  private running: GitHubServer | undefined;

  /** Call in a `describe`: each of its tests gets a server, which must not have seen the API broken. */
  static ofSuite(): GitHubFixture {
    const gitHub = new GitHubFixture();
    let description: ApiDescription;
    before(async function () {
      this.timeout(FETCH_LIMIT_MS);
      description = new ApiDescription(await publishedDescription());
      gitHub.content = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-content-')));
      await createRepository(gitHub.content, PARCEL_API);
    });
    beforeEach(() => gitHub.begin(description));
    afterEach(() => gitHub.end());
    after(() => rm(gitHub.content, { recursive: true, force: true }));
    return gitHub;
  }

  get server(): GitHubServer {
    return this.running ?? assert.fail('the server is not running');
  }

  get hub(): Hub {
    return this.server.hub;
  }

  /** Gives the token; where it was refused, a new one for the same account. */
  readonly tokens: TokenSource = (refused) => {
    if (refused !== undefined) {
      this.refused.push(refused);
      this.signIn();
    }
    return Promise.resolve(this.token);
  };

  readonly log: Log = this.logAs('');

  api(options: Partial<ConstructorParameters<typeof GitHubApi>[0]> = {}): GitHubApi {
    const { tokens, log } = this;
    const address = gitHubAddress(this.server.url);
    return new GitHubApi({ address, token: tokens, clock: systemPorts.clock, log, retryWaitsMs: [10, 20], ...options });
  }

  git(): Git {
    return testGit();
  }

  transport(): GitHubTransport {
    const address = gitHubAddress(this.server.url);
    return new GitHubTransport({
      address: () => address,
      token: this.tokens,
      git: this.git(),
      trusted: () => true,
      storageDir: path.join(this.folder, 'storage'),
    });
  }

  /** A new token for the account; earlier ones are worth nothing from now on. */
  signIn(): void {
    this.hub.tokens.clear();
    this.token = `gho_${randomBytes(18).toString('hex')}`;
    this.hub.tokens.set(this.token, ACCOUNT);
  }

  private logAs(name: string): Log {
    const keep = (message: string, fields?: unknown): void => {
      this.logged.push(`${name}${message} ${JSON.stringify(fields)}`);
    };
    return { debug: keep, info: keep, warn: keep, error: keep, scope: (inner) => this.logAs(`${inner}: `) };
  }

  private async begin(description: ApiDescription): Promise<void> {
    this.folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-github-')));
    this.refused.length = 0;
    this.logged.length = 0;
    this.running = new GitHubServer(path.join(this.folder, 'hub'), description);
    await this.running.start();
    for (const name of [UPSTREAM, OWN]) await this.hub.add({ ...name, contentOf: this.content });
    this.signIn();
  }

  private async end(): Promise<void> {
    const violations = this.running?.violations ?? [];
    await this.running?.close();
    this.running = undefined;
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
    assert.deepEqual(violations, [], 'requests and answers keep to the description of the API');
  }
}
