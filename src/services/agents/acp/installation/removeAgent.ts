/** Removes an agent that this user added: its kind, then its package. */
import type { AgentRemoval } from '../../../../contract/results/agentKinds';
import { processRunning } from '../../../../host/process/runningFile';
import { addedAgents, removeAddedAgent } from '../../../../host/state/addedAgents';
import { KernelError } from '../../../../kernel/errors/errors';
import { because } from '../../../../kernel/errors/reasons/problem';

/**
 * @param dispatches running ones of the kind, where their records are known
 * @throws KernelError `NOT_FOUND`, `AGENT_KIND_IN_USE`
 */
export async function removeAgent(
  environment: NodeJS.ProcessEnv,
  name: string,
  [dispatch]: readonly string[],
): Promise<AgentRemoval> {
  const agent = addedAgents(environment).find(({ kind }) => kind.name === name);
  if (agent === undefined) throw new KernelError('NOT_FOUND', { what: 'added agent kind', id: name });
  if (dispatch !== undefined) {
    const problem = because('dispatch {dispatchId} is running it', { dispatchId: dispatch });
    throw new KernelError('AGENT_KIND_IN_USE', { kind: name, problem });
  }
  const pid = await processRunning(agent.main);
  if (pid !== undefined) {
    throw new KernelError('AGENT_KIND_IN_USE', {
      kind: name,
      problem: because('process {pid} is running it', { pid }),
    });
  }
  await removeAddedAgent(environment, agent);
  return { kind: name, version: agent.version };
}
