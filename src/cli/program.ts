/**
 * The program behind `ic`: one command line from its arguments to its exit code (`docs/design/commandLine.md`).
 * `main.ts` starts it.
 */
import * as z from 'zod';
import { EXIT } from './command/command';
import { runCli } from './run';
import { processStreams } from './output/streams';

// A command ends before compiled parsers of zod would save the time that compiling them takes.
z.config({ jitless: true });

/** The command that finished: its compiled code is kept for later calls. */
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
  // Everything is written. Without this, Node would first finish compiling code that is no longer needed.
  process.exit(code);
})();
