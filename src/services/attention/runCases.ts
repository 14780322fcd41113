/** What of one run waits for a person: a gate that blocked it, an override asked for, a budget used up. */
import type { Gauge, Measure } from '../../kernel/budget/model';
import { budgetUse } from '../../kernel/budget/standing';
import { KernelError } from '../../kernel/errors';
import type { GateReport, GateTier, UpstreamStandings } from '../../kernel/gate/model';
import { checkGateOf, openOverrideRequest, standstillOf } from '../../kernel/gate/service';
import type { Run } from '../../kernel/run/model';
import type { Reader } from '../../kernel/unit';
import type { Case } from './item';
import { readable } from './readable';

/** What a folder's gates are judged with. */
export interface GateView {
  readonly tier: GateTier;
  readonly upstreams: (run: Run) => UpstreamStandings | undefined;
}

export interface RunFindings {
  readonly cases: readonly Case[];
  /** Whether changes of other runs may bring cases or take them. */
  readonly looksFurther: boolean;
}

/** Of an active run. */
export function runFindings(r: Reader, run: Run, gates: GateView): RunFindings {
  const asked = readable(() => openOverrideRequest(r, run), undefined);
  const stands = asked === undefined ? readable(() => standstillOf(r, run.id), undefined) : undefined;
  const budget = readable(() => budgetUse(r, run.id), undefined);
  const isLimited = budget !== undefined && (budget.tokens.limit !== null || budget.cost.limit !== null);
  // A run whose override is asked for is told once: the request says more than the block before it.
  const gate = readable(() => {
    if (asked !== undefined) return askedCase(r, run, asked, gates);
    return stands === undefined ? [] : blockedCase(r, run, stands.since, gates);
  }, []);
  const isHeld = asked !== undefined || stands !== undefined;
  return {
    cases: [...gate, ...(budget === undefined ? [] : budgetCase(run, budget))],
    looksFurther: (isHeld && gateLooksFurther(run)) || (isLimited && isPortfolio(run)),
  };
}

/** Siblings and children count for a gate in a portfolio; verdicts of its scope do, whoever else has that scope. */
function gateLooksFurther(run: Run): boolean {
  const sharesScope = run.scopeId !== null && run.scopeId !== run.id;
  return sharesScope || run.parentRunId !== null || isPortfolio(run);
}

function isPortfolio({ projectDir }: Run): boolean {
  return projectDir === '';
}

type Asked = NonNullable<ReturnType<typeof openOverrideRequest>>;

function askedCase(r: Reader, run: Run, asked: Asked, gates: GateView): Case[] {
  if (judge(r, run, gates)?.result !== 'fail') return [];
  const facts = { actor: asked.actor ?? '?', phase: asked.phase, reason: asked.reason };
  return [{ kind: 'overrideAsked', facts, since: asked.askedAt, action: 'override', ...ofRun(run) }];
}

function blockedCase(r: Reader, run: Run, since: number, gates: GateView): Case[] {
  const report = judge(r, run, gates);
  if (report?.result !== 'fail' || report.tier !== 'hard') return [];
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

function budgetCase(run: Run, { level, tokens, cost }: NonNullable<ReturnType<typeof budgetUse>>): Case[] {
  if (level === 'ok') return [];
  const [measure, gauge] = tokens.level === level ? (['tokens', tokens] as const) : (['cost', cost] as const);
  const facts = { used: amountOf(measure, gauge.used), limit: amountOf(measure, gauge.limit ?? 0) };
  const kind = level === 'exceeded' ? 'budgetExceeded' : 'budgetWarning';
  return [{ kind, facts, since: null, action: 'budget', ...ofRun(run) }];
}

/** `1200 tokens`, or dollars. */
function amountOf(measure: Measure, amount: Gauge['used']): string {
  return measure === 'tokens' ? `${amount} tokens` : `$${(amount / 1_000_000).toFixed(2)}`;
}

function ofRun(run: Run): Pick<Case, 'title' | 'ids' | 'place'> {
  return { title: run.goal, ids: { runId: run.id }, place: { kind: 'run', runId: run.id } };
}
