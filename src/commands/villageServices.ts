/** Makes agents work on the tasks of the open folders: one orchestrator for each folder that has projects (design §5). */
import { createHash } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import type { VillageStanding } from '../contract/village';
import { systemPorts } from '../host/clock';
import { portBasesFile } from '../host/stateFolder';
import type { Git } from '../host/git/git';
import type { Change } from '../kernel/change';
import { problemOf } from '../kernel/errors';
import { DEFAULT_BACKOFF } from '../kernel/village/backoff';
import { listProjects, listTasks } from '../kernel/village/service';
import type { Dispatcher } from '../services/dispatcher';
import type { KernelDeps, ProjectKernel, WorkspaceKernels } from '../services/kernels';
import type { VillageSettings } from '../services/village/deps';
import { Elsewhere } from '../services/village/elsewhere';
import { Orchestrator } from '../services/village/orchestrator';
import { AgentConsent, plannerKind, workerKind } from './agentConsent';
import { Dismissed } from './ask';
import { inBackground } from './background';
import { launcherPath, logLimitBytes, villageStorage, type EditorServices } from './editorServices';
import { WindowGitHub } from './gitHubPlace';
import type { WindowVillages } from '../services/operations/villageHost';
import { literally } from './present';

export class Villages implements WindowVillages, vscode.Disposable {
  readonly git: Git;
  readonly gitHub: WindowGitHub;
  private readonly consent: AgentConsent;
  private readonly orchestrators = new Map<ProjectKernel, Orchestrator>();
  /** Kernels whose agents were taken up: nobody starts one twice then. */
  private readonly takenUp = new WeakSet<ProjectKernel>();
  /** Folders whose person was told that agents wait to be allowed. */
  private readonly told = new Set<string>();
  private readonly closing = new Set<Promise<void>>();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly elsewhere: Elsewhere;
  private readonly subscriptions: readonly { dispose(): unknown }[];

  /** Fires when who orchestrates a folder may have changed, and when a place is found to be recorded elsewhere. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly services: EditorServices,
    kernelDeps: KernelDeps,
    private readonly kernels: WorkspaceKernels,
    private readonly dispatcher: Dispatcher,
  ) {
    this.consent = new AgentConsent(services);
    this.gitHub = new WindowGitHub(services, kernelDeps);
    this.git = this.gitHub.git;
    this.elsewhere = new Elsewhere(this.git.places, services.log.scope('village'), () => this.changed.fire());
    this.subscriptions = [
      this.changed,
      this.elsewhere,
      kernels.onDidChange(({ kernel, change }) => this.look(kernel, change.origin)),
      kernels.onDidChangeState(({ kernel }) => this.look(kernel)),
      kernels.onDidChangeFolders(({ removed }) => {
        for (const kernel of removed) this.close(kernel);
      }),
      services.settings.onDidChange(() => this.lookAtAll()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.lookAtAll()),
    ];
  }

  /** The agents of the folder that were at work before are followed again. */
  readonly tookUp = (kernel: ProjectKernel): void => {
    this.takenUp.add(kernel);
    this.look(kernel);
  };

  storageDir(folder: string): string {
    return path.join(villageStorage(this.services), hashOf(folder));
  }

  standing(folder: string): VillageStanding {
    const kernel = this.kernels.get(folder);
    if (kernel === undefined) return 'off';
    const orchestrator = this.orchestrators.get(kernel);
    if (orchestrator !== undefined) return orchestrator.isLeading ? 'leading' : 'following';
    return this.isReady(kernel) && this.isForbidden(kernel) ? 'forbidden' : 'off';
  }

  isElsewhere(place: string): boolean {
    return this.elsewhere.has(place);
  }

  lookAgain(): void {
    this.elsewhere.forget();
  }

  maxAttempts(folder: string): number {
    return this.services.settings.get('intercore.village.maxAttempts', folder);
  }

