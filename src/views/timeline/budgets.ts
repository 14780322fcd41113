/**
 * What a run used, over time and against its budget, as its timeline draws it
 * (`docs/design/formats.md#tokens-and-budgets`). Pure.
 */
import type { BudgetPicture, UsePoint } from '../../contract/pages/timeline';
import type { UsageStep } from '../../kernel/budget/history';
import { MEASURES, type Gauge, type Measure } from '../../kernel/budget/model';
import { isActive } from '../../kernel/dispatch/machine';
import { gaugeDetail } from '../projections/budgetWords';
import { beginOf, type TimelineFacts, type TimelineContext } from './facts';

export function budgetPictures(context: TimelineContext, facts: TimelineFacts): BudgetPicture[] {
  const { budget } = facts;
  if (budget === undefined) return [];
  return MEASURES.filter((measure) => saysAnything(measure, budget[measure])).map((measure) =>
    budgetPicture(context, facts, measure, budget[measure]),
  );
}

/** Most agents do not report their cost, so unknown cost alone gets no chart. */
function saysAnything(measure: Measure, { limit, used, reserved, unknown }: Gauge): boolean {
  return limit !== null || used + reserved > 0 || (measure === 'tokens' && unknown > 0);
}

function budgetPicture(
  context: TimelineContext,
  { usage, dispatches, now }: TimelineFacts,
  measure: Measure,
  gauge: Gauge,
): BudgetPicture {
  const { l10n } = context;
  const points = pointsOf(usage, measure, now);
  const begins = dispatches.filter(({ status }) => isActive(status)).map(beginOf);
  // Drawn on top of the usage, so not before the usage.
  const from = Math.max(points.findLast(({ at }) => at < now)?.at ?? 0, begins.length > 0 ? Math.min(...begins) : now);
  return {
    measure,
    label: measure === 'tokens' ? l10n.t('Tokens') : l10n.t('Cost'),
    points,
    limit: gauge.limit,
    ...(gauge.reserved === 0 ? {} : { reserved: { from, amount: gauge.reserved } }),
    level: gauge.level,
    ...(gauge.limit === null ? {} : { gauge: sharesOf(gauge, gauge.limit) }),
    spoken: gaugeDetail(context, measure, gauge),
  };
}

/** A dispatch counts when it ends, for only then is it known for all kinds of agents; a running one counts by now. */
function pointsOf(usage: readonly UsageStep[], measure: Measure, now: number): UsePoint[] {
  const points: UsePoint[] = [];
  let amount = 0;
  for (const { endedAt, usage: of } of usage) {
    const { used, unknown } = of[measure];
    if (used === 0 && unknown === 0) continue;
    amount += used;
    const at = endedAt ?? now;
    const last = points.at(-1);
    const isReported = unknown === 0 && (last?.at !== at || last.isReported);
    if (last?.at === at) points.pop();
    points.push({ at, amount, isReported });
  }
  return points;
}

function sharesOf({ used, estimated, reserved }: Gauge, limit: number): NonNullable<BudgetPicture['gauge']> {
  const whole = Math.max(1, limit, used + reserved);
  return {
    reported: (used - estimated) / whole,
    estimated: estimated / whole,
    reserved: reserved / whole,
    limit: limit / whole,
  };
}
