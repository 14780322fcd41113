/** The host of operations in `ic mcp`: the folders it was started for, without a window. */
import path from 'node:path';
import { withBuiltIns } from '../../services/agents/builtInKinds';
import { SETTINGS, type SettingName, type SettingSpec, type SettingValue } from '../../contract/settings/settings';
import { readAgentKinds } from '../../host/state/agentKindsFile';
import { systemClock, systemPorts } from '../../host/clock';
import type { Log } from '../../host/log';
import { portfolioLocation } from '../../host/files/paths';
import {
  accountsFolder,
  driftFolder,
  checkedFilesFolder,
  ledgerFolder,
  storageFolder,
} from '../../host/state/stateFolder';
import { AccountHolds } from '../../host/state/accountHolds';
import { FolderLedger } from '../../host/files/folderLedger';
import { CheckedFiles } from '../../host/image/checkedFiles';
import { nativeLoader } from '../../host/native/nativeSqlite';
import { passEnvOf } from '../../host/state/passEnv';
import { knownStorages } from '../../host/state/storages';
import { baselineModule } from '../../host/wasm/baselineWasm';
import { engineLoader } from '../../host/wasm/sqliteWasm';
import { AgentConsents } from '../../services/consent/agentConsent';
import { Callers } from '../../services/consent/callers';
import { OwnWork } from '../../services/dispatch/context/ownWork';
import { isForbiddenHere, missingProgramsHere, taskAgentsHere } from '../dispatching/agentPermissions';
import { defaultKindOf } from '../dispatching/defaultKind';
import { heldAccounts } from '../host/heldAccounts';
import { refuseWider, type Caller } from '../../services/consent/decisions';
import { Dispatcher } from '../../services/dispatch/dispatcher';
import { icMcpCommand } from '../../services/dispatch/context/mcpServer';
import { WorkspaceKernels, type KernelDeps } from '../../services/record/kernels';
import type { OperationHost } from '../../services/operations/host';
import type { WindowPortfolios } from '../../services/operations/host';
import { PortfolioHome } from '../../services/portfolio/home/home';
import { PortfolioLimits } from '../../services/portfolio/limits';
import { PortfolioLinks } from '../../services/portfolio/snapshot/links';
import { PortfolioRelays } from '../../services/portfolio/relay/relays';
import { busyTimeoutOf } from '../host/busyTimeout';
import { gitWith, type GitSettings } from '../host/gitWith';
import { ignoredBySettings, limitsBySettings } from '../host/editorSettings';
import { refuseOthersRecord } from '../host/recordOwner';
import { shellAgentStarts, shellDoctorInput } from '../host/doctorInput';
import { gitHubOf } from '../host/gitHub';
import { taskServicesOf } from '../host/taskServices';
import type { ServedFolders } from './servedFolders';
import { defined } from '../../kernel/defined';

export interface ProgramHost {
  readonly operations: OperationHost;
  /** Finishes pending saves and releases agents, which continue. */
  dispose(): Promise<void>;
}

export interface ProgramHostDeps {
  readonly served: ServedFolders;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  readonly actor: () => string;
}

/** The agent that the server works for, else a client of a person. */
function callerIn({ dispatchId }: ServedFolders): Caller {
  return dispatchId === undefined ? { kind: 'client' } : { kind: 'dispatch', dispatchId };
}

const SPECS: { readonly [S in SettingName]: SettingSpec<SettingValue<S>> } = SETTINGS;

/**
 * The person who started this program with these folders trusts them, as with every call of `ic`.
 * @throws KernelError as `readAgentKinds`
 */
