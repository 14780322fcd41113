/** Interprets a failed ending of an agent: its class, when it passes, and what a person can do. */
import type { AgentKind } from '../../contract/agentKinds';
import { classify, type FailurePattern } from '../../kernel/failure/classify';
import { FAILURE_POLICIES, type FailureClass } from '../../kernel/failure/failureClass';
import { resetTimeIn } from '../../kernel/failure/resetTime';
import type { AgentReport } from '../agents/output/report';
import { AGENT_PROGRAMS } from '../agents/programs';

export interface AgentFailure {
  readonly class: FailureClass;
  /** Unix seconds, as reported by the agent; null if not reported. */
  readonly resetsAt: number | null;
  readonly reason: string | undefined;
  readonly remedy: string | undefined;
}

export interface FailedEnding {
  readonly kind: AgentKind;
  readonly report: AgentReport;
  readonly otherLines: readonly string[];
  readonly exitCode: number | null;
  readonly endedAtMs: number;
}

/** The kind's own patterns come first. */
function patternsOf({ failures = [], parser }: AgentKind): readonly FailurePattern[] {
  return [...failures, ...AGENT_PROGRAMS[parser].failures];
}

export function agentFailure({ kind, report, otherLines, exitCode, endedAtMs }: FailedEnding): AgentFailure {
  const { failure: text, failureCode: code, resetsAtSec, resetsInSec } = report;
  const found = classify(patternsOf(kind), { code, text, lines: otherLines, exitCode });
  if (FAILURE_POLICIES[found.class].retry !== 'atReset') return { ...found, resetsAt: null };
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const inWords = [found.reason, ...otherLines.toReversed()]
    .map((line) => (line === undefined ? undefined : resetTimeIn(line, { nowMs: endedAtMs, timeZone })))
    .find((time) => time !== undefined);
  const inFigures = resetsAtSec ?? (resetsInSec === undefined ? undefined : Math.ceil(endedAtMs / 1000 + resetsInSec));
  return { ...found, resetsAt: inFigures ?? inWords ?? null };
}
