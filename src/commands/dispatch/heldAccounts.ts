/** Commands on accounts of agents that a limit holds: start their agents now, or keep them from starting at the reset. */
import { shownReason } from '../../kernel/errors/shownReason';
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/surfaces/commands';
import type { AccountHold } from '../../host/state/accountHolds';
import { KernelError } from '../../kernel/errors/errors';
import { kernelOf } from '../../services/operations/host';
import type { HandlersOf } from '../shared/define';
import type { CommandDeps } from '../shared/deps';
import { oneLine } from '../../window/dialogs/labels';
import { only } from '../shared/pickers';

export function heldAccountCommands(deps: CommandDeps): HandlersOf<'account'> {
  return {
    'intercore.account.resume': async (args) =>
      deps.held.resume(await pickKind(deps, args, vscode.l10n.t('Resume Now'), 'resume')),
    'intercore.account.pause': async (args) =>
      deps.held.pause(await pickKind(deps, args, vscode.l10n.t('Do Not Resume'), 'pause')),
  };
}

/** The kind that is named, the one that a row waits for, or one of those that are held. */
async function pickKind(
  deps: CommandDeps,
  args: CommandArgs<'intercore.account.resume'>,
  title: string,
  action: string,
): Promise<string> {
  const wanted = args.agentKind ?? (await kindOf(deps, args, action));
  if (wanted !== undefined) return wanted;
  const choices = [...byAccount(deps.held.kinds)].map(([value, hold]) => ({
    label: value,
    description: until(hold),
    detail: oneLine(shownReason(vscode.l10n, hold.reason)),
    value,
  }));
  return await only(choices, { title, placeholder: vscode.l10n.t('Select an agent kind') }, 'heldAccount');
}

async function kindOf(
  { api, host, services: { defaults } }: CommandDeps,
  args: CommandArgs<'intercore.account.resume'>,
  action: string,
): Promise<string | undefined> {
  const { dispatchId, taskId, subtaskId } = args;
  if (dispatchId === undefined && taskId === undefined && subtaskId === undefined) return undefined;
  const { folder } = await kernelOf(host, args, action);
  if (subtaskId !== undefined) {
    const { subtask } = await api.subtasks.get({ folder, subtaskId });
    return subtask.agentKind ?? defaults.usual(folder).worker;
  }
  if (taskId !== undefined) {
    const { task } = await api.tasks.get({ folder, taskId });
    return task.plannerKind ?? defaults.usual(folder).planner;
  }
  const { queued } = await api.dispatches.queued({ folder });
  const found = queued.find(({ id }) => id === dispatchId);
  if (found === undefined) throw new KernelError('NOT_FOUND', { what: 'queued dispatch', id: dispatchId ?? '' });
  return found.request.kind;
}

/** One kind for each account. */
function byAccount(kinds: ReadonlyMap<string, AccountHold>): ReadonlyMap<string, AccountHold> {
  const accounts = new Set<string>();
  return new Map([...kinds].filter(([, { account }]) => !accounts.has(account) && accounts.add(account)));
}

function until({ untilMs }: AccountHold): string {
  return untilMs === null
    ? vscode.l10n.t('held until you resume it')
    : vscode.l10n.t('held until {0}', new Date(untilMs).toLocaleString(vscode.env.language));
}
