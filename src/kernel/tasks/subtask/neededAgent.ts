/** The agent that the next step of a task or a subtask needs. Pure. */
import type { Subtask, Task } from '../record/model';

/** Of the kind in the settings, or of a kind that a person chose. */
export type Needed = 'planner' | 'worker' | { readonly kind: string };

/** Null where it needs none. */
export type NeededAgent = Needed | null;

/** The kinds of the settings. */
export interface UsualKinds {
  readonly planner: string;
  readonly worker: string;
}

/** An agent runs until its work is closed; later steps need none. */
export function agentFor(subtask: Pick<Subtask, 'stage' | 'closedAt' | 'agentKind'>): NeededAgent {
  const { stage, closedAt } = subtask;
  return closedAt === null && (stage === 'prepare' || stage === 'agent') ? workerFor(subtask) : null;
}

/** The agent of its next attempt, if it needs one. */
export function workerFor({ agentKind }: Pick<Subtask, 'agentKind'>): Needed {
  return agentKind === null ? 'worker' : { kind: agentKind };
}

/** The agent of the next attempt at its plan, if it needs one. */
export function plannerFor({ plannerKind }: Pick<Task, 'plannerKind'>): Needed {
  return plannerKind === null ? 'planner' : { kind: plannerKind };
}

export function kindOf(needed: Needed, usual: UsualKinds): string {
  return typeof needed === 'string' ? usual[needed] : needed.kind;
}

/** The kinds of a task's agents: of its planners, and of the workers of its subtasks, each once. */
export function kindsOfTask(
  task: Pick<Task, 'plannerKind'>,
  subtasks: readonly Pick<Subtask, 'agentKind'>[],
  usual: UsualKinds,
): string[] {
  const workers = subtasks.length === 0 ? [usual.worker] : subtasks.map((subtask) => kindOf(workerFor(subtask), usual));
  return [...new Set([kindOf(plannerFor(task), usual), ...workers])];
}
