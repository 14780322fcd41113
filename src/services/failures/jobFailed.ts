/**
 * Whether a job has failed. Separate from the failures of the record, so that a record loads without the stages' rows.
 */
import type { Reader, Sync } from '../../kernel/unit';
import { stageFailures } from '../../kernel/tasks/upkeep/stageHolds';
import type { JobStage, StageName } from '../../kernel/tasks/stage/stages';
import type { UnrecordedFailures } from '../record/unrecordedFailures';

/** Whether a job of the stage has failed and not succeeded since, in any program. */
export function jobFailed(
  kernel: { readonly unrecorded: UnrecordedFailures; read<T>(work: (reader: Reader) => Sync<T>): T },
  stage: JobStage,
): boolean {
  const isOfStage = (failure: { readonly stage: StageName }): boolean => failure.stage === stage;
  return kernel.unrecorded.list().some(isOfStage) || kernel.read(stageFailures).some(isOfStage);
}
