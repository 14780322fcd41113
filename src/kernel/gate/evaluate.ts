/** Judging: pure functions from facts to evidence (`docs/design/formats.md#gate-checks`). */
import { isBehind } from '../run/record/chain';
import { isTerminal } from '../run/record/machine';
import type { TaskStanding } from '../tasks/record/taskStanding';
import type {
  GateConditionResult,
  GateResult,
  GateTier,
  PhaseStanding,
  ProjectBehind,
  UpstreamStandings,
} from './model';
import type { PassingVerdict, VerdictFlaw } from './verdicts';

/** What was found in the database for one rule. */
export type GateFact =
  | { readonly check: 'artifact_exists'; readonly phase: string; readonly artifacts: number }
  | { readonly check: 'agents_complete'; readonly activeAgents: number }
  | { readonly check: 'verdict_exists'; readonly passing: readonly PassingVerdict[] }
  | { readonly check: 'children_at_phase'; readonly phase: string; readonly children: readonly PhaseStanding[] }
  | { readonly check: 'upstreams_at_phase'; readonly phase: string; readonly upstreams: UpstreamStandings }
  | { readonly check: 'plan_accepted'; readonly status: TaskStanding['status'] | undefined }
  | { readonly check: 'subtasks_merged'; readonly unmerged: TaskStanding['unmerged'] };

export interface Judgement {
  readonly result: GateResult;
  readonly tier: GateTier;
  readonly conditions: readonly GateConditionResult[];
}

/** All conditions are judged, in order; the gate passes where every one does. */
export function evaluate(facts: readonly GateFact[], tier: GateTier): Judgement {
  const conditions = facts.map(judge);
  const result = conditions.every((condition) => condition.result === 'pass') ? 'pass' : 'fail';
  return { result, tier, conditions };
}

function judge(fact: GateFact): GateConditionResult {
  switch (fact.check) {
    case 'artifact_exists':
      return {
        check: fact.check,
        phase: fact.phase,
        ...verdict(fact.artifacts > 0, fact.artifacts, `no artifacts found for phase "${fact.phase}"`),
      };
    case 'agents_complete':
      return {
        check: fact.check,
        ...verdict(fact.activeAgents === 0, fact.activeAgents, `${fact.activeAgents} agents still active`),
      };
    case 'verdict_exists':
      return { check: fact.check, ...judgeVerdicts(fact.passing) };
    case 'children_at_phase':
      return { check: fact.check, phase: fact.phase, ...judgeChildren(fact.children, fact.phase) };
    case 'upstreams_at_phase':
      return { check: fact.check, phase: fact.phase, ...judgeUpstreams(fact.upstreams, fact.phase) };
    case 'plan_accepted':
      return { check: fact.check, ...judgePlan(fact.status) };
    case 'subtasks_merged':
      return { check: fact.check, ...judgeSubtasks(fact.unmerged) };
  }
}

type Verdict = Pick<GateConditionResult, 'result' | 'count' | 'detail' | 'behind'>;

function verdict(passes: boolean, count: number | undefined, detail: string): Verdict {
  const counted = count === undefined ? {} : { count };
  return passes ? { result: 'pass', ...counted } : { result: 'fail', ...counted, detail };
}

const NAMED_VERDICTS = 3;
const FLAWS: Readonly<Record<VerdictFlaw, string>> = {
  'did work': 'did work of this run',
  'started early': 'started before the last work was done',
};

/** The original's text where there is no verdict at all; else why each of the latest does not count. */
function judgeVerdicts(passing: readonly PassingVerdict[]): Verdict {
  const flaws = passing.flatMap(({ dispatchId, flaw }) => (flaw === undefined ? [] : [`${dispatchId} ${FLAWS[flaw]}`]));
  const named = flaws.slice(-NAMED_VERDICTS).join('; ');
  const detail = named === '' ? 'no passing verdict found' : `no passing verdict counts: ${named}`;
  return verdict(flaws.length < passing.length, undefined, detail);
}

function judgePlan(status: TaskStanding['status'] | undefined): Verdict {
  const isAccepted = status === 'ACTIVE' || status === 'DONE';
  return verdict(isAccepted, undefined, `its task is ${status ?? 'gone'}: no plan is accepted`);
}

/** Each one that is missing is named. */
function judgeSubtasks({ count, first }: TaskStanding['unmerged']): Verdict {
  const named = first.map(({ number, title, status }) => `${number}. ${title} (${status})`);
  const others = count > first.length ? [`and ${count - first.length} more`] : [];
  return verdict(count === 0, count, `${count} subtasks not merged: ${[...named, ...others].join(', ')}`);
}

/** A failed child still has to get there; a completed or cancelled one does not. */
function judgeChildren(children: readonly PhaseStanding[], phase: string): Verdict {
  const awaited = children.filter(({ status }) => status !== 'completed' && status !== 'cancelled');
  return judgeStandings(awaited, phase, (behind) => `${behind.length} children behind phase "${phase}"`);
}

/** An upstream that has ended in any way holds nobody up. */
function judgeUpstreams(upstreams: UpstreamStandings, phase: string): Verdict {
  if (upstreams.kind === 'unreadable') return { result: 'fail', detail: upstreams.problem };
  if (upstreams.standings.length === 0) return { result: 'pass', detail: 'no upstream dependencies' };
  const awaited = upstreams.standings.filter(({ status }) => !isTerminal(status));
  return judgeStandings(awaited, phase, (behind) => {
    const named = behind.map((upstream) => `${upstream.projectDir} at ${upstream.phase}`).join(' ');
    return `upstreams behind phase "${phase}": [${named}]`;
  });
}

/** Not knowing where a project stands is not passing, unless its chain lacks the phase. */
function judgeStandings(
  awaited: readonly PhaseStanding[],
  phase: string,
  detailOf: (behind: readonly PhaseStanding[]) => string,
): Verdict {
  const unknown = awaited.filter(({ problem, phases }) => problem !== undefined && phases.includes(phase));
  const behind = awaited.filter((standing) => !unknown.includes(standing) && isBehind(standing, phase));
  const named = unknown.map(({ projectDir, problem }) => `${projectDir}: ${problem ?? ''}`).join(' ');
  const details = [
    ...(behind.length === 0 ? [] : [detailOf(behind)]),
    ...(unknown.length === 0 ? [] : [`${unknown.length} cannot be read: [${named}]`]),
  ];
  const failing = awaited.filter((standing) => behind.includes(standing) || unknown.includes(standing));
  const judged = verdict(failing.length === 0, failing.length, details.join('; '));
  return failing.length === 0 ? judged : { ...judged, behind: failing.map(behindOf) };
}

function behindOf({ projectDir, phase, status, problem }: PhaseStanding): ProjectBehind {
  return { project: projectDir, phase, status, ...(problem === undefined ? {} : { problem }) };
}
