/** Hand Over Subtask to… and Hand Over Plan to…: agents of another kind continue. */
import * as vscode from 'vscode';
import type { CommandArgs } from '../../contract/surfaces/commands';
import type { Subtask, Task } from '../../kernel/tasks/record/model';
import { agentFor, kindOf, plannerFor, workerFor, type Needed } from '../../kernel/tasks/subtask/neededAgent';
import { chooseOtherKind } from '../dispatch/handOver';
import type { CommandDeps } from '../shared/deps';
import type { Invocation } from '../shared/invocation';
import { pickSubtask, pickTask } from '../shared/taskPickers';

export async function handOverSubtask(
  deps: CommandDeps,
  args: CommandArgs<'intercore.subtask.handOver'>,
  caller: Invocation['caller'],
): Promise<Subtask> {
  const title = vscode.l10n.t('Hand Over Subtask');
  const { folder, subtask } = await pickSubtask(deps, args, { title, action: 'hand over', suits: canBeHandedOver });
  const kind = args.kind ?? (await chooseNextKind(deps, title, folder, workerFor(subtask)));
  if (caller === 'person') await deps.host.taskServices.allowAgents(folder, undefined, kind);
  return await deps.api.subtasks.handOver({ folder, subtaskId: subtask.id, kind });
}

export async function handOverPlan(
  deps: CommandDeps,
  args: CommandArgs<'intercore.task.handOver'>,
  caller: Invocation['caller'],
): Promise<Task> {
  const title = vscode.l10n.t('Hand Over Plan');
  const { folder, task } = await pickTask(deps, args, { title, action: 'hand over', suits: hasNoPlan });
  const kind = args.kind ?? (await chooseNextKind(deps, title, folder, plannerFor(task)));
  if (caller === 'person') await deps.host.taskServices.allowAgents(folder, undefined, kind);
  return await deps.api.tasks.handOver({ folder, taskId: task.id, kind });
}

function chooseNextKind(deps: CommandDeps, title: string, folder: string, needed: Needed): Promise<string> {
  const question = { title, placeholder: vscode.l10n.t('Select the agent that continues') };
  return chooseOtherKind(deps, question, kindOf(needed, deps.services.defaults.usual(folder)));
}

function hasNoPlan({ status }: Task): boolean {
  return status === 'PLANNING' || status === 'PLANNING_FAILED';
}

function canBeHandedOver(subtask: Subtask): boolean {
  const { status, blockedReason } = subtask;
  return blockedReason === 'FAILURE' || (status === 'IN_PROGRESS' && agentFor(subtask) !== null);
}
