/**
 * Makes agents work on the tasks of the open folders: one orchestrator for each folder that has projects
 * (`docs/design/tasks.md#a-task-and-its-run`).
 */
import path from 'node:path';
import * as vscode from 'vscode';
import type { LeaderState } from '../../contract/results/tasks';
import { systemPorts } from '../../host/clock';
import type { Git } from '../../host/git/git';
import { cloneOfWorktree, listTasks } from '../../kernel/tasks/service';
import type { Dispatcher } from '../../services/dispatch/dispatcher';
import type { HeldAccounts } from '../../services/dispatch/context/heldAccounts';
import type { KernelDeps, ProjectKernel, WorkspaceKernels } from '../../services/record/kernels';
import { launcherIn, portBaseOf } from '../../services/leader/dispatcher';
import { Orchestrators } from '../../services/leader/orchestrators';
import { agentKindsOf, folderStorage, logLimitBytes, taskSettings } from '../../services/leader/settings';
import type { TaskAgents, TaskServices } from '../../services/operations/taskServices';
import type { TaskDeps } from '../../services/tasks/deps';
import { HeavySteps } from '../../services/tasks/heavySteps';
import type { Leader } from '../../services/tasks/leader';
import { LocationStates } from '../../services/tasks/project/locationStates';
import { AgentConsent } from './agentConsent';
import { Dismissed } from '../dialogs/dismissed';
import { inBackground } from '../dialogs/background';
import { taskStorage, type EditorServices } from '../editorServices';
import { WindowGitHub } from './gitHubServices';
import { literally } from '../dialogs/present';
import type { Problem } from '../../kernel/errors/reasons/problem';

export class WindowTaskServices implements TaskServices, vscode.Disposable {
  readonly git: Git;
  readonly gitHub: WindowGitHub;
  private readonly consent: AgentConsent;
  private readonly orchestrators: Orchestrators;
  /** Folders for which the question whether agents are allowed was shown. */
  private readonly offered = new Set<string>();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly locations: LocationStates;
  private readonly heavySteps: HeavySteps;
  private readonly subscriptions: readonly { dispose(): unknown }[];

  /** Fires when who orchestrates a folder may have changed, and when the state of a place is another one. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly services: EditorServices,
    kernelDeps: KernelDeps,
    private readonly kernels: WorkspaceKernels,
    private readonly dispatcher: Dispatcher,
    private readonly held: HeldAccounts,
  ) {
    this.consent = new AgentConsent(services);
    this.gitHub = new WindowGitHub(services, kernelDeps);
    this.git = this.gitHub.git;
    this.locations = new LocationStates(
      this.git.places,
      services.log.scope('tasks'),
      () => this.changed.fire(),
      (worktree) => this.cloneOf(worktree),
    );
    this.heavySteps = new HeavySteps({
      log: services.log.scope('tasks'),
      before: () => dispatcher.endingsRecorded(),
    });
    const { permissions } = this.consent;
    this.orchestrators = new Orchestrators({
      kernels,
      trusted: services.trusted,
      log: services.log,
      isDecided: (folder) => services.defaults.isDecided(folder),
      isForbidden: (kernel) => permissions.isForbidden(kernel),
      onForbidden: (kernel) => this.offerOnce(kernel),
      tasks: (kernel) => this.depsOf(kernel),
    });
    this.subscriptions = [
      this.changed,
      this.locations,
      this.heavySteps,
      this.heavySteps.onDidChange(() => this.changed.fire()),
      this.orchestrators,
      this.orchestrators.onDidChange(() => this.changed.fire()),
      services.settings.onDidChange(() => this.orchestrators.checkAll()),
      services.defaults.onDidChange(() => this.orchestrators.checkAll()),
      vscode.window.onDidChangeWindowState(({ focused }) => focused && this.locations.checkAgain()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.orchestrators.checkAll()),
    ];
  }

  /** The agents of the folder that were running before are followed again. */
  readonly tookUp = (kernel: ProjectKernel): void => this.orchestrators.tookUp(kernel);

  storageDir(folder: string): string {
    return folderStorage(taskStorage(this.services), folder);
  }

  leaderState(folder: string): LeaderState {
    return this.orchestrators.leaderState(folder);
  }

  leader(folder: string): Leader | undefined {
    return this.orchestrators.leader(folder);
  }

  takeOver(folder: string): Promise<boolean> {
    return this.orchestrators.takeOver(folder);
  }

  handOver(folder: string): Promise<boolean> {
    return this.orchestrators.handOver(folder);
  }

