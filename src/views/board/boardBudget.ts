/**
 * The budget of a task as the board's gauges (`docs/design/formats.md#tokens-and-budgets`): used and held against each
 * limit, and how sure that is.
 */
import type { BoardGauge } from '../../contract/pages/board';
import { MEASURES, type BudgetStanding, type Measure } from '../../kernel/budget/model';
import type { Task } from '../../kernel/tasks/record/model';
import { gaugeDetail, gaugeWords, unknownWords } from '../projections/budget/budgetWords';
import type { FolderRecord } from '../projections/folderRecord';
import type { Scene } from '../projections/scene';

/** It is its run's; undefined without one. The same object until something of it may differ. */
export function taskBudget(record: FolderRecord, { runId }: Task): BudgetStanding | undefined {
  return record.budgets.ofRun({ id: runId, projectDir: record.folder });
}

/** One for each limit. */
export function gaugesOf(scene: Scene, budget: BudgetStanding | undefined): BoardGauge[] {
  return MEASURES.flatMap((measure) => {
    const gauge = budget?.[measure];
    if (gauge === undefined || gauge.limit === null) return [];
    const { limit, used, reserved, unknown, level } = gauge;
    const share = (amount: number): number => (limit === 0 ? 1 : Math.min(1, amount / limit));
    return [
      {
        name: nameOf(scene, measure),
        text: gaugeDetail(scene, measure, gauge),
        used: share(used),
        held: share(used + reserved) - share(used),
        isSure: unknown === 0,
        level,
      },
    ];
  });
}

/** As on the rows of the tree, and what nobody knows: that is not zero. Empty without a budget. */
export function budgetWords(scene: Scene, budget: BudgetStanding | undefined): string {
  const words = budget === undefined ? undefined : gaugeWords(scene, budget);
  if (budget === undefined || words === undefined) return '';
  const unknown = Math.max(
    ...MEASURES.map((measure) => (budget[measure].limit === null ? 0 : budget[measure].unknown)),
  );
  return unknown === 0 ? words : `${words} · ${unknownWords(scene, unknown)}`;
}

function nameOf({ l10n }: Scene, measure: Measure): string {
  return { tokens: l10n.t('Token budget'), cost: l10n.t('Cost budget') }[measure];
}
