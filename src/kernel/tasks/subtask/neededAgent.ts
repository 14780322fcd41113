/** Whose agent the next step of a task or a subtask needs. Pure. */
import type { Subtask } from '../record/model';

/** Null where it needs none. */
export type NeededAgent = 'planner' | 'worker' | null;

/** An agent works until its work is closed; what comes then needs none. */
export function agentFor({ stage, closedAt }: Pick<Subtask, 'stage' | 'closedAt'>): NeededAgent {
  return closedAt === null && (stage === 'prepare' || stage === 'agent') ? 'worker' : null;
}