export async function openProgramHost({ served, env, log, actor }: ProgramHostDeps): Promise<ProgramHost> {
  const callers = new Callers();
  const kernelDeps: KernelDeps = {
    engine: engineLoader(baselineModule),
    native: nativeLoader(true),
    checksInThread: true,
    ports: systemPorts,
    log,
    trusted: () => true,
    signature: callers.current,
    busyTimeoutMs: busyTimeoutOf(env),
    checked: new CheckedFiles(checkedFilesFolder(env)),
    admit: (database) => refuseOthersRecord(database, env),
  };
  const kernels = new WorkspaceKernels(kernelDeps);
  for (const folder of served.folders) kernels.add(folder);
  const openKernel = (folder: string) => kernels.get(folder);
  const home =
    served.workspaceFile === undefined
      ? undefined
      : new PortfolioHome({ location: portfolioLocation(path.dirname(served.workspaceFile)), kernelDeps, openKernel });
  const portfolios = home && portfoliosOf(home, log);
  const links = new PortfolioLinks({ kernelDeps, openKernel, ...defined({ home }) });
  const limits = new PortfolioLimits({ links, log });
  const kinds = withBuiltIns(await readAgentKinds(env), env);
  const passEnv = passEnvOf(env);
  const otherStorage = await knownStorages(env);
  const consents = new AgentConsents(new FolderLedger(ledgerFolder(env), 'agents'), env);
  const dispatcher = new Dispatcher({
    kinds: () => kinds,
    storageDir: storageFolder(env),
    otherStorage,
    launcherPath: path.join(__dirname, 'launcher.js'),
    ports: systemPorts,
    accounts: new AccountHolds(accountsFolder(env)),
    driftFolder: driftFolder(env),
    log: log.scope('dispatcher'),
    canRun: () => true,
    // Only windows and `ic lead` decide what a folder keeps.
    isDefault: () => false,
    mayStart: async (kernel, start) => {
      const { dispatchId } = served;
      if (dispatchId !== undefined) kernel.read((r) => refuseWider(r, kinds, dispatchId, start));
      else consents.require(kernel.folder, start.kind);
      await Promise.resolve();
    },
    icBinDir: path.join(__dirname, '..', 'bin'),
    mcpServer: () => icMcpCommand(__dirname, ['--core']),
    environment: () => Promise.resolve({ variables: env, passEnv }),
    maxConcurrent: () => SETTINGS['intercore.dispatch.maxConcurrent'].fallback,
    admit: (kernel, runId) => limits.admit(kernel, runId),
  });
  const settings: GitSettings = {
    ignored: (folder) => ignoredBySettings(env, folder),
    limits: () => limitsBySettings(env),
  };
  const git = gitWith(env, settings, served.folders);
  const gitHub = gitHubOf(env, served.folders, settings, log);
  const operations: OperationHost = {
    actor,
    caller: () => callerIn(served),
    callers,
    kernels,
    dispatcher,
    log,
    trusted: () => true,
    setting: (name) => SPECS[name].fallback,
    held: () => heldAccounts(env),
    defaultKind: (folder) => defaultKindOf(env, folder, { kinds, kernel: openKernel(folder) }),
    links,
    portfolios,
    ownWork: new OwnWork(new FolderLedger(ledgerFolder(env), 'work')),
    installation: () => Promise.resolve({ environment: env, stateEnvironment: env, trusted: () => true }),
    doctorInput: () =>
      Promise.resolve(
        shellDoctorInput(env, {
          kinds,
          git,
          agentStarts: shellAgentStarts(env, served.folders[0] ?? process.cwd()),
          kernels: kernels.all(),
          databases: home === undefined ? kernels.all() : [...kernels.all(), home.kernel],
        }),
      ),
    taskServices: taskServicesOf({
      env,
      git,
      gitHub: () => gitHub,
      kernelDeps: () => kernelDeps,
      maxAttempts: () => SETTINGS['intercore.tasks.maxAttempts'].fallback,
      agents: (kernel) =>
        taskAgentsHere(env, kernel, (problem) => {
          log.warn('agents of tasks are not checked', { folder: kernel.folder, problem });
        }),
      isForbidden: (kernel) =>
        isForbiddenHere(env, kernel, (problem) => {
          log.warn('agents that wait for permission are not listed', { folder: kernel.folder, problem });
        }),
      missingPrograms: (kernel) =>
        missingProgramsHere(env, kernel, (problem) => {
          log.warn('programs of agents are not checked', { folder: kernel.folder, problem });
        }),
    }),
  };
  return {
    operations,
    dispose: async () => {
      await dispatcher.dispose();
      await portfolios?.relays.dispose();
      await links.dispose();
      await home?.dispose();
      await kernels.dispose();
    },
  };
}

/** Relays on request only: the timer belongs to windows, and so does pausing it. */
function portfoliosOf(home: PortfolioHome, log: Log): WindowPortfolios {
  const relays = new PortfolioRelays({
    home,
    clock: systemClock,
    log,
    intervalMs: () => SETTINGS['intercore.relay.intervalSeconds'].fallback * 1000,
    canWrite: () => true,
  });
  return {
    home,
    relays,
    isSaved: true,
    setPaused: (portfolioId, isPaused) => {
      if (isPaused) relays.pause(portfolioId);
      else relays.resume(portfolioId);
      return Promise.resolve();
    },
  };
}
