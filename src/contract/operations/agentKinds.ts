/** Operations on the agent kinds of this user. */
import * as z from 'zod';
import type { AgentAddition, AgentRemoval } from '../results/agentKinds';
import { operation, resultOf } from '../declarations/operation';

export const AGENT_KIND_OPERATIONS = {
  'agentKinds.add': operation({
    args: z.strictObject({ kind: z.string().min(1).max(64) }),
    result: resultOf<AgentAddition>(),
    effect: 'change',
    decides: 'person',
    about:
      'Installs a known agent for this user with npm, at a tried version, and adds its kind. Scripts of packages are not run.',
    command: { id: 'intercore.agent.addKind', title: 'Add Agent Kind…', palette: 'isWorkspaceTrusted' },
    ic: 'agent add',
    mcp: { not: 'a person decides in the editor, which shows license and size, or with ic' },
  }),
  'agentKinds.remove': operation({
    args: z.strictObject({ kind: z.string().min(1).max(64) }),
    result: resultOf<AgentRemoval>(),
    effect: 'change',
    decides: 'person',
    about: 'Removes an agent that was added for this user, with its package, unless a dispatch is running it.',
    command: {
      id: 'intercore.agent.removeKind',
      title: 'Remove Agent Kind…',
      palette: 'isWorkspaceTrusted && intercore.databasePresent',
      confirm: true,
    },
    ic: 'agent remove',
    mcp: { not: 'a person decides in the editor or with ic' },
  }),
};
