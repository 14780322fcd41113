/** The services that make agents work without a window, for the folders of one command line. */
import path from 'node:path';
import { writeAgentKinds } from '../../host/state/agentKindsFile';
import { systemPorts } from '../../host/clock';
import { FolderLedger } from '../../host/files/folderLedger';
import type { Git } from '../../host/git/git';
import type { IgnoredChoice } from '../../host/git/git';
import { timeLimits } from '../../host/git/config/timeLimits';
import { CheckedFiles } from '../../host/image/checkedFiles';
import type { Log } from '../../host/log';
import { nativeLoader } from '../../host/native/nativeSqlite';
import { checkedFilesFolder, ledgerFolder } from '../../host/state/stateFolder';
import { baselineModule } from '../../host/wasm/baselineWasm';
import { engineLoader } from '../../host/wasm/sqliteWasm';
import { Emitter, type Disposable } from '../../kernel/emitter';
import { problemOf } from '../../kernel/errors/errors';
import { AgentConsents } from '../../services/consent/agentConsent';
import type { EnvironmentSource } from '../../services/dispatch/context/environment';
import { DispatchQueue } from '../../services/dispatch/queue/dispatchQueue';
import type { Dispatcher } from '../../services/dispatch/dispatcher';
import type { HeldAccounts } from '../../services/dispatch/context/heldAccounts';
import { WorkspaceKernels, type KernelDeps, type ProjectKernel } from '../../services/record/kernels';
import {
  followHeldAccounts,
  launcherIn,
  portBaseOf,
  stayingDispatcher,
  taskStorageIn,
} from '../../services/leader/dispatcher';
import { publisherTo, watchOn } from '../../services/leader/gitHub';
import { HeavySteps } from '../../services/tasks/heavySteps';
import { Orchestrators } from '../../services/leader/orchestrators';
import { ignoredChoice } from '../../services/leader/ignoredChoice';
import { AgentPermissions } from '../../services/leader/permissions';
import { DefaultKinds } from '../../services/leader/defaultKind';
import { agentKindsOf, folderStorage, logLimitBytes, taskSettings } from '../../services/leader/settings';
import { withPortfolios, type LedRecords } from '../../services/dispatch/queue/ledRecords';
import { TakingUp } from '../../services/leader/takingUp';
import { OwnWork } from '../../services/dispatch/context/ownWork';
import { PortfolioLimits } from '../../services/portfolio/limits';
import { gitHubOf } from '../host/gitHub';
import type { LeaderSettings } from '../host/leadSettings';
import { refuseOthersRecord } from '../host/recordOwner';
import { openPortfolios, type LeaderPortfolios } from './portfolios';
import { WaitingFolders } from './pauses';

export interface LeaderHostDeps {
  /** Absolute. */
  readonly folders: readonly string[];
  /** The `.code-workspace` file whose portfolios are relayed, absolute. */
  readonly workspaceFile: string | undefined;
  readonly settings: LeaderSettings;
  /** Whether it takes over from the current leader of a folder. */
  readonly takesOver: boolean;
  /** Where worktrees, prompts and logs go, absolute. */
  readonly storage: string;
  readonly env: NodeJS.ProcessEnv;
  /** The user's variables, for agents. */
  readonly environment: () => Promise<EnvironmentSource>;
  readonly log: Log;
}

/** The folder that this program is installed in; its bundle is in `dist` there. */
const ROOT = path.join(__dirname, '..');

/** The person who starts this program names the folders and thereby trusts them, as with every call of `ic`. */
const TRUSTED = { trusted: () => true };

export class LeaderHost {
  readonly kernels: WorkspaceKernels;
  readonly dispatcher: Dispatcher;
  readonly held: HeldAccounts;
  readonly git: Git;
  readonly permissions: AgentPermissions;
  readonly defaults: DefaultKinds;
  readonly consents: AgentConsents;
  readonly work: OwnWork;
  readonly orchestrators: Orchestrators;
  readonly portfolios: LeaderPortfolios;
  /** The records whose dispatches are followed. */
  readonly records: LedRecords;
  private readonly queue: DispatchQueue;
  private readonly waiting: WaitingFolders;
  private readonly changes: Emitter<void>;
  private readonly subscriptions: readonly Disposable[];
  private readonly reported = new Set<string>();
  private readonly leaders = new Map<string, string>();

