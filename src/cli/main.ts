/** The `ic` command: the same kernel for scripts, hooks and agents (design §11). */
import { setFlagsFromString } from 'node:v8';
import { runCli } from './run';
import { processStreams } from './streams';

// A command is over long before optimised WASM could pay for its making, which takes half the time of a short one.
setFlagsFromString('--wasm-tiering-budget=2000000000');

void (async () => {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      stop.abort();
    });
  const streams = processStreams();
  const code = await runCli(process.argv.slice(2), {
    streams,
    env: process.env,
    physicalCwd: process.cwd(),
    stdin: process.stdin,
    stopped: stop.signal,
  });
  // Everything is written. Left to itself, Node would first finish compiling code that nobody needs any more.
  process.exit(code);
})();
