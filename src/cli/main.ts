/** The `ic` command: the same kernel for scripts, hooks and agents (design §11). */
import { runCli } from './run';
import { processStreams } from './streams';

void (async () => {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      stop.abort();
    });
  const streams = processStreams();
  process.exitCode = await runCli(process.argv.slice(2), {
    streams,
    env: process.env,
    physicalCwd: process.cwd(),
    stdin: process.stdin,
    stopped: stop.signal,
  });
})();
