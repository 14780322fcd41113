/** Commands on dispatches that wait for a limit, and the offer to let one wait. */
import * as vscode from 'vscode';
import type { CommandArgs } from '../contract/commands';
import type { LimitCode } from '../kernel/dispatch/limit';
import type { KernelError } from '../kernel/errors';
import type { QueuedDispatch } from '../kernel/queue/model';
import type { HandlersOf } from './define';
import type { CommandDeps } from './deps';
import { plain } from './labels';
import { kernelOf } from '../services/operations/host';
import { inFolders, only } from './pickers';
import { present } from './present';

type QueueCommands = Pick<HandlersOf<'dispatch'>, 'intercore.dispatch.startNow' | 'intercore.dispatch.unqueue'>;

export function queueCommands(deps: CommandDeps): QueueCommands {
  return {
    'intercore.dispatch.startNow': async (args, caller) => {
      const where = await pickQueued(deps, args, vscode.l10n.t('Start Now'), 'start');
      if (caller === 'person') await allowKindOf(deps, where);
      return await deps.api.dispatches.startQueued(where);
    },
    'intercore.dispatch.unqueue': async (args) => {
      const where = await pickQueued(deps, args, vscode.l10n.t('Remove from Queue'), 'remove');
      return await deps.api.dispatches.unqueue(where);
    },
  };
}

/** The kind may have been redefined since it was queued, or it came with the folder. */
async function allowKindOf(
  { api, host }: CommandDeps,
  { folder, dispatchId }: { readonly folder: string; readonly dispatchId: string },
): Promise<void> {
  const { queued } = await api.dispatches.queued({ folder });
  const kind = queued.find(({ id }) => id === dispatchId)?.request.kind;
  if (kind !== undefined) await host.villages.allowAgents(folder, undefined, kind);
}

/** Tells why a dispatch cannot start now, with a button that puts it into the queue. */
export async function offerQueue(
  { api }: Pick<CommandDeps, 'api'>,
  refusal: KernelError<LimitCode>,
  dispatch: CommandArgs<'intercore.dispatch.start'>,
): Promise<QueuedDispatch | undefined> {
  const queueIt = vscode.l10n.t('Queue It');
  const chosen = await vscode.window.showWarningMessage(present(refusal).message, queueIt);
  return chosen === queueIt ? await api.dispatches.queue(dispatch) : undefined;
}

/** The dispatch that is named, where it waits in a queue. */
export async function namedInQueue(
  { api, host }: CommandDeps,
  where: { readonly folder?: string | undefined; readonly dispatchId?: string | undefined },
  action: string,
): Promise<{ folder: string; dispatchId: string } | undefined> {
  const { dispatchId } = where;
  if (dispatchId === undefined) return undefined;
  const { folder } = await kernelOf(host, where, action);
  const { queued } = await api.dispatches.queued({ folder });
  return queued.some(({ id }) => id === dispatchId) ? { folder, dispatchId } : undefined;
}

/** A queued dispatch: the one named, or one of those that wait. */
async function pickQueued(
  deps: CommandDeps,
  where: { readonly folder?: string | undefined; readonly dispatchId?: string | undefined },
  title: string,
  action: string,
): Promise<{ folder: string; dispatchId: string }> {
  const { dispatchId } = where;
  if (dispatchId !== undefined) return { folder: (await kernelOf(deps.host, where, action)).folder, dispatchId };
  const choices = await inFolders(deps, where.folder, action, async (folder) => {
    const { queued } = await deps.api.dispatches.queued({ folder });
    return queued.map(({ id, request, problem }) => ({
      label: plain(request.name ?? request.kind),
      description: plain([request.kind, id, ...(problem === null ? [] : [problem])].join(' · ')),
      value: { folder, dispatchId: id },
    }));
  });
  return await only(choices, { title, placeholder: vscode.l10n.t('Which dispatch?') }, 'queued dispatch', action);
}
