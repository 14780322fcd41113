/**
 * A program that makes a portfolio and kills itself at a step of one of the saves that this takes. Its only argument
 * is a `PortfolioTask` as JSON. It prints `made <id>` if it lives that long.
 */
import { writeSync } from 'node:fs';
import * as z from 'zod';
import { SAVE_STEPS } from '../../../src/host/image/imageFile';
import { portfolioLocation } from '../../../src/host/files/paths';
import { createPortfolioRun } from '../../../src/services/portfolio/create';
import { PortfolioHome } from '../../../src/services/portfolio/home/home';
import { testDeps } from '../projects';

const portfolioTask = z.strictObject({
  home: z.string(),
  folders: z.array(z.string()),
  /** Dies by SIGKILL at this step of the save with this number, counted from 1 over all databases. */
  dieAt: z.strictObject({ step: z.enum(SAVE_STEPS), save: z.int() }),
});
export type PortfolioTask = z.infer<typeof portfolioTask>;

async function main({ home: folder, folders, dieAt }: PortfolioTask): Promise<void> {
  let saves = 0;
  const home = new PortfolioHome({
    location: portfolioLocation(folder),
    kernelDeps: testDeps({
      onStep: (step) => {
        if (step === 'locked') saves += 1;
        if (step === dieAt.step && saves === dieAt.save) process.kill(process.pid, 'SIGKILL');
      },
    }),
    openKernel: () => undefined,
  });
  const { portfolio } = await createPortfolioRun(home, { goal: 'Killed', folders });
  writeSync(1, `made ${portfolio.id}\n`);
  await home.dispose();
}

if (require.main === module) {
  main(portfolioTask.parse(JSON.parse(process.argv[2] ?? ''))).catch((error: unknown) => {
    writeSync(2, `${String(error)}\n`);
    process.exitCode = 1;
  });
}
