/**
 * The composition root: makes what a window needs, connects it, and takes it down
 * (`docs/design/architecture.md#layers`).
 */
import * as vscode from 'vscode';
import { ownWork } from './window/editor/agentConsent';
import { inBackground } from './window/dialogs/background';
import { keepContexts } from './window/context/contexts';
import { createDispatcher, createHeldAccounts, kernelDeps, type EditorServices } from './window/editorServices';
import { personEnvironment } from './window/environment';
import { Attention } from './services/attention/attention';
import { createApi } from './services/operations/api/api';
import { folderFacts } from './services/operations/api/attention';
import type { OperationHost } from './services/operations/host';
import type { WindowPortfolios } from './services/operations/host';
import { showHeldAccounts } from './window/editor/heldNotice';
import { McpProvider } from './window/editor/mcpProvider';
import { outputLog } from './window/outputLog';
import { manifestOf } from './window/manifest';
import { createPortfolios } from './window/portfolioServices';
import { registerChatTools, registerCommands } from './commands/shared/registration';
import { Settings } from './window/settings';
import { SubtaskFiles } from './commands/task/subtaskFiles';
import { Terminals } from './window/editor/terminals';
import { WindowTaskServices } from './window/editor/taskServices';
import { WindowQueue } from './window/windowQueue';
import { WorkspaceFolders } from './window/workspaceFolders';
import type { IntercoreApi } from './contract/surfaces/api';
import { Callers } from './services/consent/callers';
import { WorkspaceKernels } from './services/record/kernels';
import type { HeldAccounts } from './services/dispatch/context/heldAccounts';
import { heldIn } from './services/leader/dispatcher';
import { DefaultKinds } from './services/leader/defaultKind';
import { agentKindsOf } from './services/leader/settings';
import { withPortfolios } from './services/dispatch/queue/ledRecords';
import { Views } from './views/views';
import type { PortfolioView } from './views/viewsDeps';

/** VS Code awaits `deactivate` and nothing else, so it needs a way to what has to be finished. */
let finish: (() => Promise<void>) | undefined;

/** Opens no database and starts nothing itself: records are loaded behind it. */
export function activate(context: vscode.ExtensionContext): IntercoreApi {
  const channel = vscode.window.createOutputChannel('Intercore', { log: true });
  const log = outputLog(channel);
  const settings = new Settings(log);
  const manifest = manifestOf(context);
  const trusted = () => vscode.workspace.isTrusted;
  const environment = personEnvironment({ settings, log, trusted });
  const callers = new Callers();
  const deps = kernelDeps({ settings, log, trusted }, callers);
  const kernels = new WorkspaceKernels(deps);
  const defaults = new DefaultKinds({
    settings,
    kinds: () => agentKindsOf(settings),
    record: (folder) => kernels.get(folder),
    environment: () => environment.source(),
    log,
  });
  const services: EditorServices = { context, settings, log, trusted, environment, defaults };
  const portfolios = createPortfolios(services, deps, kernels);
  const dispatcher = createDispatcher(services, portfolios.limits);
  const held = createHeldAccounts(services);
  const taskServices = new WindowTaskServices(services, deps, kernels, dispatcher, held);
  const host: WindowHost = {
    actor: () => 'vscode',
    caller: () => ({ kind: 'person' }),
    callers,
    taskServices,
    kernels,
    dispatcher,
    log,
    trusted,
    setting: (name, folder) => settings.get(name, folder),
    links: portfolios.links,
    portfolios: portfolios.window,
    ownWork: ownWork(),
    held: (folder) => heldIn(defaults, held, folder),
    defaultKind: (folder) => defaults.decide(folder),
    doctorInput: async () => {
      const { doctorInputOf } = await import('./window/doctorInput.js');
      return doctorInputOf(services, { kernels, taskServices, portfolios: portfolios.window });
    },
    installation: async () => ({
      environment: (await services.environment.source()).variables,
      stateEnvironment: process.env,
      trusted,
    }),
  };
  const api = createApi(host);
  const records = withPortfolios(kernels, portfolios.window?.home.kernel);
  const rules = () => settings.valid('intercore.agents.permissionRules');
  const folders = new WorkspaceFolders({
    kernels,
    records,
    dispatcher,
    log,
    trusted,
    rules,
    by: host.actor(),
    tookUp: taskServices.tookUp,
  });
  const queue = new WindowQueue({ records, dispatcher, held, log, settings, links: portfolios.links, trusted });
  const attention = createAttention(host, settings, held);
  const views = createViews(host, api, attention, services, held);
  const contexts = keepContexts({
    kernels,
    attention,
    taskServices,
    portfolios: portfolios.window,
    held,
    log,
    trusted,
  });
  const showWalkthrough = async (): Promise<void> => {
    const { openWalkthrough } = await import('./commands/general/demo.js');
    await openWalkthrough();
    contexts.milestones.setAgain();
  };
  const showLog = (): void => channel.show(true);
  const commandDeps = { api, host, screen: views, attention, held, log, services, showLog, showWalkthrough };
  const noticeRequests = (): void => {
    if (!settings.get('intercore.notifications.agentRequests') || !trusted()) return;
    inBackground(log, 'showing requests of agents', async () => {
      const notices = await import('./window/editor/requestNotices.js');
      notices.noticeRequests(attention.items(), dispatcher.storages, log);
    });
  };
  context.subscriptions.push(
    channel,
    settings,
    defaults,
    folders,
    portfolios,
    taskServices,
    held,
    settings.onDidChange(() => held.look()),
    attention.onDidChange(() => noticeRequests()),
    settings.onDidChange(() => noticeRequests()),
    settings.onDidChange((names) => {
      if (!names.includes('intercore.agents.permissionRules') || !trusted()) return;
      inBackground(log, 'giving rules to sessions', async () => {
        const current = rules();
        if (current === undefined) return;
        const { giveRules } = await import('./services/dispatch/sessionRules.js');
        const { storages } = dispatcher;
        const by = host.actor();
        await giveRules({ kernels: records.all(), storages, rules: current, onlyOthers: false, by, log });
      });
    }),
    showHeldAccounts(attention, log),
    queue,
    views,
    contexts,
    registerCommands(manifest, async () => (await import('./commands/handlers.js')).commands(commandDeps)),
    new SubtaskFiles({ api, kernels, log }),
    new Terminals({ context, settings, log }),
    registerChatTools(manifest, async () => (await import('./commands/general/chatTools.js')).chatTools(host)),
    new McpProvider({ context, kernels, trusted, workspaceFile: () => savedWorkspaceFile(portfolios.window) }),
  );
  inBackground(log, 'leading through the demo', async () => {
    // The demo is a workspace of its own.
    if (vscode.workspace.workspaceFile === undefined) return;
    const { greetInDemo } = await import('./commands/general/demo.js');
    await greetInDemo(services, showWalkthrough);
  });
  finish = async () => {
    await attention.dispose();
    await taskServices.finish();
    await queue.finish();
    await dispatcher.dispose();
    await portfolios.finish();
    await kernels.dispose();
  };
  return api;
}

