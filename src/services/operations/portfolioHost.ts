/** How operations on portfolios find the portfolio of their arguments. */
import { KernelError } from '../../kernel/errors/errors';
import { projectsIn } from '../../kernel/portfolio/service';
import type { Run } from '../../kernel/run/record/model';
import { findRun } from '../../kernel/run/record/queries';
import type { Reader } from '../../kernel/unit';
import type { OperationHost, WindowPortfolios } from './host';

/** @throws KernelError `NO_PORTFOLIO_HOME` in a window without a workspace file. */
export function portfoliosOf({ portfolios }: OperationHost, action: string): WindowPortfolios {
  if (portfolios === undefined) throw new KernelError('NO_PORTFOLIO_HOME', { action });
  return portfolios;
}

/**
 * The window's portfolios, loaded, with the portfolio of the arguments.
 * @throws KernelError `NO_PORTFOLIO_HOME`, `NOT_FOUND`, or why the portfolios' database cannot be read.
 */
export async function holderOf(host: OperationHost, portfolioId: string, action: string): Promise<WindowPortfolios> {
  const portfolios = portfoliosOf(host, action);
  const { home } = portfolios;
  await home.load();
  if (home.kernel.state.kind === 'missing') throw noPortfolio(portfolioId);
  home.kernel.read((reader) => getPortfolio(reader, portfolioId));
  return portfolios;
}

/** @throws KernelError `NOT_FOUND`, also for a run that is not a portfolio. */
export function getPortfolio(reader: Reader, portfolioId: string): Run {
  const run = findRun(reader, portfolioId);
  if (run?.projectDir !== '') throw noPortfolio(portfolioId);
  return run;
}

/** The projects of a portfolio's children, in the order they were added. */
export function projectsOf(reader: Reader, portfolioId: string): readonly string[] {
  return projectsIn(reader, portfolioId);
}

function noPortfolio(id: string): KernelError {
  return new KernelError('NOT_FOUND', { what: 'portfolio', id });
}
