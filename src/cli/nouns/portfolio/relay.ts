/**
 * `ic portfolio relay`: copies events from the children's databases to the portfolio's until it is stopped
 * (`docs/design/portfolios.md#relay`).
 */
import { systemClock } from '../../../host/clock';
import type { ProjectKernel } from '../../../services/record/projectKernel';
import { Relay } from '../../../services/portfolio/relay/relay';
import { UsageError } from '../../grammar/argv';
import type { CliCommand } from '../../command/command';
import { EXIT } from '../../command/command';
import { formatDuration } from '../../grammar/duration';
import { durationOf, positional } from '../../grammar/values';

const DEFAULT_INTERVAL_MS = 2000;

export const relay: CliCommand = {
  words: ['portfolio', 'relay'],
  summary: "Copy the children's events to the portfolio until stopped.",
  operands: '<portfolio>',
  flags: [{ name: 'interval', value: 'DURATION', doc: 'How often to check (2s)' }],
  async run(context) {
    const { args, out, stopped } = context;
    const portfolioId = positional(args, 0, context.usage);
    const intervalMs = durationOf(args, 'interval') ?? DEFAULT_INTERVAL_MS;
    if (intervalMs <= 0) throw new UsageError(`invalid interval: ${args.values.get('interval') ?? ''}`);
    const session = await context.session();
    if (session.newer !== undefined) throw session.newer;
    const kernels = new Map<string, ProjectKernel>();
    const childKernel = (folder: string): ProjectKernel => {
      const kernel = kernels.get(folder) ?? session.projectKernel(folder);
      kernels.set(folder, kernel);
      return kernel;
    };
    const relaying = new Relay({
      kernel: session.kernel,
      portfolioId,
      childKernel,
      clock: systemClock,
      onRelayed: ({ projectDir, type, fromPhase, toPhase }) =>
        out.note(`[relay] ${projectDir}: ${type} ${fromPhase}→${toPhase}`),
      onProblem: (projectDir, error) => out.note(`[relay] skip ${projectDir}: ${error.message}`),
    });
    out.note(`[relay] starting for portfolio ${portfolioId} (interval=${formatDuration(intervalMs)})`);
    try {
      await relaying.run(intervalMs, stopped, (error) => out.note(`[relay] poll error: ${String(error)}`));
      out.note('\n[relay] shutting down...');
    } finally {
      for (const kernel of kernels.values()) await kernel.dispose();
    }
    out.note('[relay] stopped');
    return EXIT.ok;
  },
};
