/** The composition root: makes what a window needs, connects it, and takes it down (design §2, §3). */
import path from 'node:path';
import * as vscode from 'vscode';
import { artifactCommands, agentCommands } from './commands/records';
import { ContextKeys } from './commands/contextKeys';
import { databaseCommands } from './commands/database';
import { registerCommands, type Handlers } from './commands/define';
import type { CommandDeps, Screen } from './commands/deps';
import { dispatchCommands } from './commands/dispatches';
import { gateCommands } from './commands/gates';
import { createApi } from './commands/operations/api';
import type { OperationHost } from './commands/operations/host';
import { outputLog } from './commands/outputLog';
import { RecordContext } from './commands/recordContext';
import { runCommands } from './commands/runs';
import { Settings } from './commands/settings';
import { windowCommands } from './commands/window';
import { WorkspaceFolders } from './commands/workspaceFolders';
import { withBuiltIns } from './contract/agentKinds';
import type { IntercoreApi } from './contract/api';
import { systemPorts } from './host/clock';
import type { Log } from './host/log';
import { engineLoader } from './host/sqliteWasm';
import { Dispatcher } from './services/dispatcher';
import { WorkspaceKernels } from './services/kernels';

/** VS Code awaits `deactivate` and nothing else, so it needs a way to what has to be finished. */
let finish: (() => Promise<void>) | undefined;

/** Opens no database and starts nothing: that happens behind it, when a folder or a view asks. */
export function activate(context: vscode.ExtensionContext): IntercoreApi {
  const channel = vscode.window.createOutputChannel('Intercore', { log: true });
  const log = outputLog(channel);
  const settings = new Settings(log);
  const trusted = () => vscode.workspace.isTrusted;
  const kernels = createKernels(log, settings, trusted);
  const dispatcher = createDispatcher(context, log, settings, trusted);
  const host: OperationHost = {
    kernels,
    dispatcher,
    log,
    trusted,
    setting: (name, folder) => settings.get(name, folder),
  };
  const api = createApi(host);
  const screen: Screen = {
    revealRun: () => vscode.commands.executeCommand('intercore.runs.focus'),
    revealDispatch: () => vscode.commands.executeCommand('intercore.dispatches.focus'),
  };
  const deps: CommandDeps = { api, host, screen, log, showLog: () => channel.show(true) };
  const recordContext = new RecordContext({ kernels, trusted, keys: new ContextKeys(log) });
  const folders = new WorkspaceFolders({ kernels, dispatcher, log, trusted });
  context.subscriptions.push(
    channel,
    settings,
    recordContext,
    vscode.workspace.onDidGrantWorkspaceTrust(() => recordContext.changed()),
    registerCommands(handlersOf(deps), { log, trusted }),
    folders,
  );
  context.environmentVariableCollection.prepend('PATH', `${binFolder(context)}${path.delimiter}`);
  finish = async () => {
    await dispatcher.dispose();
    await kernels.dispose();
  };
  return api;
}

/** Stops following agents, which go on, and finishes what is being saved. */
export async function deactivate(): Promise<void> {
  await finish?.();
  finish = undefined;
}

function createKernels(log: Log, settings: Settings, trusted: () => boolean): WorkspaceKernels {
  return new WorkspaceKernels({
    engine: engineLoader(),
    ports: systemPorts,
    log,
    trusted,
    get busyTimeoutMs() {
      return settings.get('intercore.database.busyTimeoutMs');
    },
  });
}

function createDispatcher(
  context: vscode.ExtensionContext,
  log: Log,
  settings: Settings,
  trusted: () => boolean,
): Dispatcher {
  return new Dispatcher({
    kinds: () => withBuiltIns(settings.get('intercore.agents.kinds')),
    get storageDir() {
      const directory = settings.get('intercore.storage.directory');
      return directory === '' ? (context.storageUri ?? context.globalStorageUri).fsPath : directory;
    },
    launcherPath: context.asAbsolutePath(path.join('dist', 'launcher.js')),
    ports: systemPorts,
    log: log.scope('dispatcher'),
    canRun: trusted,
    icBinDir: binFolder(context),
    maxConcurrent: () => settings.get('intercore.dispatch.maxConcurrent'),
    graceMs: () => settings.get('intercore.dispatch.killGraceSeconds') * 1000,
  });
}

function binFolder(context: vscode.ExtensionContext): string {
  return context.asAbsolutePath('bin');
}

function handlersOf(deps: CommandDeps): Handlers {
  return {
    ...databaseCommands(deps),
    ...windowCommands(deps),
    ...runCommands(deps),
    ...gateCommands(deps),
    ...artifactCommands(deps),
    ...agentCommands(deps),
    ...dispatchCommands(deps),
  };
}
