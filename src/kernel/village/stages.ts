/**
 * The stages of what a leader does for tasks, and what a failure does in each: one table (design §18). A stage without a
 * row does not compile, and every stage runs under `runStage`, so nothing fails without becoming a state.
 */
import type { ErrorClass } from '../failure/errorClasses';

/** What a stage works on; its failures are counted for each. `folder`: the record as a whole. */
export type StageSubject = 'task' | 'subtask' | 'project' | 'folder';

/**
 * `retry`: held, and tried again with growing pauses, or at the time that the failure names. `tries`: the same, a few
 * times; then held until a person retries. `wait`: held until a person retries. `fail`: planning or the subtask fails, with
 * the reason. `attempt`: the attempt fails, and is counted. What is held takes no place of a worker.
 */
export type Reaction = 'retry' | 'tries' | 'wait' | 'fail' | 'attempt';

type Reactions = Readonly<Record<ErrorClass, Reaction>>;

export interface StageSpec {
  readonly of: StageSubject;
  /** What failed, for people: "Checking the work failed". */
  readonly label: string;
  readonly reactions: Reactions;
}

/** Before an agent has worked: nothing is lost by failing, and *Retry* begins again. */
const BEFORE_WORK: Reactions = {
  passes: 'retry',
  passesAtTime: 'retry',
  person: 'fail',
  wrong: 'tries',
  workNotDone: 'attempt',
  unknown: 'fail',
};

/** While an agent works: it continues, even where it cannot be followed. */
const DURING_WORK: Reactions = {
  passes: 'retry',
  passesAtTime: 'retry',
  person: 'wait',
  wrong: 'tries',
  workNotDone: 'attempt',
  unknown: 'tries',
};

/** What the agent reported cannot be read: another attempt finds out. */
const REPORT: Reactions = {
  passes: 'retry',
  passesAtTime: 'retry',
  person: 'attempt',
  wrong: 'tries',
  workNotDone: 'attempt',
  unknown: 'attempt',
};

/** What the agent failed of: limits reset, networks come back, and a sign-in needs a person. */
const AGENT: Reactions = {
  passes: 'tries',
  passesAtTime: 'retry',
  person: 'fail',
  wrong: 'fail',
  workNotDone: 'attempt',
  unknown: 'attempt',
};

/** The work is done: it is never done again because something else failed. */
const AFTER_WORK = DURING_WORK;

/** Tried again for as long as it takes: nothing waits for it. */
const UPKEEP: Reactions = {
  passes: 'retry',
  passesAtTime: 'retry',
  person: 'retry',
  wrong: 'retry',
  workNotDone: 'retry',
  unknown: 'retry',
};

export const STAGE_SPECS = {
  plan: { of: 'task', label: 'Planning', reactions: AFTER_WORK },
  planStart: { of: 'task', label: 'Starting the planner', reactions: BEFORE_WORK },
  planFollow: { of: 'task', label: 'Following the planner', reactions: DURING_WORK },
  planAgent: { of: 'task', label: 'Running the planner', reactions: AGENT },
  planRead: { of: 'task', label: 'Reading the plan', reactions: REPORT },
  planStore: { of: 'task', label: 'Storing the plan', reactions: AFTER_WORK },
  planCleanUp: { of: 'task', label: 'Removing the planning worktree', reactions: UPKEEP },

  work: { of: 'subtask', label: 'The work', reactions: AFTER_WORK },
  prepare: { of: 'subtask', label: 'Making the worktree', reactions: BEFORE_WORK },
  setup: { of: 'subtask', label: 'Setting up the worktree', reactions: DURING_WORK },
  start: { of: 'subtask', label: 'Starting the agent', reactions: BEFORE_WORK },
  follow: { of: 'subtask', label: 'Following the agent', reactions: DURING_WORK },
  agent: { of: 'subtask', label: 'Running the agent', reactions: AGENT },
  claim: { of: 'subtask', label: 'Reading what the agent reported', reactions: REPORT },
  check: { of: 'subtask', label: 'Checking the work', reactions: AFTER_WORK },
  reopen: {
    of: 'subtask',
    label: 'Reopening the issue',
    reactions: { ...AFTER_WORK, person: 'fail', unknown: 'fail' },
  },
  publish: { of: 'subtask', label: 'Bringing the work out', reactions: AFTER_WORK },
  cleanUp: { of: 'subtask', label: 'Removing the worktree', reactions: UPKEEP },
  pullRequest: { of: 'subtask', label: 'Checking the pull request', reactions: UPKEEP },
  startReady: { of: 'subtask', label: 'Starting the subtask', reactions: UPKEEP },

  syncIssues: { of: 'task', label: 'Syncing with Beads', reactions: UPKEEP },
  sweepIssues: { of: 'folder', label: 'Removing issues from Beads', reactions: UPKEEP },
  retention: { of: 'project', label: 'Removing unused worktrees', reactions: UPKEEP },
  pullRequests: { of: 'folder', label: 'Checking pull requests', reactions: UPKEEP },
  recovery: { of: 'folder', label: 'Checking the record of tasks', reactions: UPKEEP },
} as const satisfies Readonly<Record<string, StageSpec>>;

export type StageName = keyof typeof STAGE_SPECS;

export const STAGE_NAMES = Object.keys(STAGE_SPECS) as readonly StageName[];

/** Stages that work on a subject. */
export type StageOf<S extends StageSubject> = {
  [N in StageName]: (typeof STAGE_SPECS)[N]['of'] extends S ? N : never;
}[StageName];

/** How often a failing stage is tried before a person must look. */
export const STAGE_TRIES = 3;

/** Whether what the stage works on waits until it succeeds. Upkeep holds nothing but itself. */
export function holdsWork(stage: StageName): boolean {
  const { reactions }: StageSpec = STAGE_SPECS[stage];
  return reactions !== UPKEEP;
}

/** What a failure does; `tries` counts this one. */
export function reactionTo(stage: StageName, failure: ErrorClass, tries: number): Exclude<Reaction, 'tries'> {
  const reaction: Reaction = STAGE_SPECS[stage].reactions[failure];
  if (reaction !== 'tries') return reaction;
  return tries < STAGE_TRIES ? 'retry' : 'wait';
}
