/**
 * The tracker of subtasks for planners and workers: the record itself, or Beads (`docs/design/beads.md`). The record is
 * authoritative in both cases.
 */
import type { Subtask, Task } from '../../../kernel/tasks/record/model';
import { NATIVE_WORDS, type PlannerWords, type WorkerWords } from './trackerWords';

/** What an agent needs to report: its instructions, and variables. */
export interface Tools<Words> {
  readonly words: Words;
  /** Forms of the commands in them, beyond those of `ic`. */
  readonly forms: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Tracker {
  /** Placeholders that a template must have, so that an agent knows how to report. */
  readonly needs: readonly string[];
  /** Prepares the place where a planner writes its plan. Rejects with a KernelError on failure. */
  beforePlanning(task: Task, isInSession: boolean): Promise<Tools<PlannerWords>>;
  /** Copies the plan to the record. @throws KernelError `PLAN_INVALID` for an invalid plan; and as the tracker */
  readPlan(task: Task): Promise<void>;
  beforeWork(subtask: Subtask): Promise<Tools<WorkerWords>>;
  /** Copies the agent's report that it is done, and its notes. */
  readClaim(subtask: Subtask): Promise<void>;
  /** Reopens the subtask, because the work was not done. */
  undoCreation(subtask: Subtask): Promise<void>;
}

/** Agents write to the record with `ic`, so there is nothing to copy. */
export const NATIVE: Tracker = {
  needs: [],
  beforePlanning: () => Promise.resolve({ words: NATIVE_WORDS, forms: [], env: {} }),
  readPlan: () => Promise.resolve(),
  beforeWork: () => Promise.resolve({ words: NATIVE_WORDS, forms: [], env: {} }),
  readClaim: () => Promise.resolve(),
  undoCreation: () => Promise.resolve(),
};
