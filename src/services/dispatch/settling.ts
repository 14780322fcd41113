/** Storing how a dispatch ended, once its process is gone (design §8). */
import type { AgentKind } from '../../contract/agentKinds';
import { proven, readCancel, readExit, readStarted, UNPROVEN } from '../../host/launchRecord';
import { endAgentProcesses } from '../../host/process';
import type { DispatchFiles } from '../../host/trusted/dispatchFiles';
import type { Dispatch, DispatchEnding } from '../../kernel/dispatch/model';
import { KernelError } from '../../kernel/errors';
import type { DispatchId } from '../../kernel/ids';
import { graceMsOf, type DispatcherDeps } from './deps';
import { endingOf, recordEnding } from './ending';
import type { DispatchKernel } from './kernel';
import { LogReading } from './reading';

export interface EndedDispatch {
  readonly kernel: DispatchKernel;
  readonly id: DispatchId;
  readonly files: DispatchFiles;
  readonly timeLimitSec: number | null;
  readonly overdue: boolean;
  readonly graceMs: number;
}

/**
 * Stores the ending that the records tell. Where another window has stored one before, that one stays.
 * @throws KernelError of the write
 */
export async function settle(subject: EndedDispatch, reading: LogReading): Promise<void> {
  const { kernel, id, files } = subject;
  const [foundExit, cancel, started] = await Promise.all([readExit(files), readCancel(files), readStarted(files)]);
  const exit = proven(foundExit);
  // An agent whose launcher was killed would work on unseen.
  if (exit === undefined) await endAgentProcesses(files, subject.graceMs);
  const { report, verdict } = await reading.finish();
  const { overdue, timeLimitSec } = subject;
  await storeUnlessEnded(
    kernel,
    id,
    endingOf({
      ...{
        exit,
        cancel: proven(cancel),
        started: proven(started) !== undefined,
        overdue,
        timeLimitSec,
        report,
        verdict,
      },
      isExitUnproven: foundExit === UNPROVEN,
      prices: reading.kind.usage,
    }),
  );
}

/** Settles a dispatch that nobody followed to its end, reading its log from the start. */
export async function settleGone(
  deps: DispatcherDeps,
  kernel: DispatchKernel,
  dispatch: Dispatch,
  files: DispatchFiles,
): Promise<void> {
  const { id, timeoutSec } = dispatch;
  const onProblem = (error: KernelError) => deps.log.warn('log not readable', { id, problem: error.message });
  const reading = new LogReading(files, kindOf(deps, dispatch), () => undefined, onProblem);
  try {
    await settle({ kernel, id, files, timeLimitSec: timeoutSec, overdue: false, graceMs: graceMsOf(deps) }, reading);
  } finally {
    await reading.dispose();
  }
}

/** Stores an ending with that of the run's agent. One that was stored before, by whomever, stays. */
export async function storeUnlessEnded(kernel: DispatchKernel, id: DispatchId, ending: DispatchEnding): Promise<void> {
  try {
    await kernel.write((u) => {
      recordEnding(u, id, ending);
    });
  } catch (error) {
    if (!KernelError.is(error, 'DISPATCH_FINISHED')) throw error;
  }
}

/** The dispatch's kind; one that is no longer configured is read as plain text. */
export function kindOf(deps: DispatcherDeps, { agentType }: Dispatch): AgentKind {
  const known = deps.kinds().find((kind) => kind.name === agentType);
  return known ?? { name: agentType, command: agentType, args: [], promptBy: 'stdin', parser: 'plain' };
}
