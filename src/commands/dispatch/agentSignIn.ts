/** *Sign In to Agent…*: opens a terminal with the command that signs in, and offers to start the work again. */
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/surfaces/commands';
import { KernelError } from '../../kernel/errors/errors';
import { findKind } from '../../services/agents/builtInKinds';
import { signInCommand } from '../../services/agents/signIn';
import { inBackground } from '../../window/dialogs/background';
import { typeInTerminal } from '../../window/editor/typedLine';
import { choiceOf } from '../general/attention';
import { showingFailures } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { only } from '../shared/pickers';
import { startAgain } from './startAgain';

type Target = CommandArgs<'intercore.session.signIn'>;

/** @returns the name of the agent kind */
export async function signInToAgent(deps: CommandDeps, args: Target): Promise<string> {
  const { api, host, log } = deps;
  if (api.folders().length === 0) throw new KernelError('NO_FOLDER', { action: 'sign in to an agent' });
  if (!host.trusted()) throw new KernelError('UNTRUSTED', { action: 'open a terminal' });
  const target = args.agentKind === undefined ? await pickTarget(deps, args) : args;
  const kind = findKind(host.dispatcher.kinds(), target.agentKind ?? '');
  // Where no command is known, the program asks when a person starts it.
  const line = signInCommand(kind) ?? kind.command;
  const terminal = typeInTerminal(kind.name, line);
  inBackground(log, 'offering to start again', () => offerStart(deps, target, terminal));
  return kind.name;
}

async function pickTarget({ attention }: CommandDeps, { folder, dispatchId }: Target): Promise<Target> {
  const items = attention
    .items()
    .filter(({ kind, action: { args } }) => kind === 'agentSignInNeeded' && (folder ?? args.folder) === args.folder)
    .filter(({ action: { args } }) => (dispatchId ?? args.dispatchId) === args.dispatchId);
  const choices = items.map((item) => ({ ...choiceOf(item), value: item.action.args }));
  const title = vscode.l10n.t('Sign In to Agent');
  return await only<Target>(choices, { title, placeholder: vscode.l10n.t('Select an agent') }, 'item');
}

/** Once the command has succeeded, where the shell reports it; else once its terminal is closed. */
async function offerStart(deps: CommandDeps, target: Target, terminal: vscode.Terminal): Promise<void> {
  const { agentKind: kind = '' } = target;
  const { label, start } = nextOf(deps, target);
  await succeeded(terminal);
  const message = vscode.l10n.t('Signed in to {kind}? Its work can start again.', { kind });
  if ((await vscode.window.showInformationMessage(message, label)) === label) await start();
}

/** How the work starts again. Failures are shown to the person. */
function nextOf(
  deps: CommandDeps,
  { folder, taskId, subtaskId, dispatchId }: Target,
): { readonly label: string; readonly start: () => PromiseLike<unknown> } {
  // As from a row of Needs You, so that a person is asked what is missing.
  const runs = (command: string, args: object) => () =>
    vscode.commands.executeCommand(command, { kind: 'need', id: '', folder, ...args });
  if (subtaskId !== undefined) {
    return { label: vscode.l10n.t('Retry Subtask'), start: runs('intercore.subtask.retry', { subtaskId }) };
  }
  if (taskId !== undefined) {
    return { label: vscode.l10n.t('Retry Planning'), start: runs('intercore.task.retryPlanning', { taskId }) };
  }
  if (dispatchId === undefined) {
    return { label: vscode.l10n.t('Start Dispatch…'), start: runs('intercore.dispatch.start', {}) };
  }
  const again = () => startAgain(deps, { folder, dispatchId });
  return { label: vscode.l10n.t('Start Again'), start: () => showingFailures(deps.log, 'start again', again) };
}

/** The command ended with 0, or the terminal was closed. */
async function succeeded(terminal: vscode.Terminal): Promise<void> {
  const subscriptions: vscode.Disposable[] = [];
  await new Promise<void>((resolve) => {
    subscriptions.push(
      vscode.window.onDidEndTerminalShellExecution((event) => {
        if (event.terminal === terminal && event.exitCode === 0) resolve();
      }),
      vscode.window.onDidCloseTerminal((closed) => {
        if (closed === terminal) resolve();
      }),
    );
  });
  for (const subscription of subscriptions) subscription.dispose();
}