  constructor(readonly deps: LeaderHostDeps) {
    const { settings, env, log } = deps;
    this.changes = new Emitter((error) => log.error('listener failed', { error }));
    const kernelDeps: KernelDeps = {
      ...TRUSTED,
      engine: engineLoader(baselineModule),
      native: nativeLoader(true),
      checksInThread: true,
      ports: systemPorts,
      log,
      checked: new CheckedFiles(checkedFilesFolder(env)),
      busyTimeoutMs: settings.get('intercore.database.busyTimeoutMs'),
      admit: (database) => refuseOthersRecord(database, env),
    };
    this.consents = new AgentConsents(new FolderLedger(ledgerFolder(env), 'agents'), env);
    this.work = new OwnWork(new FolderLedger(ledgerFolder(env), 'work'));
    this.kernels = new WorkspaceKernels(kernelDeps);
    this.defaults = new DefaultKinds({
      settings,
      kinds: () => agentKindsOf(settings),
      record: (folder) => this.kernels.get(folder),
      environment: deps.environment,
      log,
    });
    const { consents, work, defaults } = this;
    this.permissions = new AgentPermissions({ settings, defaults, consents, work });
    this.portfolios = openPortfolios({ ...deps, kernelDeps, kernels: this.kernels });
    this.records = withPortfolios(this.kernels, this.portfolios.home?.kernel);
    this.dispatcher = stayingDispatcher({
      ...TRUSTED,
      settings,
      defaults,
      consents,
      limits: new PortfolioLimits({ links: this.portfolios.links, log: log.scope('portfolios') }),
      log,
      storageDir: () => deps.storage,
      root: ROOT,
      ownEnvironment: env,
      environment: deps.environment,
      agentKindsFile: this.agentKindsFile,
    });
    this.held = followHeldAccounts({ settings, ownEnvironment: env, environment: deps.environment, log });
    const storages = [taskStorageIn(deps.storage), deps.storage];
    const gitSettings = {
      ignored: (folder: string): IgnoredChoice => ignoredChoice(settings, folder),
      limits: () => timeLimits(settings.get('intercore.git.timeLimitSeconds')),
    };
    const connection = gitHubOf(this.gitHubEnvironment(), deps.folders, gitSettings, log.scope('github'), storages);
    const { git, github, transport } = connection;
    this.git = git;
    const heavySteps = new HeavySteps({
      log: log.scope('tasks'),
      before: () => this.dispatcher.endingsRecorded(),
    });
    const background = { settings, git, transport, api: () => github, log: log.scope('tasks') };
    this.waiting = new WaitingFolders(log, systemPorts.clock, () => this.checkAgain());
    this.orchestrators = new Orchestrators({
      ...TRUSTED,
      kernels: this.kernels,
      takesOver: deps.takesOver,
      log,
      isDecided: (folder) => defaults.isDecided(folder),
      isForbidden: (kernel) => this.permissions.isForbidden(kernel),
      onForbidden: (kernel) => {
        this.waiting.add(kernel);
        this.logForbidden(kernel);
      },
      tasks: (kernel) => ({
        ...TRUSTED,
        program: 'ic lead',
        kernel,
        git,
        transport,
        dispatcher: this.dispatcher,
        held: this.held,
        launcherPath: launcherIn(ROOT),
        logLimitBytes: () => logLimitBytes(settings),
        environment: deps.environment,
        portBaseOf: (worktree) => portBaseOf(env, worktree),
        storageDir: folderStorage(taskStorageIn(deps.storage), kernel.folder),
        settings: () => taskSettings(settings, defaults.usual(kernel.folder), kernel.folder, ROOT),
        heavySteps,
        publish: publisherTo(background, kernel),
        pullRequests: watchOn(background, kernel.folder),
        ports: systemPorts,
        log: log.scope('tasks'),
        chance: Math.random,
      }),
    });
    const takingUp = new TakingUp({
      ...TRUSTED,
      dispatcher: this.dispatcher,
      log,
      rules: () => settings.known('intercore.agents.permissionRules'),
      by: 'ic lead',
      tookUp: (kernel) => {
        this.orchestrators.tookUp(kernel);
        this.changes.fire();
      },
    });
    this.queue = new DispatchQueue({
      kernels: this.records,
      dispatcher: this.dispatcher,
      held: this.held,
      log: log.scope('queue'),
      canRun: TRUSTED.trusted,
    });
    const changed = (): void => this.changes.fire();
    this.subscriptions = [
      this.records.onDidChangeState(({ kernel }) => takingUp.look(kernel)),
      this.records.onDidChangeState(changed),
      this.records.onDidChange(changed),
      this.orchestrators.onDidChange(changed),
      defaults.onDidChange(() => this.orchestrators.checkAll()),
      defaults,
      this.orchestrators.onDidChange(() => this.logLeaders()),
      this.orchestrators,
      this.dispatcher.onDidMakeRoom(changed),
      this.held.onDidChange(changed),
      this.held,
      this.portfolios.links.onDidChange(() => {
        this.queue.wake();
        this.dispatcher.checkBudgets();
      }),
    ];
  }

