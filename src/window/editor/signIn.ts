/**
 * Signing in to GitHub by the accounts of VS Code (`docs/design/github.md#pull-requests`). Tokens are in memory only.
 */
import * as vscode from 'vscode';
import { gitHubAddress, type GitHubAddress, type TokenSource } from '../../host/github/address';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { because, foreignText } from '../../kernel/errors/reasons/problem';
import { Dismissed } from '../dialogs/dismissed';
import type { Settings } from '../settings';

/**
 * `repo`: to clone, fork and push to private repositories, and to open, label and merge pull requests; GitHub has no
 * smaller one for these. `workflow`: a push that touches `.github/workflows` is refused without it.
 */
const SCOPES = ['repo', 'workflow'];
const PUBLIC_WEB = 'https://github.com';

export class GitHubSignIn {
  /** The open question whether to sign in again: asked once for all callers. */
  private renewing: Promise<string> | undefined;
  /** Refused tokens that a person did not renew. Work in the background does not ask again. */
  private readonly declined = new Set<string>();

  constructor(private readonly settings: Settings) {}

  /** @throws KernelError `INVALID_ARGUMENT` */
  get address(): GitHubAddress {
    return gitHubAddress(this.settings.get('intercore.github.address'));
  }

  /** Asks a person who is not signed in to sign in. Rejects with `Dismissed` if they do not. */
  readonly asking: TokenSource = (refused) => this.token(refused, true);

  /** For work in the background: without a sign-in it is offered among the accounts, and this rejects. */
  readonly quiet: TokenSource = (refused) => this.token(refused, false);

  /** Asks also where there is a sign-in that GitHub refused and that was not renewed. Rejects as `asking`. */
  async signIn(): Promise<void> {
    const token = await this.asking();
    if (this.declined.has(token)) await this.asking(token);
  }

  private async token(refused: string | undefined, mayAsk: boolean): Promise<string> {
    if (refused === undefined) {
      const session = await this.session(mayAsk ? { createIfNone: true } : { createIfNone: false });
      if (session !== undefined) return session.accessToken;
      throw new KernelError('GITHUB_AUTH', {
        problem: because('you are not signed in to GitHub in this window'),
      });
    }
    // The person may have signed in again since.
    const now = await this.session({ silent: true });
    if (now !== undefined && now.accessToken !== refused) return now.accessToken;
    if (!mayAsk && this.declined.has(refused)) throw new Dismissed();
    try {
      return await (this.renewing ??= this.renew());
    } catch (error) {
      this.declined.add(refused);
      throw error;
    } finally {
      this.renewing = undefined;
    }
  }

  private async renew(): Promise<string> {
    const detail = vscode.l10n.t('GitHub no longer accepts the sign-in of Intercore.');
    const session = await this.session({ forceNewSession: { detail } });
    if (session === undefined) throw new Dismissed();
    return session.accessToken;
  }

  /** @throws KernelError `GITHUB_AUTH`; rejects with `Dismissed` where the person does not sign in */
  private async session(
    options: vscode.AuthenticationGetSessionOptions,
  ): Promise<vscode.AuthenticationSession | undefined> {
    const provider = this.address.webUrl === PUBLIC_WEB ? 'github' : 'github-enterprise';
    try {
      return await vscode.authentication.getSession(provider, SCOPES, options);
    } catch (error) {
      // The words of VS Code for Cancel.
      if (/did not consent|cancel/i.test(problemOf(error))) throw new Dismissed();
      throw new KernelError('GITHUB_AUTH', { problem: foreignText(problemOf(error)) }, { cause: error });
    }
  }
}
