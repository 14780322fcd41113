/** *Try the Demo*, *Remove the Demo* and the walkthrough that leads through it. */
import path from 'node:path';
import * as vscode from 'vscode';
import { agentConsents } from '../../window/editor/agentConsent';
import { FolderRegistry } from '../../host/trusted/folderRegistry';
import { demoWorkspace, isDemo, makeDemo, removeDemo } from '../../services/demo/demo';
import { choose, confirm, type Choice } from '../../window/dialogs/ask';
import type { HandlersOf } from '../shared/define';
import type { EditorServices } from '../../window/editorServices';
import { EXTENSION_ID } from './window';

const WALKTHROUGH = `${EXTENSION_ID}#start`;
/** In the state of the demo's workspace: it was led to the walkthrough. */
const SHOWN = 'intercore.demoShown';

type DemoServices = Pick<EditorServices, 'context' | 'settings'>;

/** Shows the walkthrough with what is reached already. */
export type ShowWalkthrough = () => Promise<void>;

export function demoCommands(
  services: DemoServices,
  showWalkthrough: ShowWalkthrough,
): HandlersOf<'demo' | 'walkthrough'> {
  return {
    'intercore.demo.open': async () => {
      const folder = await demoFolder(services);
      const registry = FolderRegistry.ofUser(process.env);
      if (await shouldStartOver(folder, registry)) await removeDemo(folder, registry);
      const workspace = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Creating the demo') },
        () => {
          const consents = agentConsents();
          return makeDemo(folder, { registry, consents, scripts: scriptsOf(services), environment: process.env });
        },
      );
      // A window with nothing in it has nothing to lose.
      const forceNewWindow = vscode.workspace.workspaceFolders !== undefined;
      await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(workspace), { forceNewWindow });
      return workspace;
    },
    'intercore.demo.remove': async (args) => {
      const folder = await demoFolder(services);
      await confirm(args.confirm, {
        message: vscode.l10n.t('Remove the demo?'),
        detail: vscode.l10n.t('Its repositories, records, and worktrees are deleted: {0}', folder),
        verb: vscode.l10n.t('Remove'),
      });
      const isOpen = (await openDemo()) === folder;
      await removeDemo(folder, FolderRegistry.ofUser(process.env));
      if (isOpen) await vscode.commands.executeCommand('workbench.action.closeFolder');
      return folder;
    },
    'intercore.walkthrough.open': async () => {
      await showWalkthrough();
      return null;
    },
  };
}

/** Leads to the walkthrough when the demo is opened for the first time. */
export async function greetInDemo(
  { context }: Pick<DemoServices, 'context'>,
  showWalkthrough: ShowWalkthrough,
): Promise<void> {
  if (context.workspaceState.get(SHOWN) === true || (await openDemo()) === undefined) return;
  await context.workspaceState.update(SHOWN, true);
  await vscode.commands.executeCommand('workbench.view.extension.intercore');
  await showWalkthrough();
}

export async function openWalkthrough(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH, false);
}

/** The one that is open here, else its place in the storage, which a setting of the person may have moved. */
async function demoFolder({ context, settings }: DemoServices): Promise<string> {
  const open = await openDemo();
  if (open !== undefined) return open;
  const directory = settings.get('intercore.storage.directory');
  return path.join(directory === '' ? context.globalStorageUri.fsPath : directory, 'demo');
}

/** The folder of the demo that this window shows. */
async function openDemo(): Promise<string | undefined> {
  const { workspaceFile } = vscode.workspace;
  if (workspaceFile?.scheme !== 'file') return undefined;
  const folder = path.dirname(workspaceFile.fsPath);
  const isOurs = workspaceFile.fsPath === demoWorkspace(folder);
  return isOurs && (await isDemo(folder, FolderRegistry.ofUser(process.env))) ? folder : undefined;
}

function scriptsOf({ context }: DemoServices): string {
  return context.asAbsolutePath(path.join('media', 'demo'));
}

async function shouldStartOver(folder: string, registry: FolderRegistry): Promise<boolean> {
  if (!(await isDemo(folder, registry))) return false;
  const items: Choice<boolean>[] = [
    { label: vscode.l10n.t('Resume'), detail: vscode.l10n.t('Open the demo as you left it.'), value: false },
    { label: vscode.l10n.t('Start Over'), detail: vscode.l10n.t('Delete the demo and create a new one.'), value: true },
  ];
  const title = vscode.l10n.t('Try the Demo');
  return await choose({ title, placeholder: vscode.l10n.t('A demo already exists') }, items);
}
