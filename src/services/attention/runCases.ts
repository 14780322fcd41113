/** Runs that go no further without a person: a gate that blocked them, an override asked for, a budget used up. */
import type { Gauge, Measure } from '../../kernel/budget/model';
import { activeStandings } from '../../kernel/budget/standing';
import { KernelError } from '../../kernel/errors';
import type { GateReport, GateTier, UpstreamStandings } from '../../kernel/gate/model';
import { checkGateOf, openOverrideRequest, standstills } from '../../kernel/gate/service';
import type { Run } from '../../kernel/run/model';
import { findRun } from '../../kernel/run/service';
import { STATE_KEYS } from '../../kernel/state/keys';
import { listStateScopes } from '../../kernel/state/service';
import type { Reader } from '../../kernel/unit';
import type { Case } from './item';
import { readable } from './readable';

/** What a folder's gates are judged with. */
export interface GateView {
  readonly tier: GateTier;
  readonly upstreams: (run: Run) => UpstreamStandings | undefined;
}

export function runCases(r: Reader, gates: GateView): Case[] {
  return [...readable(() => gateCases(r, gates), []), ...readable(() => budgetCases(r), [])];
}

/** A run whose override is asked for is told once: the request says more than the block before it. */
function gateCases(r: Reader, gates: GateView): Case[] {
  const asked = listStateScopes(r, STATE_KEYS.overrideAsked).flatMap((id) => askedCase(r, id, gates));
  const told = new Set(asked.map(({ ids }) => ids?.runId));
  const blocked = standstills(r).filter(({ runId }) => !told.has(runId));
  return [...asked, ...blocked.flatMap(({ runId, since }) => blockedCase(r, runId, since, gates))];
}

function askedCase(r: Reader, id: string, gates: GateView): Case[] {
  const run = readable(() => findRun(r, id), undefined);
  const request = run && openOverrideRequest(r, run);
  if (run === undefined || request === undefined || judge(r, run, gates)?.result !== 'fail') return [];
  const facts = { actor: request.actor ?? '?', phase: request.phase, reason: request.reason };
  return [{ kind: 'overrideAsked', facts, since: request.askedAt, action: 'override', ...ofRun(run) }];
}

function blockedCase(r: Reader, id: string, since: number, gates: GateView): Case[] {
  const run = readable(() => findRun(r, id), undefined);
  const report = run && judge(r, run, gates);
  if (run === undefined || report?.result !== 'fail' || report.tier !== 'hard') return [];
  const failed = report.conditions.filter(({ result }) => result === 'fail');
  const problem = failed.map(({ check, detail }) => detail ?? check).join('; ');
  const facts = { fromPhase: report.fromPhase, toPhase: report.toPhase, problem };
  const action = failed.every(({ check }) => check === 'artifact_exists') ? 'artifact' : 'report';
  return [{ kind: 'gateFailed', facts, since, action, ...ofRun(run) }];
}

/** Undefined where it cannot be judged, for a run that has reached its last phase. */
function judge(r: Reader, run: Run, { tier, upstreams }: GateView): GateReport | undefined {
  try {
    const elsewhere = upstreams(run);
    return checkGateOf(r, run, { tier, applySkips: true, ...(elsewhere && { upstreams: elsewhere }) });
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}

function budgetCases(r: Reader): Case[] {
  return activeStandings(r).flatMap(({ runId, level, tokens, cost }) => {
    const run = level === 'ok' ? undefined : findRun(r, runId);
    if (run === undefined) return [];
    const [measure, gauge] = tokens.level === level ? (['tokens', tokens] as const) : (['cost', cost] as const);
    const facts = { used: amountOf(measure, gauge.used), limit: amountOf(measure, gauge.limit ?? 0) };
    const kind = level === 'exceeded' ? 'budgetExceeded' : 'budgetWarning';
    return [{ kind, facts, since: null, action: 'budget', ...ofRun(run) } as const];
  });
}

/** `1200 tokens`, or dollars. */
function amountOf(measure: Measure, amount: Gauge['used']): string {
  return measure === 'tokens' ? `${amount} tokens` : `$${(amount / 1_000_000).toFixed(2)}`;
}

function ofRun(run: Run): Pick<Case, 'title' | 'ids' | 'place'> {
  return { title: run.goal, ids: { runId: run.id }, place: { kind: 'run', runId: run.id } };
}