  async allowAgents(folder: string, allowed: true | undefined, kind?: string): Promise<void> {
    await this.consent.ask(folder, allowed, kind === undefined ? undefined : [kind]);
    const kernel = this.kernels.get(folder);
    if (kind === undefined && kernel !== undefined && this.isReady(kernel)) {
      await this.consent.askAboutTasks(kernel, allowed);
    }
    this.lookAtAll();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Lets go of all folders. Agents go on, and the next window takes them up. */
  async finish(): Promise<void> {
    for (const kernel of [...this.orchestrators.keys()]) this.close(kernel);
    await Promise.all(this.closing);
  }

  private lookAtAll(): void {
    for (const kernel of this.kernels.all()) this.look(kernel);
  }

  private isForbidden(kernel: ProjectKernel): boolean {
    return this.consent.missing(kernel.folder).length > 0 || this.consent.foreign(kernel).length > 0;
  }

  private look(kernel: ProjectKernel, origin: Change['origin'] = 'file'): void {
    const isOpen = this.orchestrators.has(kernel);
    if (!this.isReady(kernel)) {
      // Being read again is no reason to let go.
      if (isOpen && kernel.state.kind !== 'loading') this.close(kernel);
    } else if (isOpen && origin === 'commit') {
      // What this window writes brings no task of somebody else's, and settings are looked at when they change.
    } else if (this.isForbidden(kernel)) {
      if (isOpen) this.close(kernel);
      this.tell(kernel);
    } else if (!isOpen) {
      this.open(kernel);
    }
  }

  private isReady(kernel: ProjectKernel): boolean {
    const isUsable = kernel.state.kind === 'ready' && this.services.trusted() && this.takenUp.has(kernel);
    return isUsable && kernel.read((r) => listProjects(r)).length > 0;
  }

  private open(kernel: ProjectKernel): void {
    const { services, dispatcher, git } = this;
    const orchestrator = new Orchestrator({
      kernel,
      dispatcher,
      git,
      trusted: services.trusted,
      launcherPath: launcherPath(services.context),
      logLimitBytes: () => logLimitBytes(services.settings),
      environment: () => services.environment.source(),
      portBaseOf: async (worktree) => {
        const { PortBases } = await import('../host/portBases.js');
        return new PortBases(portBasesFile(process.env)).baseOf(worktree);
      },
      storageDir: this.storageDir(kernel.folder),
      settings: () => settingsOf(services, kernel.folder),
      publish: this.gitHub.publisher(kernel),
      transport: this.gitHub.quietTransport,
      pullRequests: this.gitHub.watch(kernel.folder),
      ports: systemPorts,
      log: services.log.scope('village'),
      chance: Math.random,
    });
    this.orchestrators.set(kernel, orchestrator);
    orchestrator.onDidChange(() => this.changed.fire());
    orchestrator.start();
    services.log.info('village opened', { folder: kernel.folder });
  }

  private close(kernel: ProjectKernel): void {
    const orchestrator = this.orchestrators.get(kernel);
    if (orchestrator === undefined) return;
    this.orchestrators.delete(kernel);
    const closing = orchestrator
      .close()
      .catch((error: unknown) => this.services.log.warn('village not closed', { problem: problemOf(error) }))
      .finally(() => this.closing.delete(closing));
    this.closing.add(closing);
    this.changed.fire();
  }

  /** Work that came from elsewhere, from `ic` for one, waits until agents are allowed. That is said once. */
  private tell(kernel: ProjectKernel): void {
    const { folder } = kernel;
    const waits = kernel.read((r) => listTasks(r)).some(({ status }) => status === 'PLANNING' || status === 'ACTIVE');
    if (!waits || this.told.has(folder)) return;
    this.told.add(folder);
    inBackground(this.services.log, 'asking about agents', () => this.offer(folder));
  }

  private async offer(folder: string): Promise<void> {
    const kinds = this.consent.missing(folder).map(({ name }) => name);
    const name = path.basename(folder);
    const message =
      kinds.length === 0
        ? vscode.l10n.t(
            'Tasks of {folder} wait: they came with it, and you have not allowed agents to work on them yet.',
            {
              folder: name,
            },
          )
        : vscode.l10n.t(
            'Tasks of {folder} wait: agents of the kind {kinds} ask for nothing, and you have not allowed them here yet.',
            { folder: name, kinds: kinds.join(', ') },
          );
    const review = vscode.l10n.t('Review…');
    if ((await vscode.window.showInformationMessage(literally(message), review)) !== review) return;
    await this.allowAgents(folder, undefined).catch((error: unknown) => {
      if (!(error instanceof Dismissed)) throw error;
    });
  }
}

function settingsOf({ context, settings }: EditorServices, folder: string): VillageSettings {
  const template = (given: string, name: string): string =>
    given === '' ? context.asAbsolutePath(path.join('prompts', name)) : given;
  return {
    planner: plannerKind(settings, folder),
    worker: workerKind(settings, folder),
    maxAttempts: settings.get('intercore.village.maxAttempts', folder),
    timeLimitMinutes: settings.get('intercore.village.timeLimitMinutes', folder),
    maxConcurrent: settings.get('intercore.village.maxConcurrent', folder),
    checks: settings.get('intercore.village.checks', folder),
    setup: settings.get('intercore.village.setup', folder),
    include: settings.get('intercore.village.include', folder),
    includeBy: settings.get('intercore.village.includeBy', folder),
    failedCleanupMinutes: settings.get('intercore.village.failedCleanupMinutes', folder),
    tracker: settings.get('intercore.village.tracker', folder),
    beadsPath: settings.get('intercore.village.beadsPath', folder),
    beadsSyncSeconds: settings.get('intercore.village.beadsSyncSeconds', folder),
    backoff: DEFAULT_BACKOFF,
    plannerPrompt: template(settings.get('intercore.village.plannerPrompt', folder), 'planner.md'),
    workerPrompt: template(settings.get('intercore.village.workerPrompt', folder), 'worker.md'),
  };
}

/** Folders may have the same name. */
function hashOf(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 16);
}
