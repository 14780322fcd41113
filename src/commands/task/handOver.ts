/** Hand Over Subtask to…: agents of another kind continue the work on a subtask. */
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/surfaces/commands';
import type { Subtask } from '../../kernel/tasks/record/model';
import { agentFor, kindOf, workerFor } from '../../kernel/tasks/subtask/neededAgent';
import { chooseOtherKind } from '../dispatch/handOver';
import type { CommandDeps } from '../shared/deps';
import type { Invocation } from '../shared/invocation';
import { pickSubtask } from '../shared/taskPickers';

export async function handOverSubtask(
  deps: CommandDeps,
  args: CommandArgs<'intercore.subtask.handOver'>,
  caller: Invocation['caller'],
): Promise<Subtask> {
  const { api, host } = deps;
  const title = vscode.l10n.t('Hand Over Subtask');
  const { folder, subtask } = await pickSubtask(deps, args, { title, action: 'hand over', suits: canBeHandedOver });
  const usual = deps.services.defaults.usual(folder);
  const question = { title, placeholder: vscode.l10n.t('Select the agent that continues') };
  const kind = args.kind ?? (await chooseOtherKind(deps, question, kindOf(workerFor(subtask), usual)));
  if (caller === 'person') await host.taskServices.allowAgents(folder, undefined, kind);
  return await api.subtasks.handOver({ folder, subtaskId: subtask.id, kind });
}

function canBeHandedOver(subtask: Subtask): boolean {
  const { status, blockedReason } = subtask;
  return blockedReason === 'FAILURE' || (status === 'IN_PROGRESS' && agentFor(subtask) !== null);
}
