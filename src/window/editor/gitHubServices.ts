/** What tasks need of GitHub in a window: for a person who waits, and for work in the background. */
import * as vscode from 'vscode';
import { systemPorts } from '../../host/clock';
import { Git } from '../../host/git/git';
import { timeLimits, type TimeLimits } from '../../host/git/config/timeLimits';
import { trustedFoldersOf, type TrustedFolders } from '../../host/trusted/trustedFolders';
import { GitHubTransport } from '../../host/git/transport/gitHubTransport';
import type { TokenSource } from '../../host/github/address';
import { GitHubApi } from '../../host/github/api';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { because } from '../../kernel/errors/reasons/problem';
import type { Project } from '../../kernel/tasks/record/model';
import type { KernelDeps, ProjectKernel } from '../../services/record/kernels';
import { publisherTo, watchOn, type BackgroundGitHub } from '../../services/leader/gitHub';
import { ignoredChoice } from '../../services/leader/ignoredChoice';
import type { GitHubAccess } from '../../services/operations/taskServices';
import type { PullRequestWatch, Publish } from '../../services/tasks/deps';
import { connectGitHub, type GitHubConnection } from '../../services/tasks/project/gitHubConnection';
import { Dismissed } from '../dialogs/dismissed';
import { taskStorage, type EditorServices } from '../editorServices';
import { GitHubSignIn } from './signIn';

function openFolders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).flatMap(({ uri }) => (uri.scheme === 'file' ? [uri.fsPath] : []));
}

export class WindowGitHub implements GitHubAccess {
  /** In clones. It signs in nowhere. */
  readonly git: Git;
  /** As a person who waits. */
  readonly transport: GitHubTransport;
  /** As work in the background. */
  readonly quietTransport: GitHubTransport;
  private readonly account: GitHubSignIn;
  /** Where git may run: the folders of the window, and clones and worktrees of ours. */
  private readonly places: TrustedFolders;

  constructor(
    private readonly services: EditorServices,
    readonly kernelDeps: KernelDeps,
  ) {
    this.account = new GitHubSignIn(services.settings);
    this.places = trustedFoldersOf(process.env, openFolders, () => [this.storageDir, taskStorage(services)]);
    this.git = new Git({
      trusted: services.trusted,
      places: this.places,
      limits: this.limits,
      ignored: (folder) => ignoredChoice(services.settings, folder),
    });
    this.transport = this.transportAs(this.account.asking);
    this.quietTransport = this.transportAs(this.quiet);
  }

  /** How long git may go without a sign of life. */
  private readonly limits = (): TimeLimits => {
    return timeLimits(this.services.settings.get('intercore.git.timeLimitSeconds'));
  };

  get storageDir(): string {
    const { settings, context } = this.services;
    return settings.get('intercore.storage.directory') || context.globalStorageUri.fsPath;
  }

  connect(): GitHubConnection {
    const { address, asking: token } = this.account;
    const { storageDir, services, places, limits } = this;
    const { trusted } = services;
    const log = services.log.scope('github');
    return connectGitHub({ trusted, places, limits, address, token, storageDir, clock: systemPorts.clock, log });
  }

  async signIn(): Promise<void> {
    await this.account.signIn();
  }

  /** Joins the workspace at its end. VS Code may start the window's extensions again for it. */
  openFolder({ clonePath, name }: Project): void {
    const uri = vscode.Uri.file(clonePath);
    if (vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath === clonePath) return;
    vscode.workspace.updateWorkspaceFolders(vscode.workspace.workspaceFolders?.length ?? 0, 0, { uri, name });
  }

  /** VS Code may start the window's extensions again for it. */
  closeFolder({ clonePath }: Project): void {
    const found = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(clonePath));
    if (found?.uri.fsPath === clonePath) vscode.workspace.updateWorkspaceFolders(found.index, 1);
  }

  publisher(kernel: ProjectKernel): Publish {
    return publisherTo(this.background, kernel);
  }

  watch(folder: string): PullRequestWatch {
    return watchOn(this.background, folder);
  }

  private get background(): BackgroundGitHub {
    const { services, git, quietTransport: transport } = this;
    const { settings } = services;
    return { settings, git, transport, api: () => this.quietApi(), log: services.log.scope('tasks') };
  }

  private quietApi(): GitHubApi {
    const { address } = this.account;
    return new GitHubApi({
      address,
      token: this.quiet,
      clock: systemPorts.clock,
      log: this.services.log.scope('github'),
    });
  }

  private transportAs(token: TokenSource): GitHubTransport {
    const { git, storageDir } = this;
    const { trusted } = this.services;
    // The server is a setting, which may change while the window is open.
    return new GitHubTransport({ trusted, git, storageDir, token, address: () => this.account.address });
  }

  /** It does not wait for a person, so a missing sign-in is a reason like any other. */
  private readonly quiet: TokenSource = async (refused) => {
    try {
      return await this.account.quiet(refused);
    } catch (error) {
      if (!(error instanceof Dismissed)) throw error;
      const problem = because('the sign-in was not renewed');
      throw new KernelError('GITHUB_AUTH', { problem }, { cause: problemOf(error) });
    }
  };
}
