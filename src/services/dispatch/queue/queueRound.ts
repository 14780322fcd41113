/** A round of the queue over several records, which counts repeated failures (`docs/design/failures.md#classes`). */
import { systemClock } from '../../../host/clock';
import type { Log } from '../../../host/log';
import { listQueued } from '../../../kernel/queue/service';
import { stageFailures, type StageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import type { Dispatcher } from '../dispatcher';
import { noteJobFailure, noteJobSuccess } from '../../failures/jobFailures';
import { startWaiting } from './queueDrain';
import type { DispatchKernel } from '../../record/dispatchKernel';

const STAGE = 'queue';

interface Failure {
  readonly kernel: DispatchKernel;
  /** The dispatch that was not started; empty where the round as a whole failed. */
  readonly subject: string;
  readonly error: unknown;
}

export interface QueueRound {
  /** A temporary obstacle without an event. */
  readonly failures: readonly Failure[];
  /** Counts the failures of a round that is retried after this delay. Never rejects. */
  note(againMs: number): Promise<void>;
}

/** Clears failures that no longer occur. Never rejects. */
export async function runRound(
  dispatcher: Dispatcher,
  kernels: readonly DispatchKernel[],
  log: Log,
): Promise<QueueRound> {
  const failures = await drain(dispatcher, kernels, log);
  for (const kernel of kernels) {
    const failing = failures.flatMap((failure) => (failure.kernel === kernel ? [failure.subject] : []));
    for (const { stage, subject } of [...kernel.unrecorded.list(), ...recorded(kernel)]) {
      if (stage === STAGE && !failing.includes(subject)) await noteJobSuccess({ kernel, log }, { stage, subject });
    }
  }
  const note = async (againMs: number): Promise<void> => {
    const nextAtMs = systemClock.nowMs() + againMs;
    for (const { kernel, subject, error } of failures) {
      await noteJobFailure({ kernel, log }, { stage: STAGE, subject }, error, nextAtMs);
    }
  };
  return { failures, note };
}

async function drain(dispatcher: Dispatcher, kernels: readonly DispatchKernel[], log: Log): Promise<Failure[]> {
  try {
    const { started, blocked } = await startWaiting(dispatcher, kernels, log);
    if (started.length > 0) log.info('queued dispatches started', { started });
    return blocked.map(({ kernel, queued, error }) => ({ kernel, subject: queued.id, error }));
  } catch (error) {
    log.error('queue not read', { error });
    return kernels.filter(hasQueued).map((kernel) => ({ kernel, subject: '', error }));
  }
}

function hasQueued(kernel: DispatchKernel): boolean {
  try {
    return kernel.read((r) => listQueued(r)).queued.length > 0;
  } catch {
    // It may be the reason that the round failed.
    return true;
  }
}

/** None if the record cannot be read now: the next round clears them. */
function recorded(kernel: DispatchKernel): readonly StageFailure[] {
  try {
    return kernel.read(stageFailures);
  } catch {
    return [];
  }
}
