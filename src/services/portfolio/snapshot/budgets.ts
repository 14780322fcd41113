/** A portfolio's use of its budget, over its own database and those of its children (`docs/design/portfolios.md`). */
import type { BudgetState } from '../../../kernel/budget/model';
import { isLimited } from '../../../kernel/budget/reservation/reservations';
import { runUsage, budgetStateOf } from '../../../kernel/budget/budgetState';
import { plusUsage } from '../../../kernel/budget/usage';
import { selectLimits } from '../../../kernel/budget/useStore';
import { childrenOf } from '../../../kernel/portfolio/service';
import type { PortfolioRecords } from '../relay/childReadings';

/** The same, only for a portfolio with a budget. */
export function limitedPortfolioBudgetState(home: PortfolioRecords, portfolioId: string): BudgetState | undefined {
  const limits = home.kernel.read((r) => selectLimits(r, portfolioId));
  return limits !== undefined && isLimited(limits) ? portfolioBudgetState(home, portfolioId) : undefined;
}

/** Reads only memory. An unreadable child counts with the rows of the portfolio's own database. */
export function portfolioBudgetState(home: PortfolioRecords, portfolioId: string): BudgetState | undefined {
  const limits = home.kernel.read((r) => selectLimits(r, portfolioId));
  if (limits === undefined) return undefined;
  const own = home.kernel.read((r) => runUsage(r, portfolioId));
  const usages = home.kernel
    .read((r) => childrenOf(r, portfolioId))
    .flatMap(({ id, projectDir }) => {
      const kernel = home.childKernel(projectDir);
      const isRead = kernel.path !== home.kernel.path && ['ready', 'readOnly'].includes(kernel.state.kind);
      return isRead ? [kernel.read((r) => runUsage(r, id))] : [];
    });
  return budgetStateOf(limits, usages.reduce(plusUsage, own));
}
