/** Fills the demo's folders with history and a record: two repositories, a portfolio over both, a run in each. */
import path from 'node:path';
import { createRepository, PARCEL_API, PARCEL_WEB } from './repositories';
import { API_RUN, seedRun, WEB_RUN } from './runs';
import { portfolioLocation } from '../../host/files/paths';
import { createPortfolioRun } from '../portfolio/create';
import { PortfolioHome } from '../portfolio/home/home';
import { demoKernelDeps } from './records';

export interface DemoFolders {
  /** The folder of the workspace file. */
  readonly parent: string;
  readonly api: string;
  readonly web: string;
}

/** The two folders of the demo workspace below `parent`. */
export const demoFolders = (parent: string): DemoFolders => ({
  parent,
  api: path.join(parent, 'parcel-api'),
  web: path.join(parent, 'parcel-web'),
});

/**
 * Creates the two repositories, a portfolio over both, and a run in each, in different phases. The runs are created
 * last, so that they are the current ones. Both folders must be missing or empty.
 */
export async function seedDemo({ parent, api, web }: DemoFolders): Promise<void> {
  await Promise.all([createRepository(api, PARCEL_API), createRepository(web, PARCEL_WEB)]);
  await seedPortfolio(parent, api, web);
  await Promise.all([seedRun(api, API_RUN), seedRun(web, WEB_RUN)]);
}

/** Creates the portfolio of the workspace file in `parent`: the page depends on the service. */
async function seedPortfolio(parent: string, service: string, page: string): Promise<void> {
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
