/** The items of one run: a blocking gate, a requested override, an exhausted budget. */
import { counted } from '../../../kernel/errors/reasons/fill';
import type { Gauge, Measure } from '../../../kernel/budget/model';
import { budgetUse } from '../../../kernel/budget/budgetState';
import { KernelError } from '../../../kernel/errors/errors';
import type { GateReport, GateTier, UpstreamRuns } from '../../../kernel/gate/model';
import { checkGateOf, openOverrideRequest, blockedRunOf } from '../../../kernel/gate/service';
import type { Run } from '../../../kernel/run/record/model';
import type { Reader } from '../../../kernel/unit';
import type { ItemDraft } from './item';
import { readable } from './readable';

/** The facts for judging a folder's gates. */
export interface GateView {
  readonly tier: GateTier;
  readonly upstreams: (run: Run) => UpstreamRuns | undefined;
}

export interface RunFindings {
  readonly cases: readonly ItemDraft[];
  /** Whether changes of other runs may add or remove items. */
  readonly readsOtherRecords: boolean;
}

/** A run with a requested override, or one that was blocked and has not moved since. */
export type Held = { readonly asked: NonNullable<ReturnType<typeof openOverrideRequest>> } | { readonly since: number };

/** A run with a requested override gets one item: the request says more than the block before it. */
export function heldRun(r: Reader, run: Run): Held | undefined {
  const asked = readable(r, () => openOverrideRequest(r, run), undefined);
  return asked === undefined ? readable(r, () => blockedRunOf(r, run.id), undefined) : { asked };
}

/** Of an active run. */
export function runFindings(r: Reader, run: Run, gates: GateView): RunFindings {
  const held = heldRun(r, run);
  const budget = readable(r, () => budgetUse(r, run.id), undefined);
  const isLimited = budget !== undefined && (budget.tokens.limit !== null || budget.cost.limit !== null);
  const gate = held === undefined ? [] : readable(r, () => gateItem(held, judge(r, run, gates)), []);
  return {
    cases: [...gate, ...(budget === undefined ? [] : budgetItem(budget))].map((found) => ({ ...found, ...ofRun(run) })),
    readsOtherRecords: (held !== undefined && gateReadsOtherRecords(run)) || (isLimited && isPortfolio(run)),
  };
}

/** A gate in a portfolio depends on siblings and children, and on verdicts of its scope, which other runs may share. */
function gateReadsOtherRecords(run: Run): boolean {
  const sharesScope = run.scopeId !== null && run.scopeId !== run.id;
  return sharesScope || run.parentRunId !== null || isPortfolio(run);
}

function isPortfolio({ projectDir }: Run): boolean {
  return projectDir === '';
}

/** The problem, independent of its subject. */
export type ItemFacts = Pick<ItemDraft, 'kind' | 'facts' | 'since' | 'action'>;

/** Undefined if the gate passes now, or cannot be judged. */
export function gateItem(held: Held, report: GateReport | undefined): ItemFacts[] {
  if (report?.result !== 'fail') return [];
  if ('asked' in held) {
    const { actor, phase, reason, askedAt } = held.asked;
    const facts = { actor: actor ?? '?', phase, reason };
    return [{ kind: 'overrideAsked', facts, since: askedAt, action: 'override' }];
  }
  if (report.tier !== 'hard') return [];
  const failed = report.conditions.filter(({ result }) => result === 'fail');
  const problem = failed.map(({ check, detail }) => detail ?? check).join('; ');
  const facts = { fromPhase: report.fromPhase, toPhase: report.toPhase, problem };
  const action = failed.every(({ check }) => check === 'artifact_exists') ? 'artifact' : 'report';
  return [{ kind: 'gateFailed', facts, since: held.since, action }];
}

/** Undefined if it cannot be judged, as for a run in its last phase. */
function judge(r: Reader, run: Run, { tier, upstreams }: GateView): GateReport | undefined {
  try {
    const elsewhere = upstreams(run);
    return checkGateOf(r, run, { tier, applySkips: true, ...(elsewhere && { upstreams: elsewhere }) });
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}

export function budgetItem({ level, tokens, cost }: NonNullable<ReturnType<typeof budgetUse>>): ItemFacts[] {
  if (level === 'ok') return [];
  const [measure, gauge] = tokens.level === level ? (['tokens', tokens] as const) : (['cost', cost] as const);
  const facts = { used: amountOf(measure, gauge.used), limit: amountOf(measure, gauge.limit ?? 0) };
  const kind = level === 'exceeded' ? 'budgetExceeded' : 'budgetWarning';
  return [{ kind, facts, since: null, action: 'budget' }];
}

/** `1200 tokens`, or dollars. */
function amountOf(measure: Measure, amount: Gauge['used']): string {
  return measure === 'tokens' ? counted(amount, 'tokens') : `$${(amount / 1_000_000).toFixed(2)}`;
}

function ofRun(run: Run): Pick<ItemDraft, 'title' | 'ids' | 'place'> {
  return { title: run.goal, ids: { runId: run.id }, place: { kind: 'run', runId: run.id } };
}
