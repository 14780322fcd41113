/**
 * Failures of jobs outside the work on tasks, such as rounds of the queue. They are counted in the record until the job
 * succeeds, so that every program shows them, and in memory if the record cannot be written. Neither function rejects.
 */
import { systemClock } from '../../host/clock';
import type { Log } from '../../host/log';
import { isKernelError, KernelError, problemOf } from '../../kernel/errors/errors';
import { errorClassOf } from '../../kernel/failure/errorClasses';
import { clearStageFailure, failStage } from '../../kernel/tasks/upkeep/stageFailures';
import { findStageFailure } from '../../kernel/tasks/upkeep/stageHolds';
import type { JobStage } from '../../kernel/tasks/stage/stages';
import type { DispatchKernel } from '../record/dispatchKernel';

export interface JobDeps {
  readonly kernel: Pick<DispatchKernel, 'read' | 'write' | 'unrecorded'>;
  readonly log: Log;
}

export interface Job {
  readonly stage: JobStage;
  /** Distinguishes jobs of the stage. */
  readonly subject?: string;
}

/** @param nextAtMs the time of the next try */
export async function noteJobFailure(
  { kernel, log }: JobDeps,
  { stage, subject = '' }: Job,
  error: unknown,
  nextAtMs: number,
): Promise<void> {
  if (isOver(error)) return;
  const [reason, nextAt] = [problemOf(error), Math.ceil(nextAtMs / 1000)];
  const code = isKernelError(error) ? error.code : null;
  try {
    const failed = { stage, subject, reason, code, failure: errorClassOf(error), passesAt: nextAt, pause: () => 0 };
    await kernel.write((u) => failStage(u, failed));
    kernel.unrecorded.clear(stage, subject);
  } catch (notKept) {
    if (isOver(notKept)) return;
    log.warn('job failure not recorded', { stage, subject, problem: reason, cause: problemOf(notKept) });
    kernel.unrecorded.note({ stage, subject, reason, nextAt, now: Math.floor(systemClock.nowMs() / 1000) });
  }
}

/** Does nothing if the job has not failed. */
export async function noteJobSuccess({ kernel, log }: JobDeps, { stage, subject = '' }: Job): Promise<void> {
  kernel.unrecorded.clear(stage, subject);
  try {
    if (kernel.read((r) => findStageFailure(r, stage, subject)) === undefined) return;
    await kernel.write((u) => clearStageFailure(u, stage, subject));
    log.info('job succeeded after a failure', { stage, subject });
  } catch (error) {
    // Its next success clears it, and a failure that no program retries is not shown for long.
    log.warn('job success not recorded', { stage, subject, problem: problemOf(error) });
  }
}

/** The program releases the record, or another program leads. */
function isOver(error: unknown): boolean {
  return KernelError.is(error, 'LEAD_LOST') || KernelError.is(error, 'KERNEL_CLOSED');
}
