/**
 * The stages of what a leader does for tasks, and jobs beside them: one table (`docs/design/failures.md#classes`). A
 * stage without a row does not compile, and every stage runs under `runStage`, so nothing fails without becoming a
 * state.
 */
/** What a stage works on; its failures are counted for each. `folder`: the record as a whole. */
export type StageSubject = 'task' | 'subtask' | 'project' | 'folder';

/** When in the work a stage runs, which decides what its failures do (`stageReactions.ts`). */
export type StageTime = 'before' | 'during' | 'report' | 'agent' | 'after' | 'reopen' | 'upkeep';

export interface StageSpec {
  readonly of: StageSubject;
  /** What failed, for people: "Checking the work failed". */
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

/** Jobs outside the work on tasks. Each has pauses of its own, and any program with the record may run it. */
export const JOB_STAGES = ['lease', 'reconcile', 'upkeep', 'adopt', 'queue'] as const satisfies readonly StageName[];
export type JobStage = (typeof JOB_STAGES)[number];

/** Stages that work on a subject. */
export type StageOf<S extends StageSubject> = {
  [N in StageName]: (typeof STAGE_SPECS)[N]['of'] extends S ? N : never;
}[StageName];

/** How often a failing stage is tried before a person must look. */
export const STAGE_TRIES = 3;

/** Whether what the stage works on waits until it succeeds. Upkeep holds nothing but itself. */
export function holdsWork(stage: StageName): boolean {
  return STAGE_SPECS[stage].time !== 'upkeep';
}
