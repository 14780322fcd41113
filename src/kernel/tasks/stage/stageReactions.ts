/**
 * The reaction to a failure of each class in a stage, by when in the work the stage runs
 * (`docs/design/failures.md#classes`).
 */
import type { ErrorClass } from '../../failure/errorClasses';
import { STAGE_SPECS, STAGE_TRIES, type StageName, type StageTime } from './stages';

/**
 * `retry`: held, and tried again with growing pauses, or at the time that the failure names. `tries`: the same, a few
 * times; then held until a person retries. `wait`: held until a person retries. `fail`: planning or the subtask fails,
 * with the reason. `attempt`: the attempt fails, and is counted. Held work does not count as a running worker.
 */
export type Reaction = 'retry' | 'tries' | 'wait' | 'fail' | 'attempt';

type Reactions = Readonly<Record<ErrorClass, Reaction>>;

/** Before an agent has worked: nothing is lost by failing, and *Retry* starts again. */
const BEFORE_WORK: Reactions = {
  passes: 'retry',
  passesAtTime: 'retry',
  person: 'fail',
  wrong: 'tries',
  workNotDone: 'attempt',
  unknown: 'fail',
};

/** While an agent is running: it continues, even if it cannot be followed. */
const DURING_WORK: Reactions = {
  passes: 'retry',
  passesAtTime: 'retry',
  person: 'wait',
  wrong: 'tries',
  workNotDone: 'attempt',
  unknown: 'tries',
};

/** The agent's report cannot be read: another attempt may succeed. */
const REPORT: Reactions = {
  passes: 'retry',
  passesAtTime: 'retry',
  person: 'attempt',
  wrong: 'tries',
  workNotDone: 'attempt',
  unknown: 'attempt',
};

/** A failure of the agent: limits reset, networks recover, and a sign-in needs a person. */
const AGENT: Reactions = {
  passes: 'tries',
  passesAtTime: 'retry',
  person: 'fail',
  wrong: 'fail',
  workNotDone: 'attempt',
  unknown: 'attempt',
};

/** The work is done: it is never repeated because something else failed. */
const AFTER_WORK = DURING_WORK;

/** As after work, but the subtask fails if another try would not help. */
const REOPEN: Reactions = { ...AFTER_WORK, person: 'fail', unknown: 'fail' };

/** Tried again without limit: nothing depends on it. */
const UPKEEP: Reactions = {
  passes: 'retry',
  passesAtTime: 'retry',
  person: 'retry',
  wrong: 'retry',
  workNotDone: 'retry',
  unknown: 'retry',
};

const REACTIONS: Readonly<Record<StageTime, Reactions>> = {
  before: BEFORE_WORK,
  during: DURING_WORK,
  report: REPORT,
  agent: AGENT,
  after: AFTER_WORK,
  reopen: REOPEN,
  upkeep: UPKEEP,
};

/** The reaction to a failure; `tries` includes this one. */
export function reactionTo(stage: StageName, failure: ErrorClass, tries: number): Exclude<Reaction, 'tries'> {
  const reaction = REACTIONS[STAGE_SPECS[stage].time][failure];
  if (reaction !== 'tries') return reaction;
  return tries < STAGE_TRIES ? 'retry' : 'wait';
}
