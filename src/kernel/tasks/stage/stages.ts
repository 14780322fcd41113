/**
 * The stages of the work on tasks, and other jobs, in one table (`docs/design/failures.md#classes`). A stage without a
 * row does not compile, and every stage runs under `runStage`, so every failure becomes a stored state.
 */
/** The subject of a stage, for which failures are counted. `folder`: the whole record. */
export type StageSubject = 'task' | 'subtask' | 'project' | 'folder';

/** When in the work a stage runs, which decides the reaction to failures (`stageReactions.ts`). */
export type StageTime = 'before' | 'during' | 'report' | 'agent' | 'after' | 'reopen' | 'upkeep';

export interface StageSpec {
  readonly of: StageSubject;
  /** The name of a stage for people, as in "Checking the work failed". */
  readonly label: string;
  readonly time: StageTime;
}

export const STAGE_SPECS = {
  plan: { of: 'task', label: 'Planning', time: 'after' },
  planStart: { of: 'task', label: 'Starting the planner', time: 'before' },
  planFollow: { of: 'task', label: 'Following the planner', time: 'during' },
  planAgent: { of: 'task', label: 'Running the planner', time: 'agent' },
  planRead: { of: 'task', label: 'Reading the plan', time: 'report' },
  planStore: { of: 'task', label: 'Storing the plan', time: 'after' },
  planCleanUp: { of: 'task', label: 'Removing the planning worktree', time: 'upkeep' },

  work: { of: 'subtask', label: 'The work', time: 'after' },
  prepare: { of: 'subtask', label: 'Making the worktree', time: 'before' },
  setup: { of: 'subtask', label: 'Setting up the worktree', time: 'during' },
  start: { of: 'subtask', label: 'Starting the agent', time: 'before' },
  follow: { of: 'subtask', label: 'Following the agent', time: 'during' },
  agent: { of: 'subtask', label: 'Running the agent', time: 'agent' },
  claim: { of: 'subtask', label: 'Reading what the agent reported', time: 'report' },
  check: { of: 'subtask', label: 'Checking the work', time: 'after' },
  reopen: {
    of: 'subtask',
    label: 'Reopening the issue',
    time: 'reopen',
  },
  publish: { of: 'subtask', label: 'Bringing the work out', time: 'after' },
  cleanUp: { of: 'subtask', label: 'Removing the worktree', time: 'upkeep' },
  pullRequest: { of: 'subtask', label: 'Checking the pull request', time: 'upkeep' },
  startReady: { of: 'subtask', label: 'Starting the subtask', time: 'upkeep' },

  syncIssues: { of: 'task', label: 'Syncing with Beads', time: 'upkeep' },
  sweepIssues: { of: 'folder', label: 'Removing issues from Beads', time: 'upkeep' },
  retention: { of: 'project', label: 'Removing unused worktrees', time: 'upkeep' },
  pullRequests: { of: 'folder', label: 'Checking pull requests', time: 'upkeep' },
  recovery: { of: 'folder', label: 'Checking the record of tasks', time: 'upkeep' },

  lease: { of: 'folder', label: 'Leading the folder', time: 'upkeep' },
  reconcile: { of: 'folder', label: 'Starting due work', time: 'upkeep' },
  upkeep: { of: 'folder', label: 'Upkeep of tasks', time: 'upkeep' },
  adopt: { of: 'folder', label: 'Adopting agents', time: 'upkeep' },
  queue: { of: 'folder', label: 'Starting queued dispatches', time: 'upkeep' },
} as const satisfies Readonly<Record<string, StageSpec>>;

export type StageName = keyof typeof STAGE_SPECS;

export const STAGE_NAMES = Object.keys(STAGE_SPECS) as readonly StageName[];

/** Jobs outside the work on tasks. Each has its own pauses, and any program with the record may run it. */
export const JOB_STAGES = ['lease', 'reconcile', 'upkeep', 'adopt', 'queue'] as const satisfies readonly StageName[];
export type JobStage = (typeof JOB_STAGES)[number];

/** Stages that work on a subject. */
export type StageOf<S extends StageSubject> = {
  [N in StageName]: (typeof STAGE_SPECS)[N]['of'] extends S ? N : never;
}[StageName];

/** How often a failing stage is tried before a person is needed. */
export const STAGE_TRIES = 3;

/** Whether the subject of the stage waits until it succeeds. Upkeep does not hold its subject. */
export function holdsWork(stage: StageName): boolean {
  return STAGE_SPECS[stage].time !== 'upkeep';
}