  /** Fires when anything that a leader checks may have changed. */
  onDidChange(listener: () => void): Disposable {
    return this.changes.event(listener);
  }

  /** Opens the records; everything else starts when they are open. */
  async start(): Promise<void> {
    await writeAgentKinds(this.agentKindsFile, this.ownKinds());
    const kernels = this.deps.folders.map((folder) => this.kernels.add(folder));
    await Promise.all(kernels.map((kernel) => kernel.load()));
    await Promise.all(this.deps.folders.map((folder) => this.defaults.decide(folder)));
    await this.portfolios.start();
  }

  /** Resolves when every queued dispatch that could start has started. */
  readonly queueSettled = (): Promise<void> => this.queue.settled();

  /** Releases agents and leases: agents continue, and another leader can follow. */
  async finish(): Promise<void> {
    await this.waiting.finish();
    await this.orchestrators.finish();
    await this.queue.dispose();
    await this.dispatcher.dispose();
    await this.portfolios.finish();
    for (const subscription of this.subscriptions) subscription.dispose();
    await this.kernels.dispose();
    this.changes.dispose();
  }

  /** Checks whether a person has allowed the agents that wait. */
  private checkAgain(): void {
    this.orchestrators.checkAll();
    this.waiting.keep((folder) => this.orchestrators.leaderState(folder) === 'forbidden');
  }

  private get agentKindsFile(): string {
    return path.join(this.deps.storage, 'agent-kinds.json');
  }

  /** The kinds of the settings, and built-in kinds whose usage is set; `ic` knows the other built-in ones. */
  private ownKinds(): ReturnType<typeof agentKindsOf> {
    const { settings } = this.deps;
    const named = new Set([
      ...settings.get('intercore.agents.kinds').map(({ name }) => name),
      ...Object.keys(settings.get('intercore.budget.kinds')),
    ]);
    return agentKindsOf(settings).filter(({ name }) => named.has(name));
  }

  private gitHubEnvironment(): NodeJS.ProcessEnv {
    const address = this.deps.settings.get('intercore.github.address');
    return address === '' ? this.deps.env : { ...this.deps.env, GITHUB_SERVER_URL: address };
  }

  /** Logs who leads each folder, whenever it changes. */
  private logLeaders(): void {
    for (const { folder } of this.kernels.all()) {
      const leaderState = this.orchestrators.leaderState(folder);
      const leader = this.orchestrators.leader(folder);
      const known = JSON.stringify([leaderState, leader]);
      if (this.leaders.get(folder) === known || (leaderState !== 'leading' && leader === undefined)) continue;
      this.leaders.set(folder, known);
      if (leader === undefined) this.deps.log.info('leading', { folder });
      else this.deps.log.info('another program leads', { folder, ...leader });
    }
  }

  /** Logs what waits for permission, once for each folder and reason. */
  private logForbidden(kernel: ProjectKernel): void {
    const { folder } = kernel;
    try {
      const kinds = this.permissions.missing(folder).map(({ name }) => name);
      const tasks = this.permissions.foreign(kernel).map(({ id, title }) => ({ id, title }));
      const reason = JSON.stringify([folder, kinds, tasks]);
      if (this.reported.has(reason)) return;
      this.reported.add(reason);
      const hint =
        kinds.length > 0 ? `ic agent allow, or --allow-agents=${kinds.join(',')}` : '--allow-tasks, or a window';
      this.deps.log.warn('agents wait for permission', { folder, kinds, tasks, hint });
    } catch (error) {
      this.deps.log.error('cannot check which agents wait for permission', { folder, problem: problemOf(error) });
    }
  }
}