  isElsewhere(place: string): boolean {
    return this.locations.of(place).isElsewhere;
  }

  unseen(place: string): Problem<'WORKTREE_UNSEEN'> | undefined {
    return this.locations.of(place).unseen;
  }

  private cloneOf(worktree: string): string | undefined {
    for (const kernel of this.kernels.all()) {
      const clone = ['ready', 'readOnly'].includes(kernel.state.kind)
        ? kernel.read((r) => cloneOfWorktree(r, worktree))
        : undefined;
      if (clone !== undefined) return clone;
    }
    return undefined;
  }

  waitsForTurn(subtaskId: string): boolean {
    return this.heavySteps.waits(subtaskId);
  }

  checkAgain(): void {
    this.locations.forget();
  }

  readonly missingPrograms = async ({ folder }: ProjectKernel): Promise<readonly string[]> => {
    const { missingProgramsOf } = await import('../../services/leader/installedKinds.js');
    return await missingProgramsOf(this.consent.permissions.kinds(folder), await this.services.environment.source());
  };

  async agents({ folder }: ProjectKernel): Promise<TaskAgents> {
    const { settings, defaults } = this.services;
    await defaults.decide(folder);
    return { usual: defaults.usual(folder), kinds: agentKindsOf(settings) };
  }

  maxAttempts(folder: string): number {
    return this.services.settings.get('intercore.tasks.maxAttempts', folder);
  }

  async allowAgents(folder: string, allowed: true | undefined, kind?: string): Promise<void> {
    if (kind === undefined) await this.services.defaults.decide(folder);
    await this.consent.ask(folder, allowed, kind === undefined ? undefined : [kind]);
    const kernel = this.kernels.get(folder);
    if (kind === undefined && kernel !== undefined && this.orchestrators.isReady(kernel)) {
      await this.consent.askAboutTasks(kernel, allowed);
    }
    this.orchestrators.checkAll();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Releases all folders. Agents continue, and the next window adopts them. */
  async finish(): Promise<void> {
    await this.orchestrators.finish();
  }

  private depsOf(kernel: ProjectKernel): TaskDeps {
    const { services, dispatcher, held, git } = this;
    const { settings, defaults, context } = services;
    return {
      kernel,
      dispatcher,
      held,
      git,
      trusted: services.trusted,
      launcherPath: launcherIn(context.extensionPath),
      logLimitBytes: () => logLimitBytes(settings),
      environment: () => services.environment.source(),
      portBaseOf: (worktree) => portBaseOf(process.env, worktree),
      storageDir: this.storageDir(kernel.folder),
      settings: () => taskSettings(settings, defaults.usual(kernel.folder), kernel.folder, context.extensionPath),
      heavySteps: this.heavySteps,
      publish: this.gitHub.publisher(kernel),
      transport: this.gitHub.quietTransport,
      pullRequests: this.gitHub.watch(kernel.folder),
      ports: systemPorts,
      log: services.log.scope('tasks'),
      chance: Math.random,
    };
  }

  /** Work that came from elsewhere, from `ic` for one, waits until agents are allowed. The question is shown once. */
  private offerOnce(kernel: ProjectKernel): void {
    const { folder } = kernel;
    const waits = kernel.read((r) => listTasks(r)).some(({ status }) => status === 'PLANNING' || status === 'ACTIVE');
    if (!waits || this.offered.has(folder)) return;
    this.offered.add(folder);
    inBackground(this.services.log, 'asking about agents', () => this.offer(folder));
  }

  private async offer(folder: string): Promise<void> {
    const { permissions } = this.consent;
    const kinds = permissions.missing(folder).map(({ name }) => name);
    const absent = await this.consent.absent(permissions.kinds(folder));
    const name = path.basename(folder);
    const waits =
      kinds.length === 0
        ? vscode.l10n.t(
            'Tasks in {folder} are waiting: they came with the folder, and agents are not allowed to work on them yet.',
            {
              folder: name,
            },
          )
        : vscode.l10n.t('Tasks in {folder} are waiting: agents of kind {kinds} are not allowed here yet.', {
            folder: name,
            kinds: kinds.join(', '),
          });
    const review = vscode.l10n.t('Review…');
    const message = literally([waits, ...absent].join(' '));
    if ((await vscode.window.showInformationMessage(message, review)) !== review) return;
    await this.allowAgents(folder, undefined).catch((error: unknown) => {
      if (!(error instanceof Dismissed)) throw error;
    });
  }
}
