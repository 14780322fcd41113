/**
 * The budget of a task as the board's gauges (`docs/design/formats.md#tokens-and-budgets`): used and held against each
 * limit, and how sure that is.
 */
import type { BoardGauge } from '../../contract/pages/board';
import { MEASURES, type BudgetState, type Measure } from '../../kernel/budget/model';
import type { Task } from '../../kernel/tasks/record/model';
import { gaugeDetail, gaugeWords, unknownWords } from '../projections/budgetWords';
import type { FolderRecord } from '../projections/record/folderRecord';
import type { ViewContext } from '../projections/viewContext';

/** It is its run's; undefined without one. The same object until something of it may differ. */
export function taskBudget(record: FolderRecord, { runId }: Task): BudgetState | undefined {
  return record.budgets.ofRun({ id: runId, projectDir: record.folder });
}

/** One for each limit. */
export function gaugesOf(context: ViewContext, budget: BudgetState | undefined): BoardGauge[] {
  return MEASURES.flatMap((measure) => {
    const gauge = budget?.[measure];
    if (gauge === undefined || gauge.limit === null) return [];
    const { limit, used, reserved, unknown, level } = gauge;
    const share = (amount: number): number => (limit === 0 ? 1 : Math.min(1, amount / limit));
    return [
      {
        name: nameOf(context, measure),
        text: gaugeDetail(context, measure, gauge),
        used: share(used),
        held: share(used + reserved) - share(used),
        isSure: unknown === 0,
        level,
      },
    ];
  });
}

/** As on the rows of the tree, and the unknown usage, which is not zero. Empty without a budget. */
export function budgetWords(context: ViewContext, budget: BudgetState | undefined): string {
  const words = budget === undefined ? undefined : gaugeWords(context, budget);
  if (budget === undefined || words === undefined) return '';
  const unknown = Math.max(
    ...MEASURES.map((measure) => (budget[measure].limit === null ? 0 : budget[measure].unknown)),
  );
  return unknown === 0 ? words : `${words} · ${unknownWords(context, unknown)}`;
}

function nameOf({ l10n }: ViewContext, measure: Measure): string {
  return { tokens: l10n.t('Token budget'), cost: l10n.t('Cost budget') }[measure];
}
