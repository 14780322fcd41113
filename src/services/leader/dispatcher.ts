/** The dispatcher of a long-running program: a window, or `ic lead`. Settings are read when they are needed. */
import path from 'node:path';
import { AccountHolds } from '../../host/state/accountHolds';
import { AGENT_KINDS_VARIABLE } from '../../host/state/agentKindsFile';
import { systemPorts } from '../../host/clock';
import type { Log } from '../../host/log';
import { PASS_ENV_VARIABLE } from '../../host/state/passEnv';
import { announceStorage, KnownStorages } from '../../host/state/storages';
import { accountsFolder, driftFolder, portBasesFile } from '../../host/state/stateFolder';
import type { AgentConsents } from '../consent/agentConsent';
import { Dispatcher } from '../dispatch/dispatcher';
import type { EnvironmentSource } from '../dispatch/context/environment';
import { icMcpCommand } from '../dispatch/context/mcpServer';
import type { HeldView } from '../attention/items/heldItems';
import { HeldAccounts } from '../dispatch/context/heldAccounts';
import type { PortfolioLimits } from '../portfolio/limits';
import type { DefaultKinds } from './defaultKind';
import { agentKindsOf, logLimitBytes, type SettingsReader } from './settings';

export interface StayingDispatcherDeps {
  readonly settings: SettingsReader;
  readonly defaults: Pick<DefaultKinds, 'isDefault'>;
  readonly consents: Pick<AgentConsents, 'require'>;
  /** The limits of runs' portfolios. */
  readonly limits: Pick<PortfolioLimits, 'admit' | 'budgets'>;
  readonly log: Log;
  readonly trusted: () => boolean;
  /** The folder for prompts, logs and worktrees. Read each time. */
  readonly storageDir: () => string;
  /** The installation folder of this program. */
  readonly root: string;
  /** The environment of this program, which determines where this user's state is. */
  readonly ownEnvironment: NodeJS.ProcessEnv;
  /** The user's environment, for agents. */
  readonly environment: () => Promise<EnvironmentSource>;
  /** The file where the agents' `ic` finds the agent kinds from the settings. */
  readonly agentKindsFile: string;
}

/** The Node that `ic` uses, for machines without Node. */
export const NODE_VARIABLE = 'INTERCORE_NODE';

/** State of the task services of all folders outside the record. */
export function taskStorageIn(storageDir: string): string {
  return path.join(storageDir, 'tasks');
}

/** The launcher of agents and checks. */
export function launcherIn(root: string): string {
  return path.join(root, 'dist', 'launcher.js');
}

/** Shared by all of this user's programs. */
export async function portBaseOf(ownEnvironment: NodeJS.ProcessEnv, worktree: string): Promise<number> {
  const { PortBases } = await import('../../host/state/portBases.js');
  return new PortBases(portBasesFile(ownEnvironment)).baseOf(worktree);
}

/** The held accounts of agents that such a dispatcher starts. */
export function followHeldAccounts({
  settings,
  ownEnvironment,
  environment,
  log,
}: Pick<StayingDispatcherDeps, 'settings' | 'ownEnvironment' | 'environment' | 'log'>): HeldAccounts {
  return new HeldAccounts({
    accounts: new AccountHolds(accountsFolder(ownEnvironment)),
    kinds: () => agentKindsOf(settings),
    accountOf: async (kind) => {
      const { accountOf } = await import('../dispatch/context/accounts.js');
      return await accountOf({ environment }, kind);
    },
    clock: systemPorts.clock,
    log: log.scope('accounts'),
  });
}

/** The held accounts of agents for a folder. */
export function heldIn(
  defaults: Pick<DefaultKinds, 'usual'>,
  held: Pick<HeldAccounts, 'kinds'>,
  folder: string,
): HeldView {
  return { kinds: held.kinds, agents: defaults.usual(folder) };
}

export function stayingDispatcher(deps: StayingDispatcherDeps): Dispatcher {
  const { settings, consents, limits, log, trusted, root, ownEnvironment } = deps;
  const storages = new KnownStorages(ownEnvironment);
  return new Dispatcher({
    kinds: () => agentKindsOf(settings),
    isDefault: deps.defaults.isDefault,
    get storageDir() {
      return deps.storageDir();
    },
    // Worktrees are below them, including those that another program created while it led.
    workFolders: () => [deps.storageDir(), ...storages.known].map(taskStorageIn),
    get otherStorage() {
      return storages.known;
    },
    findStorages: () => storages.look(),
    announceStorage: (storage) => announceStorage(ownEnvironment, storage),
    launcherPath: launcherIn(root),
    ports: systemPorts,
    accounts: new AccountHolds(accountsFolder(ownEnvironment)),
    driftFolder: driftFolder(ownEnvironment),
    log: log.scope('dispatcher'),
    canRun: trusted,
    mayStart: async (kernel, { kind }) => {
      consents.require(kernel.folder, kind);
      await Promise.resolve();
    },
    icBinDir: path.join(root, 'bin'),
    mcpServer: () =>
      settings.get('intercore.agents.useMcp') ? icMcpCommand(path.join(root, 'dist'), ['--core']) : undefined,
    environment: async () => {
      const { variables, passEnv } = await deps.environment();
      const ours = {
        [AGENT_KINDS_VARIABLE]: deps.agentKindsFile,
        [NODE_VARIABLE]: process.execPath,
        [PASS_ENV_VARIABLE]: passEnv.join(','),
      };
      return { variables: { ...variables, ...ours }, passEnv };
    },
    maxConcurrent: () => settings.get('intercore.dispatch.maxConcurrent'),
    graceMs: () => settings.get('intercore.dispatch.killGraceSeconds') * 1000,
    logLimitBytes: () => logLimitBytes(settings),
    permissions: () => ({
      policy: settings.get('intercore.agents.permissions'),
      rules: settings.get('intercore.agents.permissionRules'),
      checks: (folder) => settings.get('intercore.tasks.checks', folder),
    }),
    admit: (kernel, runId) => limits.admit(kernel, runId),
    outerBudgets: (kernel, runId) => limits.budgets(kernel, runId),
    atLimit: (folder) => settings.get('intercore.budget.atLimit', folder),
  });
}
