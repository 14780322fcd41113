/** Operations on budgets. */
import type { OperationArgs } from '../../../contract/surfaces/api';
import { microsOf } from '../../../kernel/budget/amounts';
import type { BudgetState } from '../../../kernel/budget/model';
import { dispatchBudgetState, type DispatchBudgetState } from '../../../kernel/budget/reservation/dispatchBudgetState';
import { setRunBudget } from '../../../kernel/budget/reservation/limits';
import { budgetState } from '../../../kernel/budget/budgetState';
import { KernelError } from '../../../kernel/errors/errors';
import { because } from '../../../kernel/errors/reasons/problem';
import type { NotFoundSubject } from '../../../kernel/errors/subjects';
import { portfolioBudgetState } from '../../portfolio/snapshot/budgets';
import { defined } from '../../../kernel/defined';
import { kernelOf, type OperationHost } from '../host';
import type { Implementation } from '../implementation';
import { holderOf } from '../portfolioHost';

type Owner = Pick<OperationArgs<'budgets.get'>, 'folder' | 'runId' | 'portfolioId' | 'dispatchId'>;

export const budgetOperations: Implementation<'budgets'> = {
  'budgets.get': (host, where) => state(host, where),
  'budgets.set': async (host, { tokens, costUsd, warnPct, ...where }) => {
    const cost = costUsd === undefined || costUsd === null ? costUsd : microsOf(costUsd);
    const amounts = defined({ tokens, cost });
    const input = { ...amounts, ...defined({ warnPct }) };
    const { runId, portfolioId, dispatchId } = ownerOf(where);
    if (portfolioId !== undefined) {
      const { home } = await holderOf(host, portfolioId, 'change budgets');
      await home.kernel.write((u) => setRunBudget(u, portfolioId, input));
    } else if (runId !== undefined) {
      const kernel = await kernelOf(host, where, 'budgets.set');
      await kernel.write((u) => setRunBudget(u, runId, input));
    } else if (dispatchId !== undefined) {
      const kernel = await kernelOf(host, where, 'budgets.set');
      await host.dispatcher.setBudget(kernel, dispatchId, amounts);
    }
    return await state(host, where);
  },
};

async function state(host: OperationHost, where: Owner): Promise<BudgetState | DispatchBudgetState> {
  const { runId, portfolioId, dispatchId } = ownerOf(where);
  if (portfolioId !== undefined) {
    const { home } = await holderOf(host, portfolioId, 'view budgets');
    return portfolioBudgetState(home, portfolioId) ?? notFound('portfolio', portfolioId);
  }
  const kernel = await kernelOf(host, where, 'budgets.get');
  return kernel.read((r) => {
    if (runId !== undefined) return budgetState(r, runId) ?? notFound('run', runId);
    const id = dispatchId ?? '';
    return dispatchBudgetState(r, id) ?? notFound('dispatch', id);
  });
}

/** @throws KernelError `INVALID_ARGUMENT` unless exactly one id is given */
function ownerOf({ runId, portfolioId, dispatchId }: Owner): Omit<Owner, 'folder'> {
  const given = [runId, portfolioId, dispatchId].filter((id) => id !== undefined);
  if (given.length === 1) return { runId, portfolioId, dispatchId };
  const problem = because('give exactly one of runId, portfolioId and dispatchId');
  throw new KernelError('INVALID_ARGUMENT', { argument: 'runId', problem });
}

function notFound(what: NotFoundSubject, id: string): never {
  throw new KernelError('NOT_FOUND', { what, id });
}
