/** Judges how a dispatch ended from the facts that its process left (`docs/design/agents.md#from-start-to-end`). */
import { storedReason } from '../../../kernel/errors/reasons/storedReasons';
import type { KindUsage } from '../../../contract/agentKinds';
import type { CancelRecord, ExitRecord } from '../../../host/launcher/launchRecord';
import { KernelError } from '../../../kernel/errors/errors';
import { endDispatch } from '../../../kernel/dispatch/service';
import type { Dispatch, DispatchEnding } from '../../../kernel/dispatch/model';
import { listAgents, updateAgent } from '../../../kernel/tracking/service';
import { storableText } from '../../../kernel/text/storableText';
import type { Agent as RunAgent } from '../../../kernel/tracking/model';
import type { Unit } from '../../../kernel/unit';
import { defined } from '../../../kernel/defined';
import { progressOf, type AgentReport } from '../../agents/output/report';
import type { Verdict } from '../../agents/output/verdict';

export interface EndingFacts {
  /** Absent if the launcher was killed before it could write one. */
  readonly exit: ExitRecord | undefined;
  /** Another program wrote or changed the exit record, so it is ignored. */
  readonly isExitUnproven?: boolean;
  /** Whether a process ever existed. */
  readonly started: boolean;
  readonly cancel: CancelRecord | undefined;
  /** The dispatcher ended the process at its time limit. */
  readonly overdue: boolean;
  readonly timeLimitSec: number | null;
  readonly report: AgentReport;
  readonly prices?: KindUsage | undefined;
  readonly verdict: Verdict | undefined;
}

const MAX_MESSAGE_LENGTH = 4000;

/**
 * The status of the process: completed if and only if it exited with 0 and did not report a failure. The agent's
 * opinion of its work is the verdict, a separate field.
 */
export function endingOf(facts: EndingFacts): DispatchEnding {
  const { exit, report, verdict } = facts;
  const { status, errorMessage } = judge(facts);
  return {
    status,
    ...(exit === undefined || exit.exitCode === null ? {} : { exitCode: exit.exitCode }),
    ...(errorMessage === undefined ? {} : { errorMessage: storableText(errorMessage, MAX_MESSAGE_LENGTH) }),
    ...defined({ verdictStatus: verdict?.status, verdictSummary: verdict?.summary }),
    progress: progressOf(report, facts.prices),
    ...(neverStarted(facts) ? { neverStarted: true } : {}),
  };
}

/** An agent may be gone before its identity was recorded; its exit proves that it existed. */
function neverStarted({ exit, started }: EndingFacts): boolean {
  return exit === undefined ? !started : exit.problem !== undefined;
}

function judge(facts: EndingFacts): { status: DispatchEnding['status']; errorMessage?: string } {
  const { exit, cancel, report } = facts;
  // A cancel request after the end changes nothing.
  if (cancel !== undefined && (exit === undefined || exit.endedAtMs >= cancel.requestedAtMs)) {
    return { status: 'cancelled', errorMessage: cancel.reason };
  }
  if (facts.overdue || exit?.timedOut === true) {
    return {
      status: 'timeout',
      errorMessage: storedReason('time limit of {seconds} s reached', { seconds: facts.timeLimitSec ?? '?' }),
    };
  }
  if (exit === undefined && facts.isExitUnproven === true) {
    return {
      status: 'failed',
      errorMessage: storedReason('exit record not written by Intercore; the exit code is unknown'),
    };
  }
  if (exit === undefined && !facts.started) {
    return { status: 'failed', errorMessage: storedReason('never started: the window that was to start it had gone') };
  }
  if (exit === undefined) {
    return { status: 'failed', errorMessage: storedReason('process gone without a trace; its exit code is unknown') };
  }
  if (exit.problem !== undefined) return { status: 'failed', errorMessage: exit.problem };
  if (exit.exitCode === 0 && report.failure === undefined) return { status: 'completed' };
  return { status: 'failed', errorMessage: howItEnded(exit, report.failure) };
}

/** @param said what the agent reported, if it did */
function howItEnded({ exitCode: code, signal }: ExitRecord, said: string | undefined): string {
  if (code !== null)
    return said === undefined
      ? storedReason('exit code {code}', { code })
      : storedReason('{said} (exit code {code})', { said, code });
  if (signal === null)
    return said === undefined
      ? storedReason('ended by a signal')
      : storedReason('{said} (ended by a signal)', { said });
  return said === undefined
    ? storedReason('ended by {signal}', { signal })
    : storedReason('{said} (ended by {signal})', { said, signal });
}

/**
 * Ends the dispatch and its run's agent.
 * @throws KernelError as `endDispatch`
 */
export function recordEnding(u: Unit, dispatchId: string, ending: DispatchEnding): Dispatch {
  const dispatch = endDispatch(u, dispatchId, ending);
  const agents = dispatch.scopeId === null ? [] : readableAgents(u, dispatch.scopeId);
  const outcome = dispatch.status === 'completed' ? 'completed' : 'failed';
  for (const agent of agents) {
    if (agent.dispatchId === dispatch.id && agent.status === 'active') updateAgent(u, agent.id, outcome);
  }
  return dispatch;
}

/** An unreadable row of a run's agent must not prevent the dispatch from ending. */
function readableAgents(u: Unit, runId: string): readonly RunAgent[] {
  try {
    return listAgents(u, runId);
  } catch (error) {
    if (KernelError.is(error, 'ROW_INVALID')) return [];
    throw error;
  }
}
