/** Whether the agents of a task ask, so that its permission policy holds them back. */
import type { PermissionPolicy } from '../../../kernel/dispatch/permissionPolicy';
import type { Task } from '../../../kernel/tasks/record/model';
import { kindsOfTask } from '../../../kernel/tasks/subtask/neededAgent';
import { agentKindsIn } from '../../../kernel/tasks/subtask/subtasks';
import { refuseUnasked, unaskedKinds } from '../../dispatch/start/sessionStart';
import type { FolderHost } from '../host';

interface Host extends Pick<FolderHost, 'kernel'> {
  readonly taskServices: Pick<FolderHost['taskServices'], 'agents'>;
}

/** @throws KernelError `INVALID_ARGUMENT` where none of the agents asks. @param task left out: it is created */
export async function refuseUnaskedTask(
  host: Host,
  policy: PermissionPolicy | null | undefined,
  task?: Task,
): Promise<void> {
  const known = await knownAgents(host, policy, task);
  if (known !== undefined) refuseUnasked(known.kinds, known.names, policy);
}

/** The kinds of a task's agents that ask for nothing although the task has a policy. */
export async function unaskedIn(host: Host, task: Task): Promise<string[]> {
  const known = await knownAgents(host, task.permissions, task);
  return known === undefined ? [] : unaskedKinds(known.kinds, known.names, task.permissions);
}

/** Undefined where it does not matter, or the settings are unknown. */
async function knownAgents({ kernel, taskServices }: Host, policy: PermissionPolicy | null | undefined, task?: Task) {
  if (policy === undefined || policy === null || policy === 'allowAll') return undefined;
  const agents = await taskServices.agents(kernel);
  if (agents === undefined) return undefined;
  const subtasks = task === undefined ? [] : kernel.read((r) => agentKindsIn(r, task.id));
  const names = kindsOfTask(task ?? { plannerKind: null }, subtasks, agents.usual);
  return { kinds: agents.kinds, names };
}
