/** Adding agents for this user, and removing them. */
import { addAgent } from '../../agents/acp/installation/addAgent';
import { removeAgent } from '../../agents/acp/installation/removeAgent';
import { isReadable } from '../host';
import type { ProjectKernel } from '../../record/projectKernel';
import { activeDispatches } from '../../../kernel/dispatch/service';
import type { Implementation } from '../implementation';

export const agentKindOperations: Implementation<'agentKinds'> = {
  'agentKinds.add': async ({ installation, stopped }, { kind }) =>
    await addAgent({ ...(await installation()), stopped }, kind),

  'agentKinds.remove': async ({ installation, kernels }, { kind }) =>
    await removeAgent((await installation()).stateEnvironment, kind, dispatchesOf(kernels.all(), kind)),
};

/** Running dispatches of the kind, as far as their records are open here. */
export function dispatchesOf(kernels: readonly ProjectKernel[], kind: string): string[] {
  const readable = kernels.filter(isReadable);
  const active = readable.flatMap((kernel) => kernel.read((r) => activeDispatches(r)));
  return active.filter(({ agentType }) => agentType === kind).map(({ id }) => id);
}