/** Stops following agents, which continue, and finishes what is being saved. */
export async function deactivate(): Promise<void> {
  await finish?.();
  finish = undefined;
}

/** The records of a window come and go. */
type WindowHost = OperationHost & { readonly kernels: WorkspaceKernels };

function createAttention(host: WindowHost, settings: Settings, held: HeldAccounts): Attention {
  const { kernels, dispatcher, links, taskServices, log, portfolios, setting } = host;
  return new Attention({
    ...folderFacts(host),
    kernels,
    links,
    git: taskServices.git,
    log: log.scope('attention'),
    portfolios: portfolios && {
      ...portfolios,
      storages: () => dispatcher.storages,
      tier: () => setting('intercore.gates.tier'),
    },
    onDidChangeWindow: (listener) =>
      vscode.Disposable.from(
        settings.onDidChange(() => listener()),
        taskServices.onDidChange(listener),
        held.onDidChange(listener),
      ),
  });
}

function savedWorkspaceFile(portfolios: WindowPortfolios | undefined): string | undefined {
  return portfolios?.isSaved === true ? vscode.workspace.workspaceFile?.fsPath : undefined;
}

function createViews(
  host: WindowHost,
  api: IntercoreApi,
  attention: Attention,
  { context, settings, defaults }: EditorServices,
  held: HeldAccounts,
): Views {
  const { kernels, dispatcher, log, setting, links, portfolios, taskServices } = host;
  return new Views({
    kernels,
    log,
    links,
    extensionUri: context.extensionUri,
    memento: context.workspaceState,
    reorder: (folder, subtaskId, before) => api.subtasks.reorder({ folder, subtaskId, before }),
    ...(portfolios === undefined ? {} : { portfolio: portfolioView(host, portfolios) }),
    gateTier: (folder) => setting('intercore.gates.tier', folder),
    agentKinds: () => agentKindsOf(settings),
    logLocation: async (folder, dispatchId) => {
      const kernel = kernels.get(folder);
      return kernel && (await dispatcher.logLocation(kernel, dispatchId));
    },
    alteredFiles: async (folder, dispatchId) => {
      const kernel = kernels.get(folder);
      return kernel === undefined ? [] : await dispatcher.alteredFiles(kernel, dispatchId);
    },
    tasks: taskServices,
    held: {
      hold: (kind) => held.kinds.get(kind),
      agents: (folder) => defaults.usual(folder),
      nowMs: () => Date.now(),
      onDidChange: (listener) => vscode.Disposable.from(held.onDidChange(listener), held.onDidTick(listener)),
    },
    isQueuedHere: (queued) => dispatcher.mayStartUnasked(queued),
    git: taskServices.git,
    attention,
    exportTimeline: (folder, runId) =>
      inBackground(log, 'exporting a timeline', () => {
        // As from a row, so that a failure is shown to the person.
        const row = { kind: 'run', id: '', folder, runId };
        return vscode.commands.executeCommand('intercore.timeline.export', row);
      }),
    transcripts: {
      run: (command, folder, dispatchId) =>
        inBackground(log, 'running a command of a transcript', () => {
          const row = { kind: 'dispatch', id: '', folder, dispatchId };
          return vscode.commands.executeCommand(`intercore.dispatch.${command}`, row);
        }),
      showDiff: (name, diff) =>
        inBackground(log, 'showing a change', async () => {
          const { showToolDiff } = await import('./commands/dispatch/requestedDiff.js');
          await showToolDiff(name, diff);
        }),
    },
    onDidChangeSettings: (listener) => settings.onDidChange(() => listener()),
  });
}

function portfolioView({ log, setting }: OperationHost, { home, relays }: WindowPortfolios): PortfolioView {
  return {
    home,
    relays,
    gateTier: () => setting('intercore.gates.tier'),
    // As from a row, so that a circle is shown to the person.
    onDropDependency: (portfolioId, upstream, downstream) =>
      inBackground(log, 'adding a dependency', () => {
        const row = { kind: 'dependency', id: '', portfolioId, upstream, downstream };
        return vscode.commands.executeCommand('intercore.portfolio.addDependency', row);
      }),
  };
}
