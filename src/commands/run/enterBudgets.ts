/** Set Budget: tokens, then cost, with Back between them; values that the caller gave are not asked for. */
import * as vscode from 'vscode';
import type { OperationInput } from '../../contract/surfaces/api';
import { microsOf, usdOf } from '../../kernel/budget/amounts';
import { defined } from '../../kernel/defined';
import { askInSteps, enter, type StepPosition } from '../../window/dialogs/ask';
import { enterBudget } from './createRun';

interface Given {
  readonly tokenBudget?: number | null | undefined;
  readonly costBudgetUsd?: number | null | undefined;
  readonly budgetWarnPct?: number | undefined;
}

/** Does not ask when the caller gave one of the two budgets. */
export async function askBudgets(
  title: string,
  { tokenBudget, costBudgetUsd, budgetWarnPct }: Given,
  now: { readonly tokens: number | null; readonly costMicros: number | null },
): Promise<Pick<OperationInput<'budgets.set'>, 'tokens' | 'costUsd' | 'warnPct'>> {
  const warn = budgetWarnPct === undefined ? {} : { warnPct: budgetWarnPct };
  if (tokenBudget !== undefined || costBudgetUsd !== undefined) {
    return {
      ...defined({ tokens: tokenBudget, costUsd: costBudgetUsd }),
      ...warn,
    };
  }
  const draft = { tokens: now.tokens, costUsd: now.costMicros === null ? null : usdOf(now.costMicros) };
  await askInSteps([
    {
      applies: () => true,
      ask: async (place) => {
        draft.tokens = (await enterBudget(title, draft.tokens, place)) ?? null;
      },
    },
    {
      applies: () => true,
      ask: async (place) => {
        draft.costUsd = await enterCost(title, draft.costUsd, place);
      },
    },
  ]);
  return { ...draft, ...warn };
}

/** US dollars, or null for an empty line. */
async function enterCost(title: string, value: number | null, place: StepPosition): Promise<number | null> {
  const text = await enter(
    {
      title,
      placeholder: vscode.l10n.t('Cost budget in US dollars (leave empty for none)'),
      value: value === null ? '' : String(value),
      problem: (given) =>
        given.trim() === '' || dollarsOf(given) !== undefined
          ? undefined
          : vscode.l10n.t('Enter an amount in US dollars greater than 0, such as 2.50.'),
    },
    place,
  );
  return dollarsOf(text) ?? null;
}

/** Undefined where the text is no amount above a millionth. */
function dollarsOf(text: string): number | undefined {
  const amount = /^\$?\s*(\d{1,6}(?:\.\d+)?)$/.exec(text.trim())?.[1];
  return amount === undefined || microsOf(Number(amount)) === 0 ? undefined : Number(amount);
}
