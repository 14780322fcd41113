/** Budgets in words, for rows and hovers: what is used and held of which limit, and how sure that is. */
import { inWords } from '../../kernel/errors/reasons/fill';
import { amountText } from '../../kernel/budget/amounts';
import type { BudgetState, Forecast, Gauge, Measure } from '../../kernel/budget/model';
import { MEASURES } from '../../kernel/budget/model';
import type { ViewContext } from './viewContext';

type WordsOf = Pick<ViewContext, 'l10n' | 'formats'>;
type Figures = Pick<BudgetState, 'tokens' | 'cost'> & Pick<Partial<BudgetState>, 'forecast'>;

/** For a row's description: `12.3K of 50K tokens, near its limit`; undefined without a budget. */
export function gaugeWords(context: ViewContext, figures: Figures): string | undefined {
  const { l10n } = context;
  const parts = MEASURES.flatMap((measure) => {
    const { limit, used, reserved, level } = figures[measure];
    if (limit === null) return [];
    const of = l10n.t(
      '{0} of {1}',
      shortAmount(context, measure, used, false),
      shortAmount(context, measure, limit, true),
    );
    const state =
      level === 'exceeded'
        ? l10n.t('over budget')
        : level === 'warning'
          ? l10n.t('near its budget')
          : used + reserved >= limit
            ? l10n.t('all reserved')
            : undefined;
    return [state === undefined ? of : `${of}, ${state}`];
  });
  return parts.length === 0 ? undefined : parts.join(' · ');
}

/** For hovers: a fact for each known measure, and the forecast. */
export function budgetFacts(context: ViewContext, figures: Figures): (readonly [string, string])[] {
  const { l10n } = context;
  const { tokens, cost, forecast } = figures;
  const facts: (readonly [string, string])[] = [[l10n.t('Tokens'), gaugeDetail(context, 'tokens', tokens)]];
  if (cost.limit !== null || cost.used > 0) facts.push([l10n.t('Cost'), gaugeDetail(context, 'cost', cost)]);
  return forecast === undefined ? facts : [...facts, [l10n.t('To finish'), forecastWords(context, forecast)]];
}

/** What the rest of a task may use, and what that is judged by. */
export function forecastWords(context: WordsOf, forecast: Forecast): string {
  const amount = [amountWords(context, 'tokens', forecast.tokens)];
  if (forecast.cost !== null) amount.push(amountWords(context, 'cost', forecast.cost));
  const { remaining, samples } = forecast;
  return inWords(
    context.l10n,
    'about {0} for {1} subtasks, based on the median of {2} merged',
    amount.join(', '),
    String(remaining),
    String(samples),
  );
}

/** Used of its limit, held, and how sure that is: `13,750 of 20,000, 2,000 reserved`. */
export function gaugeDetail(context: WordsOf, measure: Measure, gauge: Gauge): string {
  const { l10n } = context;
  const { limit, used, reserved, estimated, unknown, level } = gauge;
  const words = (amount: number): string => amountWords(context, measure, amount);
  return [
    limit === null ? words(used) : l10n.t('{0} of {1}', words(used), words(limit)),
    reserved === 0 ? undefined : l10n.t('{0} reserved', words(reserved)),
    estimated === 0 ? undefined : l10n.t('{0} of it estimated', words(estimated)),
    unknown === 0 ? undefined : unknownWords(context, unknown),
    level === 'exceeded' ? l10n.t('over budget') : level === 'warning' ? l10n.t('near its budget') : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

export function unknownWords({ l10n }: WordsOf, count: number): string {
  return inWords(l10n, 'usage of {0} dispatches unknown', count);
}

function amountWords({ formats }: WordsOf, measure: Measure, amount: number): string {
  return measure === 'tokens' ? formats.count(amount) : amountText('cost', amount);
}

function shortAmount({ l10n, formats }: ViewContext, measure: Measure, amount: number, isNamed: boolean): string {
  if (measure === 'cost') return amountText('cost', amount);
  return isNamed ? inWords(l10n, '{0} tokens', formats.amount(amount)) : formats.amount(amount);
}
