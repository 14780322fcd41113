/** Operations on runs. */
import * as z from 'zod';
import type { BudgetStatus } from '../../kernel/budget/model';
import {
  RUN_STATUSES,
  createRunInput,
  setRunInput,
  type CancelOutcome,
  type PhaseEvent,
  type RollbackOutcome,
  type Run,
  type RunList,
  type SkipOutcome,
} from '../../kernel/run/record/model';
import type { AdvanceOutcome } from '../../kernel/gate/model';
import { EXPORT_FORMATS } from '../pages/timeline';
import type { MoreRows, RollbackPlan } from '../results/records';
import { folder, ofRun, page, phase, reason, someRun } from '../declarations/arguments';
import { operation, resultOf, type Gestures } from '../declarations/operation';
import { ACTIVE_RUN, IN_VIEW, SOME_RUN, WRITABLE } from '../declarations/ways';

export const RUN_OPERATIONS = {
  'runs.create': operation({
    args: createRunInput
      .pick({ goal: true, phases: true, complexity: true, tokenBudget: true, budgetWarnPct: true, autoAdvance: true })
      .extend({ folder }),
    result: resultOf<Run>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Creates a run with a goal. It starts in the first phase of its chain; phases replaces the chain.',
    command: { id: 'intercore.run.create', title: 'Create Run…', palette: WRITABLE },
    ic: 'run create',
    icArguments: { autoAdvance: { not: 'ic run set --auto-advance does it afterwards' } },
    core: true,
  }),
  /** Newest first. `from`: how many come before; `limit` left out: 1000. The result says whether there are more. */
  'runs.list': operation({
    args: z.strictObject({ folder, status: z.enum(RUN_STATUSES).optional(), ...page }),
    result: resultOf<RunList & MoreRows>(),
    effect: 'read',
    decides: 'anyone',
    about:
      'Lists the runs of a folder, newest first, with phase, status, and goal. At most 1000, or limit, starting at position from. nextFrom is where the next page starts, or null if there are no more.',
    command: IN_VIEW,
    ic: 'run list',
    icArguments: { status: '--active', from: { not: 'ic lists all' }, limit: { not: 'ic lists all' } },
    core: true,
  }),
  'runs.current': operation({
    args: z.strictObject({ folder }),
    result: resultOf<Run | null>(),
    effect: 'read',
    decides: 'anyone',
    about: 'The current run of the folder: the newest active one, or null.',
    command: IN_VIEW,
    ic: 'run current',
    core: true,
  }),
  'runs.get': operation({
    args: z.strictObject(ofRun),
    result: resultOf<Run>(),
    effect: 'read',
    decides: 'anyone',
    about: 'One run: goal, phase, phase chain, status, and budget.',
    command: { id: 'intercore.run.show', title: 'Show Run', palette: SOME_RUN },
    ic: 'run status',
    core: true,
  }),
  'runs.advance': operation({
    args: z.strictObject({ ...ofRun, skipReason: reason.optional() }),
    result: resultOf<AdvanceOutcome>(),
    effect: 'change',
    decides: { personGives: ['skipReason'] },
    about:
      'Advances a run to its next phase if the gate passes. A blocked gate is an outcome with the conditions that failed, not an error.',
    command: { id: 'intercore.run.advance', title: 'Advance Run', palette: ACTIVE_RUN },
    ic: 'run advance',
    core: true,
  }),
  'runs.skip': operation({
    args: z.strictObject({ ...ofRun, phase, reason }),
    result: resultOf<SkipOutcome>(),
    effect: 'change',
    decides: 'person',
    about: 'Skips a future phase. The reason is stored.',
    command: { id: 'intercore.run.skip', title: 'Skip Phase…', palette: ACTIVE_RUN },
    ic: 'run skip',
  }),
  'runs.planRollback': operation({
    args: z.strictObject({ ...ofRun, toPhase: phase }),
    result: resultOf<RollbackPlan>(),
    effect: 'read',
    decides: 'anyone',
    about: 'The phases that a rollback would undo. Changes nothing.',
    command: { not: 'intercore.run.rollback shows it before it asks' },
    ic: 'run rollback',
  }),
  'runs.rollback': operation({
    args: z.strictObject({ ...ofRun, toPhase: phase, reason: reason.optional() }),
    result: resultOf<RollbackOutcome>(),
    effect: 'destroy',
    decides: 'owner',
    about: 'Rolls a run back to an earlier phase and ends its agents. History is kept.',
    command: {
      id: 'intercore.run.rollback',
      title: 'Roll Run Back…',
      palette: `${WRITABLE} && ${SOME_RUN}`,
      confirm: true,
    },
    ic: 'run rollback',
  }),
  'runs.cancel': operation({
    args: z.strictObject(ofRun),
    result: resultOf<CancelOutcome>(),
    effect: 'destroy',
    decides: 'owner',
    about: 'Permanently ends a run with its agents.',
    command: { id: 'intercore.run.cancel', title: 'Cancel Run…', palette: ACTIVE_RUN, confirm: true },
    ic: 'run cancel',
  }),
  'runs.set': operation({
    args: setRunInput.extend(ofRun),
    result: resultOf<Run>(),
    effect: 'change',
    decides: { personGives: ['tokenBudget', 'budgetWarnPct', 'maxDispatches', 'autoAdvance'] },
    about: 'Changes the goal, complexity, budget, limits, or flags of a run. Omitted values are not changed.',
    command: {
      id: 'intercore.run.setGoal',
      title: 'Set Goal…',
      palette: ACTIVE_RUN,
      args: setRunInput.pick({ goal: true }).extend(ofRun).partial(),
    },
    ic: 'run set',
    icArguments: {
      goal: { not: 'the original has no way to change it' },
      tokenBudget: { not: 'it is given to ic run create' },
      budgetWarnPct: { not: 'it is given to ic run create' },
    },
  }),
  'runs.events': operation({
    args: z.strictObject(ofRun),
    result: resultOf<readonly PhaseEvent[]>(),
    effect: 'read',
    decides: 'anyone',
    about: 'The phase changes of a run, oldest first, with the evidence of its gates.',
    command: { id: 'intercore.run.showEvents', title: 'Show Events', palette: SOME_RUN },
    ic: 'run events',
  }),
  'runs.budget': operation({
    args: z.strictObject(ofRun),
    result: resultOf<BudgetStatus | null>(),
    effect: 'read',
    decides: 'anyone',
    about: 'The usage of the token budget of a run; null for a run without one.',
    command: IN_VIEW,
    ic: 'run budget',
  }),
};

/** Commands that do no operation. */
export const RUN_GESTURES = {
  'intercore.run.next': { title: 'Choose Next Step…', palette: SOME_RUN, args: someRun, changes: false },
  'intercore.timeline.show': { title: 'Show Run Timeline', palette: SOME_RUN, args: someRun, changes: false },
  /** `file` left out: asks where to; relative: to the folder. */
  'intercore.timeline.export': {
    title: 'Export Run Timeline…',
    palette: SOME_RUN,
    args: someRun.extend({ format: z.enum(EXPORT_FORMATS).optional(), file: z.string().min(1).max(4096).optional() }),
    changes: false,
  },
  'intercore.run.reveal': { title: 'Reveal Run', palette: SOME_RUN, args: someRun, changes: false },
  'intercore.run.copyId': { title: 'Copy Run Id', palette: SOME_RUN, args: someRun, changes: false },
} as const satisfies Gestures;
