/** The agent that the next step of a task or a subtask needs. Pure. */
import type { Subtask } from '../record/model';

/** Null where it needs none. */
export type NeededAgent = 'planner' | 'worker' | null;

/** An agent runs until its work is closed; later steps need none. */
export function agentFor({ stage, closedAt }: Pick<Subtask, 'stage' | 'closedAt'>): NeededAgent {
  return closedAt === null && (stage === 'prepare' || stage === 'agent') ? 'worker' : null;
}
