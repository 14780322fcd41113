/**
 * Attempts whose agent failed for a reason outside its work: a limit, the network, a sign-in
 * (`docs/design/failures.md#classes`).
 */
import type { ErrorCode } from '../../../kernel/errors/errors';
import { startedMsOf } from '../../../kernel/dispatch/service';
import { heldUntilMs } from '../../../kernel/failure/accountHold';
import type { ErrorClass } from '../../../kernel/failure/errorClasses';
import { FAILURE_POLICIES, type FailureClass } from '../../../kernel/failure/failureClass';
import { withdrawAgentRun } from '../../../kernel/tasks/subtask/agentRuns';
import { delayAfter } from '../../../kernel/tasks/stage/backoff';
import type { AgentRun } from '../../../kernel/tasks/record/model';
import { noteWithdrawn } from '../../../kernel/tasks/subtask/progress';
import { clearStageFailure, failStage } from '../../../kernel/tasks/upkeep/stageFailures';
import { findStageFailure, type StageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import type { AttemptEnd } from './attempt';
import type { TaskDeps } from '../deps';

/** The delay between tries grows up to this multiple of the longest delay between attempts. */
const LONGEST_PAUSES = 5;

const ERROR_CLASS_OF: Readonly<Record<FailureClass, ErrorClass>> = {
  usageLimit: 'passesAtTime',
  rateLimit: 'passesAtTime',
  overload: 'passes',
  network: 'passes',
  signIn: 'person',
  modelRefused: 'person',
  badArguments: 'person',
  sessionLost: 'passesAtTime',
  crash: 'workNotDone',
  workNotDone: 'workNotDone',
};

/**
 * Whether the failure of the agent decided the attempt. A temporary failure withdraws the attempt, so that its number
 * is reused, and holds the work until it passes; a failure that needs a person ends the work immediately. All in one
 * transaction.
 */
export async function settleAgentFailure(
  deps: TaskDeps,
  stage: 'agent' | 'planAgent',
  run: AgentRun,
  { failure: met, problem = '' }: Pick<AttemptEnd, 'failure' | 'problem'>,
): Promise<boolean> {
  const { kernel, chance, settings } = deps;
  const subject = run.subtaskId ?? run.taskId;
  const known = kernel.read((r) => findStageFailure(r, stage, subject));
  const failure = met !== null && isOfArguments(met.class, known) ? { ...met, class: 'badArguments' as const } : met;
  const policy = failure === null ? undefined : FAILURE_POLICIES[failure.class];
  if (failure === null || policy === undefined || policy.isCounted) {
    if (known !== undefined) {
      await kernel.write((u) => clearStageFailure(u, stage, subject));
    }
    return false;
  }
  const { backoff } = settings();
  const longest = { ...backoff, capSeconds: backoff.capSeconds * LONGEST_PAUSES };
  const nowMs = deps.ports.clock.nowMs();
  const part = chance();
  const startedMs = kernel.read((r) => startedMsOf(r, run.dispatchId));
  const isLost = failure.class === 'sessionLost';
  const pause = (tries: number): number =>
    isLost
      ? 0
      : policy.retry === 'atReset'
        ? (heldUntilMs({ ...failure, startedMs, tries, nowMs, chance: part }) - nowMs) / 1000
        : delayAfter(tries, part, longest);
  await kernel.write((u) => {
    if (policy.retry !== 'never') {
      noteWithdrawn(u, run, problem);
      withdrawAgentRun(u, run.id);
    }
    // Work that the account holds is due when a person resumes the account.
    const code: ErrorCode | null = policy.holds === 'account' ? 'ACCOUNT_HELD' : null;
    const failed = {
      stage,
      subject,
      reason: problem,
      code,
      passesAt: null,
      pause,
      dispatchId: isLost ? null : run.dispatchId,
    };
    failStage(u, { ...failed, failure: ERROR_CLASS_OF[failure.class] });
  });
  deps.log.info('agent failed for a reason outside its work', {
    of: subject,
    attempt: run.attempt,
    failure: failure.class,
  });
  return true;
}

/** Excludes attempts that continued a session: then the arguments of the kind name a missing session. */
function isOfArguments(failure: FailureClass, known: StageFailure | undefined): boolean {
  return failure === 'sessionLost' && (known?.dispatchId ?? null) === null;
}
