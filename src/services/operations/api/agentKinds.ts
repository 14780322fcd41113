/** Adding agents for this user, and removing them. */
import type { AgentAddition } from '../../../contract/results/agentKinds';
import { addAgent, type AgentInstallation } from '../../agents/acp/installation/addAgent';
import { findKind, withBuiltIns } from '../../agents/builtInKinds';
import { missingOf } from '../../agents/readiness';
import { kindEnvironment } from '../../dispatch/context/environment';
import { removeAgent } from '../../agents/acp/installation/removeAgent';
import { isReadable } from '../host';
import type { ProjectKernel } from '../../record/projectKernel';
import { activeDispatches } from '../../../kernel/dispatch/service';
import type { Implementation } from '../implementation';

export const agentKindOperations: Implementation<'agentKinds'> = {
  'agentKinds.add': async ({ installation, stopped }, { kind }) =>
    await addForUser({ ...(await installation()), stopped }, kind),

  'agentKinds.remove': async ({ installation, kernels }, { kind }) =>
    await removeAgent((await installation()).stateEnvironment, kind, dispatchesOf(kernels.all(), kind)),
};

/** As `addAgent`, with what the agent still needs. */
export async function addForUser(installation: AgentInstallation, name: string): Promise<AgentAddition> {
  const added = await addAgent(installation, name);
  const { environment, stateEnvironment } = installation;
  const kind = findKind(withBuiltIns([], stateEnvironment), name);
  return { ...added, missing: await missingOf(kind, kindEnvironment(kind, { variables: environment, passEnv: [] })) };
}

/** Running dispatches of the kind, as far as their records are open here. */
export function dispatchesOf(kernels: readonly ProjectKernel[], kind: string): string[] {
  const readable = kernels.filter(isReadable);
  const active = readable.flatMap((kernel) => kernel.read((r) => activeDispatches(r)));
  return active.filter(({ agentType }) => agentType === kind).map(({ id }) => id);
}
