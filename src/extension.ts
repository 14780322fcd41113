/** The composition root: makes what a window needs, connects it, and takes it down (design §2, §3). */
import * as vscode from 'vscode';
import { ContextKeys } from './commands/contextKeys';
import { databaseCommands } from './commands/database';
import { registerCommands, type Handlers } from './commands/define';
import type { CommandDeps } from './commands/deps';
import { dispatchCommands } from './commands/dispatches';
import { createDispatcher, createKernels, type EditorServices } from './commands/editorServices';
import { gateCommands } from './commands/gates';
import { createApi } from './commands/operations/api';
import type { OperationHost } from './commands/operations/host';
import { outputLog } from './commands/outputLog';
import { RecordContext } from './commands/recordContext';
import { agentCommands, artifactCommands } from './commands/records';
import { runCommands } from './commands/runs';
import { Settings } from './commands/settings';
import { Terminals } from './commands/terminals';
import { windowCommands } from './commands/window';
import { WorkspaceFolders } from './commands/workspaceFolders';
import { withBuiltIns } from './contract/agentKinds';
import type { IntercoreApi } from './contract/api';
import { Views } from './views/views';

/** VS Code awaits `deactivate` and nothing else, so it needs a way to what has to be finished. */
let finish: (() => Promise<void>) | undefined;

/** Opens no database and starts nothing itself: records are loaded behind it. */
export function activate(context: vscode.ExtensionContext): IntercoreApi {
  const channel = vscode.window.createOutputChannel('Intercore', { log: true });
  const log = outputLog(channel);
  const settings = new Settings(log);
  const trusted = () => vscode.workspace.isTrusted;
  const services: EditorServices = { context, settings, log, trusted };
  const kernels = createKernels(services);
  const dispatcher = createDispatcher(services);
  const host: OperationHost = {
    kernels,
    dispatcher,
    log,
    trusted,
    setting: (name, folder) => settings.get(name, folder),
  };
  const api = createApi(host);
  const folders = new WorkspaceFolders({ kernels, dispatcher, log, trusted });
  const views = createViews(host, settings);
  const recordContext = new RecordContext({ kernels, trusted, keys: new ContextKeys(log) });
  const handlers = handlersOf({ api, host, screen: views, log, showLog: () => channel.show(true) });
  context.subscriptions.push(
    channel,
    settings,
    folders,
    views,
    recordContext,
    vscode.workspace.onDidGrantWorkspaceTrust(() => recordContext.changed()),
    registerCommands(handlers, { log, trusted }),
    new Terminals({ context, settings, log }),
  );
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

function createViews({ kernels, dispatcher, log, setting }: OperationHost, settings: Settings): Views {
  return new Views({
    kernels,
    log,
    gateTier: (folder) => setting('intercore.gates.tier', folder),
    agentKinds: () => withBuiltIns(setting('intercore.agents.kinds')),
    logFile: (folder, dispatchId) => {
      const kernel = kernels.get(folder);
      return kernel && dispatcher.logFile(kernel, dispatchId);
    },
    onDidChangeSettings: (listener) => settings.onDidChange(() => listener()),
  });
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
