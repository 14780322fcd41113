/**
 * What planners and workers ask of whoever keeps the subtasks for their agents: the record itself, or Beads
 * (`docs/design/beads.md`). The record decides in either case.
 */
import type { Subtask, Task } from '../../../kernel/tasks/record/model';
import { trackedEpic } from '../../../kernel/tasks/issue/tracked';
import type { TaskDeps } from '../deps';
import { beadsTrackerOf } from './beadsTracker';
import { NATIVE_WORDS, type PlannerWords, type WorkerWords } from './trackerWords';

/** What an agent is given to report with: what it reads about it, and variables. */
export interface Tools<Words> {
  readonly words: Words;
  readonly env: Readonly<Record<string, string>>;
}

export interface Tracker {
  /** Places a template must have, for without them an agent would not know how to report. */
  readonly needs: readonly string[];
  /** Makes ready what a planner writes its plan to. Rejects with a KernelError where that cannot be done. */
  beforePlanning(task: Task): Promise<Tools<PlannerWords>>;
  /** Takes the plan over. @throws KernelError `PLAN_INVALID` for what is no plan; as the tracker fails */
  readPlan(task: Task): Promise<void>;
  beforeWork(subtask: Subtask): Promise<Tools<WorkerWords>>;
  /** Takes over whether the agent says that it is done, and what it noted down. */
  readClaim(subtask: Subtask): Promise<void>;
  /** The work was not done in spite of the claim: it is open again. */
  undoCreation(subtask: Subtask): Promise<void>;
}

/** Agents write into the record by `ic`, so there is nothing to take over. */
const NATIVE: Tracker = {
  needs: [],
  beforePlanning: () => Promise.resolve({ words: NATIVE_WORDS, env: {} }),
  readPlan: () => Promise.resolve(),
  beforeWork: () => Promise.resolve({ words: NATIVE_WORDS, env: {} }),
  readClaim: () => Promise.resolve(),
  undoCreation: () => Promise.resolve(),
};

/** A task stays with the tracker that it was planned with, however the setting is changed. */
export function trackerFor(deps: TaskDeps, task: Task): Tracker {
  const isTracked = deps.kernel.read((r) => trackedEpic(r, task.id)) !== undefined;
  const isNew = task.status === 'PLANNING' && deps.settings().tracker === 'beads';
  return isTracked || isNew ? beadsTrackerOf(deps, task) : NATIVE;
}
