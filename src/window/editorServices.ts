/**
 * Makes the long-running services with what the editor gives them: settings, trust, log and storage
 * (`docs/design/architecture.md#layers`).
 */
import path from 'node:path';
import type * as vscode from 'vscode';
import { systemPorts } from '../host/clock';
import type { Log } from '../host/log';
import { checkedFilesFolder, ledgerFolder } from '../host/state/stateFolder';
import { FolderLedger } from '../host/files/folderLedger';
import { AgentConsents } from '../services/consent/agentConsent';
import { CheckedFiles } from '../host/image/checkedFiles';
import { nativeLoader } from '../host/native/nativeSqlite';
import { engineLoader } from '../host/wasm/sqliteWasm';
import type { Callers } from '../services/consent/callers';
import type { Dispatcher } from '../services/dispatch/dispatcher';
import type { KernelDeps } from '../services/record/kernels';
import { followHeldAccounts, stayingDispatcher, taskStorageIn } from '../services/leader/dispatcher';
import type { DefaultKinds } from '../services/leader/defaultKind';
import type { HeldAccounts } from '../services/dispatch/context/heldAccounts';
import type { PortfolioLimits } from '../services/portfolio/limits';
import type { PersonEnvironment } from './environment';
import type { Settings } from './settings';

export interface EditorServices {
  readonly context: vscode.ExtensionContext;
  readonly settings: Settings;
  readonly log: Log;
  readonly trusted: () => boolean;
  readonly environment: PersonEnvironment;
  readonly defaults: DefaultKinds;
}

/** Settings are read when they are needed, so that a change needs no reload; open folders keep their busy timeout. */
export function kernelDeps(
  { settings, log, trusted }: Pick<EditorServices, 'settings' | 'log' | 'trusted'>,
  callers: Callers,
): KernelDeps {
  return {
    engine: engineLoader(),
    native: nativeLoader(true),
    checksInThread: true,
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

/** `limits`: what the portfolios of runs allow. */
export function createDispatcher(
  { context, settings, log, trusted, environment, defaults }: EditorServices,
  limits: Pick<PortfolioLimits, 'admit' | 'budgets'>,
): Dispatcher {
  return stayingDispatcher({
    settings,
    defaults,
    consents: new AgentConsents(new FolderLedger(ledgerFolder(process.env), 'agents')),
    limits,
    log,
    trusted,
    storageDir: () => storageOf({ context, settings }),
    root: context.extensionPath,
    ownEnvironment: process.env,
    environment: () => environment.source(),
    agentKindsFile: agentKindsFile(context),
  });
}

/** Accounts of agents that a limit holds on this machine. */
export function createHeldAccounts({ settings, log, environment }: EditorServices): HeldAccounts {
  return followHeldAccounts({ settings, log, ownEnvironment: process.env, environment: () => environment.source() });
}

type Storage = Pick<EditorServices, 'context' | 'settings'>;

/** Where prompts, logs and worktrees are kept (`docs/design/agents.md`). */
export function storageOf({ context, settings }: Storage): string {
  const directory = settings.get('intercore.storage.directory');
  return directory === '' ? (context.storageUri ?? context.globalStorageUri).fsPath : directory;
}

/** What the taskServices of all folders keep outside the record. */
export function taskStorage(services: Storage): string {
  return taskStorageIn(storageOf(services));
}

/** Where `ic` is; terminals and agents find it there. */
export function commandFolder(context: Pick<vscode.ExtensionContext, 'asAbsolutePath'>): string {
  return context.asAbsolutePath('bin');
}

/** Where `ic` finds the agent kinds of the settings; there is one for each workspace, whose settings may differ. */
export function agentKindsFile(context: Pick<vscode.ExtensionContext, 'storageUri' | 'globalStorageUri'>): string {
  return path.join((context.storageUri ?? context.globalStorageUri).fsPath, 'agent-kinds.json');
}
