/** The program behind `ic`: one command line from its arguments to its exit code (design §11). `main.ts` starts it. */
import * as z from 'zod';
import { runCli } from './run';
import { processStreams } from './streams';

// A command is over before parsers that zod writes and compiles for each schema could pay for their making.
z.config({ jitless: true });

void (async () => {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      stop.abort();
    });
  const streams = processStreams(() => {
    stop.abort();
  });
  const code = await runCli(process.argv.slice(2), {
    streams,
    env: process.env,
    physicalCwd: process.cwd(),
    stdin: () => process.stdin,
    stopped: stop.signal,
  });
  // Everything is written. Left to itself, Node would first finish compiling code that nobody needs any more.
  process.exit(code);
})();
