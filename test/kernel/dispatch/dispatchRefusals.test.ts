import type { DispatchEnding, ProcessFacts } from '../../../src/kernel/dispatch/model';
import { getDispatch, pruneDispatches, recordProgress, setTokens } from '../../../src/kernel/dispatch/service';
import { dispatchVerbs } from '../../support/dispatch/dispatches';
import { openTestKernel, type TestKernel } from '../../support/records/kernel';

describe('dispatches', () => {
  let kernel: TestKernel;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const { create, run, end, refuses } = dispatchVerbs(() => kernel);

  describe('refuse', () => {
    it('unknown ids', () => {
      refuses(() => run('unknown'), 'NOT_FOUND');
      refuses(() => end('unknown', { status: 'failed' }), 'NOT_FOUND');
      refuses(() => kernel.write((u) => recordProgress(u, 'unknown', { turns: 1 })), 'NOT_FOUND');
      refuses(() => kernel.write((u) => setTokens(u, 'unknown', { inputTokens: 1 })), 'NOT_FOUND');
      refuses(() => kernel.read((r) => getDispatch(r, 'unknown')), 'NOT_FOUND');
    });

    it('bad requests', () => {
      const bad: Record<string, unknown>[] = [
        { agentType: '' },
        { agentType: 'x'.repeat(65) },
        { projectDir: '' },
        { projectDir: '/'.repeat(4097) },
        { name: 'a\0b' },
        { model: '' },
        { timeoutSec: 0 },
        { timeoutSec: 1.5 },
        { scopeId: '' },
        { color: 'red' },
      ];
      for (const input of bad) refuses(() => create(input), 'INVALID_ARGUMENT');
    });

    it('bad process facts', () => {
      const { id } = create();
      const bad: Partial<ProcessFacts>[] = [
        { pid: 0 },
        { pid: -1 },
        { pid: 1.5 },
        { argv: [] },
        { cwd: '' },
        { host: '' },
        { startToken: '' },
      ];
      for (const facts of bad) refuses(() => run(id, facts), 'INVALID_ARGUMENT');
    });

    it('bad endings and figures', () => {
      const { id } = create();
      const endings: Record<string, unknown>[] = [
        { status: 'running' },
        { status: 'done' },
        { status: 'failed', exitCode: 0.5 },
        { status: 'failed', color: 'red' },
      ];
      for (const ending of endings) refuses(() => end(id, ending as DispatchEnding), 'INVALID_ARGUMENT');
      for (const figures of [{ turns: -1 }, { inputTokens: 2 ** 53 }, { costUsd: Infinity }, { sessionId: '' }]) {
        refuses(() => kernel.write((u) => recordProgress(u, id, figures)), 'INVALID_ARGUMENT');
      }
      for (const tokens of [{}, { inputTokens: undefined }, { cacheHits: -1 }, { outputTokens: NaN }]) {
        refuses(() => kernel.write((u) => setTokens(u, id, tokens)), 'INVALID_ARGUMENT');
      }
      refuses(() => kernel.write((u) => pruneDispatches(u, -1)), 'INVALID_ARGUMENT');
    });
  });
});
