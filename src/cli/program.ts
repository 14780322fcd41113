/**
 * The program behind `ic`: one command line from its arguments to its exit code (`docs/design/commandLine.md`).
 * `main.ts` starts it.
 */
import * as z from 'zod';
import { EXIT } from './command';
import { runCli } from './run';
import { processStreams } from './output/streams';

// A command is over before parsers that zod writes and compiles for each schema could pay for their making.
z.config({ jitless: true });

/** The command that ran to its end: what it compiled is kept for later calls. */
export const used: { part?: string } = {};

void (async () => {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      stop.abort();
    });
  const streams = processStreams(() => {
    stop.abort();
  });
  let command: string | undefined;
  const code = await runCli(process.argv.slice(2), {
    streams,
    env: process.env,
    physicalCwd: process.cwd(),
    stdin: () => process.stdin,
    stopped: stop.signal,
    found: (name) => {
      command = name;
    },
  });
  const isDone = code === EXIT.ok || code === EXIT.negative;
  if (isDone && command !== undefined) used.part = command;
  // Everything is written. Otherwise, Node would first finish compiling code that is no longer needed.
  process.exit(code);
})();
