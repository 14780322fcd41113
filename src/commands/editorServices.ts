/** Makes the long-running services with what the editor gives them: settings, trust, log and storage (design §2). */
import path from 'node:path';
import type * as vscode from 'vscode';
import { withBuiltIns, withUsage, type AgentKind } from '../contract/agentKinds';
import { systemPorts } from '../host/clock';
import { AGENT_KINDS_VARIABLE } from '../host/agentKindsFile';
import type { Log } from '../host/log';
import { checkedFilesFolder, ledgerFolder, storageFolder } from '../host/stateFolder';
import { FolderLedger } from '../host/folderLedger';
import { AgentConsents } from '../services/agentConsent';
import { CheckedFiles } from '../host/inspection/checkedFiles';
import { nativeLoader } from '../host/native/nativeSqlite';
import { PASS_ENV_VARIABLE } from '../host/passEnv';
import { announceStorage } from '../host/storages';
import { engineLoader } from '../host/sqliteWasm';
import type { Callers } from '../services/callers';
import { Dispatcher } from '../services/dispatcher';
import { icMcpCommand } from '../services/dispatch/mcpServer';
import type { KernelDeps } from '../services/kernels';
import type { PortfolioLimits } from '../services/portfolio/limits';
import type { PersonEnvironment } from './environment';
import type { Settings } from './settings';

export interface EditorServices {
  readonly context: vscode.ExtensionContext;
  readonly settings: Settings;
  readonly log: Log;
  readonly trusted: () => boolean;
  readonly environment: PersonEnvironment;
}

/** Settings are asked when they are needed, so that a change needs no reload; open folders keep their busy timeout. */
export function kernelDeps(
  { settings, log, trusted }: Pick<EditorServices, 'settings' | 'log' | 'trusted'>,
  callers: Callers,
): KernelDeps {
  return {
    engine: engineLoader(),
    native: nativeLoader(true),
    ports: systemPorts,
    log,
    trusted,
    signature: callers.current,
    checked: new CheckedFiles(checkedFilesFolder(process.env)),
    get busyTimeoutMs() {
      return settings.get('intercore.database.busyTimeoutMs');
    },
  };
}

/** The agent kinds that there are, with what the settings say of their usage. */
export function agentKindsOf(settings: Settings): AgentKind[] {
  return withUsage(withBuiltIns(settings.get('intercore.agents.kinds')), settings.get('intercore.budget.kinds'));
}

/** `limits`: what the portfolios of runs allow. */
export function createDispatcher(
  { context, settings, log, trusted, environment }: EditorServices,
  limits: Pick<PortfolioLimits, 'admit' | 'budgets'>,
): Dispatcher {
  const consents = new AgentConsents(new FolderLedger(ledgerFolder(process.env), 'agents'));
  return new Dispatcher({
    kinds: () => agentKindsOf(settings),
    get storageDir() {
      return storageOf({ context, settings });
    },
    // Worktrees are below it.
    workFolders: () => [villageStorage({ context, settings })],
    otherStorage: [storageFolder(process.env)],
    announceStorage: (storage) => announceStorage(process.env, storage),
    launcherPath: launcherPath(context),
    ports: systemPorts,
    log: log.scope('dispatcher'),
    canRun: trusted,
    mayStart: async (kernel, { kind }) => {
      consents.require(kernel.folder, kind);
      await Promise.resolve();
    },
    icBinDir: commandFolder(context),
    mcpServer: () =>
      settings.get('intercore.agents.useMcp') ? icMcpCommand(context.asAbsolutePath('dist'), ['--core']) : undefined,
    environment: async () => {
      const { variables, passEnv } = await environment.source();
      const ours = {
        [AGENT_KINDS_VARIABLE]: agentKindsFile(context),
        [NODE_VARIABLE]: process.execPath,
        [PASS_ENV_VARIABLE]: passEnv.join(','),
      };
      return { variables: { ...variables, ...ours }, passEnv };
    },
    maxConcurrent: () => settings.get('intercore.dispatch.maxConcurrent'),
    graceMs: () => settings.get('intercore.dispatch.killGraceSeconds') * 1000,
    logLimitBytes: () => logLimitBytes(settings),
    admit: (kernel, runId) => limits.admit(kernel, runId),
    outerBudgets: (kernel, runId) => limits.budgets(kernel, runId),
    atLimit: (folder) => settings.get('intercore.budget.atLimit', folder),
  });
}

const BYTES_PER_MB = 1024 * 1024;

type Storage = Pick<EditorServices, 'context' | 'settings'>;

/** Where prompts, logs and worktrees are kept (design §8). */
export function storageOf({ context, settings }: Storage): string {
  const directory = settings.get('intercore.storage.directory');
  return directory === '' ? (context.storageUri ?? context.globalStorageUri).fsPath : directory;
}

/** What the villages of all folders keep outside the record. */
export function villageStorage(services: Storage): string {
  return path.join(storageOf(services), 'village');
}

/** The program that agents and checks run under. */
export function launcherPath(context: Pick<vscode.ExtensionContext, 'asAbsolutePath'>): string {
  return context.asAbsolutePath(path.join('dist', 'launcher.js'));
}

/** Largest size of the log of an agent or a check; 0 for no limit. */
export function logLimitBytes(settings: EditorServices['settings']): number {
  return settings.get('intercore.dispatch.logLimitMB') * BYTES_PER_MB;
}

/** Where `ic` is; terminals and agents find it there. */
export function commandFolder(context: Pick<vscode.ExtensionContext, 'asAbsolutePath'>): string {
  return context.asAbsolutePath('bin');
}

/** Names the Node that `ic` uses, for machines without one of their own. */
export const NODE_VARIABLE = 'INTERCORE_NODE';

/** Where `ic` finds the agent kinds of the settings; there is one for each workspace, whose settings may differ. */
export function agentKindsFile(context: Pick<vscode.ExtensionContext, 'storageUri' | 'globalStorageUri'>): string {
  return path.join((context.storageUri ?? context.globalStorageUri).fsPath, 'agent-kinds.json');
}
