/** Commands on dispatches. */
import * as vscode from 'vscode';
import type { Dispatch } from '../../kernel/dispatch/model';
import { KernelError } from '../../kernel/errors/errors';
import { confirm } from '../../window/dialogs/ask';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { openDocument } from '../shared/documents';
import { oneLine } from '../../window/dialogs/labels';
import { literally } from '../../window/dialogs/present';
import { pickDispatch, type Purpose } from '../shared/pickers';
import { handOver } from './handOver';
import { namedInQueue, queueCommands } from './queue';
import { startDispatch } from './startDispatch';
import { transcriptCommands } from './transcripts';
import { kernelOf } from '../../services/operations/host';
import { promptToOpen } from '../../services/dispatch/start/promptLocation';

const isLive = ({ status }: Dispatch) => status === 'spawned' || status === 'running';

export function dispatchCommands(deps: CommandDeps): HandlersOf<'dispatch'> {
  const { api, screen } = deps;
  const purpose = (title: string, action: string): Purpose<Dispatch> => ({ title, action });
  return {
    ...queueCommands(deps),
    ...transcriptCommands(deps),
    'intercore.dispatch.start': (args, caller) => startDispatch(deps, args, caller),
    'intercore.dispatch.kill': async (args) => {
      const title = vscode.l10n.t('Kill Dispatch');
      const { folder, dispatch } = await pickDispatch(deps, args, { title, action: 'kill', active: true });
      if (!isLive(dispatch)) {
        throw new KernelError('DISPATCH_FINISHED', { dispatchId: dispatch.id, status: dispatch.status });
      }
      await confirm(args.confirm, {
        message: literally(vscode.l10n.t('Kill dispatch “{name}”?', { name: oneLine(dispatch.name ?? dispatch.id) })),
        detail: vscode.l10n.t('The agent stops immediately. Files already written are kept; work in progress is lost.'),
        verb: vscode.l10n.t('Kill'),
      });
      const reason = args.reason === undefined ? {} : { reason: args.reason };
      return await api.dispatches.kill({ folder, dispatchId: dispatch.id, ...reason });
    },
    'intercore.dispatch.handOver': (args, caller) => handOver(deps, args, caller),
    'intercore.dispatch.showLog': async (args) => {
      const { folder, dispatch } = await pickDispatch(
        deps,
        args,
        purpose(vscode.l10n.t('Show Log'), 'show the log of'),
      );
      await openDocument({ kind: 'log', folder, dispatchId: dispatch.id });
      return await api.dispatches.logFile({ folder, dispatchId: dispatch.id });
    },
    'intercore.dispatch.openPrompt': async (args) => {
      const suits = ({ promptFile }: Dispatch) => promptFile !== null;
      const title = vscode.l10n.t('Open Prompt');
      const { folder, dispatch } = await pickDispatch(deps, args, { title, action: 'open the prompt of', suits });
      const promptFile = await promptToOpen(deps.host.dispatcher.storages, folder, dispatch);
      if (promptFile === undefined) throw new KernelError('NOT_FOUND', { what: 'prompt of dispatch', id: dispatch.id });
      await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(promptFile));
      const kernel = await kernelOf(deps.host, { folder }, 'open the prompt');
      const altered = await deps.host.dispatcher.alteredFiles(kernel, dispatch.id);
      if (altered.includes('prompt')) {
        void vscode.window.showWarningMessage(
          vscode.l10n.t('The prompt of this dispatch was changed after it was sent.'),
        );
      }
      return promptFile;
    },
    'intercore.dispatch.reveal': async (args) => {
      const waiting = await namedInQueue(deps, args, 'reveal');
      if (waiting !== undefined) {
        await screen.revealDispatch(waiting.folder, waiting.dispatchId);
        return waiting.dispatchId;
      }
      const { folder, dispatch } = await pickDispatch(deps, args, purpose(vscode.l10n.t('Reveal Dispatch'), 'reveal'));
      await screen.revealDispatch(folder, dispatch.id);
      return dispatch.id;
    },
    'intercore.dispatch.copyId': async (args) => {
      const title = vscode.l10n.t('Copy Dispatch Id');
      const { dispatch } = await pickDispatch(deps, args, purpose(title, 'copy the id of'));
      await vscode.env.clipboard.writeText(dispatch.id);
      return dispatch.id;
    },
  };
}
