/** *Sign In to Agent…*: opens a terminal with the command that signs in, and offers to start the work again. */
import * as vscode from 'vscode';
import type { CommandArgs } from '../../../contract/surfaces/commands';
import { KernelError } from '../../../kernel/errors/errors';
import { findKind } from '../../../services/agents/builtInKinds';
import { signInCommand } from '../../../services/agents/signIn';
import { inBackground } from '../../../window/dialogs/background';
import { choiceOf } from '../../general/attention';
import type { CommandDeps } from '../../shared/deps';
import { only } from '../../shared/pickers';

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
  const terminal = vscode.window.createTerminal({ name: kind.name });
  terminal.show();
  // Typed only: a person runs it.
  terminal.sendText(line, false);
  inBackground(log, 'offering to start again', () => offerStart(target, terminal));
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
async function offerStart(target: Target, terminal: vscode.Terminal): Promise<void> {
  const { agentKind: kind = '', folder, taskId, subtaskId } = target;
  const next =
    subtaskId !== undefined
      ? { label: vscode.l10n.t('Retry Subtask'), command: 'intercore.subtask.retry', args: { folder, subtaskId } }
      : taskId !== undefined
        ? { label: vscode.l10n.t('Retry Planning'), command: 'intercore.task.retryPlanning', args: { folder, taskId } }
        : { label: vscode.l10n.t('Start Dispatch…'), command: 'intercore.dispatch.start', args: { folder } };
  await succeeded(terminal);
  const message = vscode.l10n.t('Signed in to {kind}? Its work can start again.', { kind });
  if ((await vscode.window.showInformationMessage(message, next.label)) === next.label) {
    // As from a row of Needs You, so that a person is asked what is missing.
    await vscode.commands.executeCommand(next.command, { kind: 'need', id: '', ...next.args });
  }
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
