/** Ends the agents of a run that was rolled back or canceled. */
import { isActive } from '../../../kernel/dispatch/machine';
import { findDispatches } from '../../../kernel/dispatch/service';
import { storedReason } from '../../../kernel/errors/reasons/storedReasons';
import type { DispatchId } from '../../../kernel/ids';
import { problemOf } from '../../../kernel/errors/errors';
import { activeDispatchesOf } from '../../../kernel/run/rollback';
import { runningAgentRuns } from '../../../kernel/tasks/subtask/agentRuns';
import type { AgentRun } from '../../../kernel/tasks/record/model';
import type { ProjectKernel } from '../../record/kernels';
import type { FolderHost, OperationHost } from '../host';

/** The active dispatches of the run, and of its scope if no other active run shares it. */
export function activeInScope(kernel: ProjectKernel, runId: string): readonly DispatchId[] {
  return kernel.read((reader) => activeDispatchesOf(reader, runId));
}

/** Ends the agent of a task's planning, or of a subtask, after its work was stopped: no leader may be running. */
export async function endWorkOf(
  host: FolderHost,
  { taskId, subtaskId }: Pick<AgentRun, 'taskId' | 'subtaskId'>,
): Promise<void> {
  const { kernel } = host;
  const ids = kernel.read((reader) => {
    const runs = runningAgentRuns(reader).filter((run) => run.taskId === taskId && run.subtaskId === subtaskId);
    const dispatches = findDispatches(
      reader,
      runs.flatMap(({ dispatchId }) => dispatchId ?? []),
    );
    return dispatches.dispatches.filter(({ status }) => isActive(status)).map(({ id }) => id);
  });
  await endDispatches(host, kernel, ids, storedReason('stopped'));
}

/**
 * Ends the processes of dispatches that a step made obsolete. The step is done, so a process that cannot be ended, such
 * as one on another machine, is only logged.
 */
export async function endDispatches(
  host: OperationHost,
  kernel: ProjectKernel,
  ids: readonly DispatchId[],
  reason: string,
): Promise<void> {
  if (host.endAgents !== undefined) {
    await host.endAgents(kernel, ids, reason);
    return;
  }
  await Promise.all(
    ids.map(async (id) => {
      try {
        await host.dispatcher.kill(kernel, id, reason);
      } catch (error) {
        host.log.warn('agent not ended', { dispatchId: id, problem: problemOf(error) });
      }
    }),
  );
}
