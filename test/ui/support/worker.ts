/** A process that runs UI test files one after the other, in windows that they share. It ends with its parent's channel. */
import Mocha from 'mocha';
import * as z from 'zod';
import { RESULTS_OPTION } from '../../support/vscode/results';
import { endSharing, startSharing } from './sharedWindow';

const request = z.object({
  file: z.string(),
  results: z.string(),
  reporter: z.string(),
  timeoutMs: z.number(),
  color: z.boolean().default(false),
  grep: z.string().optional(),
  /** The last line of what is shown starts with it, followed by the number of failures. */
  end: z.string(),
});

async function runFile(wanted: z.infer<typeof request>): Promise<void> {
  const mocha = new Mocha({
    timeout: wanted.timeoutMs,
    reporter: wanted.reporter,
    reporterOptions: { [RESULTS_OPTION]: wanted.results },
    color: wanted.color,
    ...(wanted.grep === undefined ? { forbidOnly: true } : { grep: new RegExp(wanted.grep) }),
  });
  mocha.addFile(wanted.file);
  const failures = await new Promise<number>((resolve) => {
    mocha.run(resolve);
  });
  mocha.unloadFiles();
  process.stdout.write(`\n${wanted.end}${failures}\n`);
}

let runs = Promise.resolve();
const stop = (): void => void endSharing().finally(() => process.exit());

startSharing();
process.on('message', (message) => {
  runs = runs.then(() => runFile(request.parse(message)));
});
process.once('disconnect', stop);
