/** Commands on queued dispatches, and the offer to queue one. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { LimitCode } from '../../kernel/dispatch/limit';
import type { KernelError } from '../../kernel/errors/errors';
import type { QueuedDispatch } from '../../kernel/queue/model';
import { listQueued } from '../../kernel/queue/service';
import { confirm } from '../../window/dialogs/ask';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { plain } from '../../window/dialogs/labels';
import { kernelOf } from '../../services/operations/host';
import { inFolders, only } from '../shared/pickers';
import { literally, present } from '../../window/dialogs/present';
import { shortened } from '../../kernel/text/storableText';

/** Dispatches that a question shows at most. */
const MAX_SHOWN = 10;
const MAX_LINE = 500;

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
  if (kind !== undefined) await host.taskServices.allowAgents(folder, undefined, kind);
}

/** Asks to allow the queued dispatches of the folder: their agent kinds, and those that came with the folder. */
export async function allowQueued({ host }: CommandDeps, folder: string, allowed: true | undefined): Promise<void> {
  const { dispatcher, taskServices } = host;
  const kernel = await kernelOf(host, { folder }, 'allow agents in');
  const { queued } = kernel.read((r) => listQueued(r));
  const isForeign = (one: QueuedDispatch): boolean => !dispatcher.mayStartUnasked(one);
  const waiting = queued.filter((one) => one.problem !== null || isForeign(one));
  for (const kind of new Set(waiting.map(({ request }) => request.kind))) {
    await taskServices.allowAgents(folder, allowed, kind);
  }
  const foreign = waiting.filter(isForeign);
  if (foreign.length > 0) await askAboutQueued(folder, foreign, allowed);
  const results = await Promise.allSettled(waiting.map((one) => dispatcher.allowQueued(kernel, one)));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function askAboutQueued(
  folder: string,
  queued: readonly QueuedDispatch[],
  allowed: true | undefined,
): Promise<void> {
  await confirm(allowed, {
    message: literally(
      vscode.l10n.t('Allow agents to start dispatches that came with {folder}?', { folder: path.basename(folder) }),
    ),
    detail: [
      vscode.l10n.t('These dispatches were not queued on this machine. Agents follow their prompts.'),
      ...queued.slice(0, MAX_SHOWN).map(requestLine),
      ...(queued.length > MAX_SHOWN ? ['…'] : []),
    ].join('\n'),
    verb: vscode.l10n.t('Allow'),
  });
}

/** What decides what its agent does comes first. */
function requestLine({ request }: QueuedDispatch): string {
  const { name, prompt, ...rest } = request;
  const line = JSON.stringify({ ...rest, prompt: prompt.file, name });
  return shortened(line, MAX_LINE);
}

/** Tells why a dispatch cannot start now, with a button that puts it into the queue. */
export async function offerQueue(
  refusal: KernelError<LimitCode>,
  queue: () => Promise<QueuedDispatch>,
): Promise<QueuedDispatch | undefined> {
  const queueIt = vscode.l10n.t('Add to Queue');
  const chosen = await vscode.window.showWarningMessage(present(refusal).message, queueIt);
  return chosen === queueIt ? await queue() : undefined;
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
  return await only(choices, { title, placeholder: vscode.l10n.t('Select a dispatch') }, 'queuedDispatch');
}
