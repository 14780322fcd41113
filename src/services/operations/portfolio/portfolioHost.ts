/** The dependencies of operations on portfolios, and how they find the portfolio of their arguments. */
import { KernelError } from '../../../kernel/errors/errors';
import { projectsIn } from '../../../kernel/portfolio/service';
import type { Run } from '../../../kernel/run/record/model';
import { findRun } from '../../../kernel/run/record/queries';
import type { Reader } from '../../../kernel/unit';
import type { PortfolioHome } from '../../portfolio/home';
import type { PortfolioRelays } from '../../portfolio/relay/relays';
import type { OperationHost } from '../host';

/** The portfolios of a window on a workspace file. */
export interface WindowPortfolios {
  readonly home: PortfolioHome;
  readonly relays: PortfolioRelays;
  /** Whether the workspace has a saved file. */
  readonly isSaved: boolean;
  /** Pauses or resumes a relay, also for the next time the workspace is opened. */
  setPaused(portfolioId: string, isPaused: boolean): Promise<void>;
}

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
