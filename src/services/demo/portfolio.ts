/** A portfolio over both of the demo's repositories. */
import { portfolioLocation } from '../../host/files/paths';
import { createPortfolioRun } from '../portfolio/create';
import { PortfolioHome } from '../portfolio/home/home';
import { demoKernelDeps } from './records';

/** Creates the portfolio of the workspace file in `parent`: the page depends on the service. */
export async function seedPortfolio(parent: string, service: string, page: string): Promise<void> {
  const home = new PortfolioHome({
    location: portfolioLocation(parent),
    kernelDeps: demoKernelDeps(),
    openKernel: () => undefined,
  });
  try {
    await createPortfolioRun(home, {
      goal: 'Call the place of a parcel its location',
      folders: [service, page],
      phases: ['executing', 'review', 'done'],
      maxDispatches: 2,
      dependencies: [{ upstream: service, downstream: page }],
    });
  } finally {
    await home.dispose();
  }
}
