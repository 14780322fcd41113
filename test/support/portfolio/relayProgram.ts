/**
 * A program that cycles a portfolio's relay once and kills itself at a step of the first save that this takes. Its only
 * argument is a `RelayTask` as JSON.
 */
import * as z from 'zod';
import { systemClock } from '../../../src/host/clock';
import { SAVE_STEPS } from '../../../src/host/image/imageFile';
import { portfolioLocation } from '../../../src/host/files/paths';
import { PortfolioHome } from '../../../src/services/portfolio/home/home';
import { Relay } from '../../../src/services/portfolio/relay/relay';
import { testDeps } from '../projects';

const relayTask = z.strictObject({ home: z.string(), portfolioId: z.string(), dieAt: z.enum(SAVE_STEPS) });
export type RelayTask = z.infer<typeof relayTask>;

async function main({ home: folder, portfolioId, dieAt }: RelayTask): Promise<void> {
  const home = new PortfolioHome({
    location: portfolioLocation(folder),
    kernelDeps: testDeps({
      onStep: (step) => {
        if (step === dieAt) process.kill(process.pid, 'SIGKILL');
      },
    }),
    openKernel: () => undefined,
  });
  await home.load();
  const { kernel } = home;
  await new Relay({ kernel, portfolioId, childKernel: (dir) => home.childKernel(dir), clock: systemClock }).cycle();
  await home.dispose();
}

if (require.main === module) {
  main(relayTask.parse(JSON.parse(process.argv[2] ?? ''))).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
