/** Operations on the files that a run has made. */
import * as z from 'zod';
import { addArtifactInput, type Artifact } from '../../kernel/tracking/model';
import { ofRun, phase, someRun } from '../declarations/arguments';
import { operation, resultOf, type Gestures } from '../declarations/operation';
import { ACTIVE_RUN, IN_VIEW, SOME_RUN } from '../declarations/ways';

export const ARTIFACT_OPERATIONS = {
  'artifacts.list': operation({
    args: z.strictObject({ ...ofRun, phase: phase.optional() }),
    result: resultOf<readonly Artifact[]>(),
    effect: 'read',
    decides: 'anyone',
    about: 'The artifacts of a run, phase by phase.',
    command: IN_VIEW,
    ic: 'run artifact list',
    core: true,
  }),
  /** `phase` left out: the run's current one. Paths are absolute or relative to the folder, and inside it. */
  'artifacts.add': operation({
    args: z.strictObject({
      ...ofRun,
      paths: z.array(addArtifactInput.shape.path).min(1).max(1000),
      phase: phase.optional(),
      type: addArtifactInput.shape.type,
    }),
    result: resultOf<readonly Artifact[]>(),
    effect: 'change',
    decides: 'anyone',
    about: 'Records files in the folder as artifacts of a run, in its current phase by default.',
    command: { id: 'intercore.artifact.add', title: 'Add Artifact…', palette: ACTIVE_RUN },
    ic: 'run artifact add',
    icArguments: { paths: '--path' },
    core: true,
  }),
};

/** Commands that do no operation. */
export const ARTIFACT_GESTURES = {
  'intercore.artifact.open': {
    title: 'Open Artifact',
    palette: SOME_RUN,
    args: someRun.extend({ artifactId: z.string().min(1).max(128).optional() }),
    changes: false,
  },
} as const satisfies Gestures;
