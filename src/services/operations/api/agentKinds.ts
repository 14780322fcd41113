/** Adding agents for this user. */
import { addAgent } from '../../agents/acp/installation/addAgent';
import type { Implementation } from '../implementation';

export const agentKindOperations: Implementation<'agentKinds'> = {
  'agentKinds.add': async ({ installation, stopped }, { kind }) =>
    await addAgent({ ...(await installation()), stopped }, kind),
};
