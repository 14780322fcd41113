/** Operations on the agents that are registered with a run. */
import * as z from 'zod';
import { AGENT_STATUSES, addAgentInput, type Agent } from '../../kernel/tracking/model';
import { folder, id, ofRun } from '../declarations/arguments';
import { operation, resultOf } from '../declarations/operation';
import { ACTIVE_RUN, IN_VIEW } from '../declarations/ways';

export const AGENT_OPERATIONS = {
  'agents.list': operation({
    args: z.strictObject(ofRun),
    result: resultOf<readonly Agent[]>(),
    effect: 'read',
    decides: 'anyone',
    about: 'The agents registered with a run.',
    command: IN_VIEW,
    ic: 'run agent list',
  }),
  'agents.add': operation({
    args: addAgentInput.extend(ofRun),
    result: resultOf<Agent>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Registers an agent with a run. Does not start a process; use dispatches.start for that.',
    command: { id: 'intercore.agent.add', title: 'Add Agent…', palette: ACTIVE_RUN },
    ic: 'run agent add',
    icArguments: { agentType: '--type' },
  }),
  'agents.update': operation({
    args: z.strictObject({ folder, agentId: id, status: z.enum(AGENT_STATUSES) }),
    result: resultOf<Agent>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Sets the status of a registered agent. Gates wait for active agents.',
    command: {
      id: 'intercore.agent.update',
      title: 'Set Agent Status…',
      palette: ACTIVE_RUN,
      args: z.strictObject({ ...ofRun, agentId: id, status: z.enum(AGENT_STATUSES) }).partial(),
    },
    ic: 'run agent update',
  }),
};
