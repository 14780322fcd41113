/** Evaluates the rules of a transition, in the transaction that will act on them (`docs/design/formats.md#gates`). */
import { selectSkippedAmong } from '../run/record/store';
import type { Run } from '../run/record/model';
import { runsOfTasks, taskGateFacts } from '../tasks/record/taskGateFacts';
import type { Reader } from '../unit';
import { countArtifactsAmong } from './checks/artifactExists';
import type { GateFacts, Question, OutsideFacts } from './checks/check';
import { GATE_CHECKS } from './checks/table';
import type { GateConditionResult, GateResult, GateRule, GateTier } from './model';
import { rulesFor } from './rules';

export type { GateFacts, OutsideFacts } from './checks/check';
export { statesAmong, upstreamRuns } from './checks/upstreamsAtPhase';

export interface Judgment {
  readonly result: GateResult;
  readonly tier: GateTier;
  readonly conditions: readonly GateConditionResult[];
}

/** The facts of many runs in few statements: for a page of a long list. */
export function gateFactsOf(r: Reader, runs: readonly Pick<Run, 'id'>[]): ReadonlyMap<string, GateFacts> {
  const ids = runs.map(({ id }) => id);
  const [skipped, ofTasks] = [selectSkippedAmong(r, ids), runsOfTasks(r, ids)];
  const artifacts = countArtifactsAmong(r, ids);
  return new Map(
    ids.map((id) => [
      id,
      {
        skipped: skipped.get(id) ?? new Set(),
        isOfTask: ofTasks.has(id),
        artifacts: artifacts.get(id) ?? new Map<string, number>(),
      },
    ]),
  );
}

/**
 * Evaluates the gate between a run's phase and a later one. Tier `none` checks nothing.
 * @throws KernelError `ROW_INVALID` where a child or sibling cannot be read.
 */
export function judgeTransition(
  r: Reader,
  run: Run,
  toPhase: string,
  tier: GateTier,
  outsideFacts: OutsideFacts = {},
): Judgment {
  if (tier === 'none') return { result: 'none', tier, conditions: [] };
  const task = outsideFacts.facts?.isOfTask === false ? undefined : taskGateFacts(r, run.id);
  const isChild = run.parentRunId !== null || outsideFacts.upstreams !== undefined;
  const rules = rulesFor(run, toPhase, { isChild, isOfTask: task !== undefined });
  const question: Question = { ...outsideFacts, r, run, task };
  return evaluate(
    rules.map((rule) => judged(rule, question)),
    tier,
  );
}

function judged({ check, phase }: GateRule, question: Question): GateConditionResult {
  const named = phase === undefined ? {} : { phase };
  return { check, ...named, ...GATE_CHECKS[check](question, phase ?? question.run.phase) };
}

/** The gate passes if every condition passes. */
export function evaluate(conditions: readonly GateConditionResult[], tier: GateTier): Judgment {
  const result = conditions.every((condition) => condition.result === 'pass') ? 'pass' : 'fail';
  return { result, tier, conditions };
}
