/** Operations on gates. */
import * as z from 'zod';
import type { OverrideRequest } from '../../kernel/gate/overrideRequests';
import type { GateReport, OverrideOutcome, TransitionRules } from '../../kernel/gate/model';
import { ofRun, phase, reason, someRun } from '../declarations/arguments';
import { operation, resultOf, type Gestures } from '../declarations/operation';
import { ACTIVE_RUN, SOME_RUN } from '../declarations/ways';

export const GATE_OPERATIONS = {
  'gates.check': operation({
    args: z.strictObject(ofRun),
    result: resultOf<GateReport>(),
    effect: 'read',
    decides: 'anyone',
    about:
      'Evaluates the gate before the next phase of a run and returns each condition with its result. Changes nothing.',
    command: {
      id: 'intercore.gate.check',
      title: 'Check Gate',
      palette: 'intercore.databaseReadable && intercore.runActive',
    },
    ic: 'gate check',
    core: true,
  }),
  'gates.override': operation({
    args: z.strictObject({ ...ofRun, reason }),
    result: resultOf<OverrideOutcome>(),
    effect: 'change',
    decides: 'person',
    about: 'Advances a run through a red gate. The reason and the person who gave it are stored as evidence.',
    command: { id: 'intercore.gate.override', title: 'Override Gate…', palette: ACTIVE_RUN },
    ic: 'gate override',
  }),
  /** Asks a person for it; *Needs You* shows the request until the run moves. */
  'gates.askOverride': operation({
    args: z.strictObject({ ...ofRun, reason }),
    result: resultOf<OverrideRequest>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Asks a person to override the gate of a run, with a reason. The request is kept until the run moves.',
    command: { not: 'a person overrides; agents and scripts ask' },
    ic: 'gate ask',
  }),
  'gates.rules': operation({
    args: z.strictObject({ fromPhase: phase.optional() }),
    result: resultOf<readonly TransitionRules[]>(),
    effect: 'read',
    decides: 'anyone',
    about: 'The conditions of gates at each step of the standard chain.',
    command: { id: 'intercore.gate.rules', title: 'Show Gate Rules', palette: 'always' },
    ic: 'gate rules',
    icArguments: { fromPhase: '--phase' },
  }),
};

/** Commands that do no operation. */
export const GATE_GESTURES = {
  'intercore.gate.showEvidence': {
    title: 'Show Evidence',
    palette: SOME_RUN,
    args: someRun.extend({ eventId: z.int().positive().optional() }),
    changes: false,
  },
} as const satisfies Gestures;
