import assert from 'node:assert/strict';
import fc from 'fast-check';
import { budgetLevel } from '../../../src/kernel/budget/rules';
import { budgetStatus, checkBudget, runTokens } from '../../../src/kernel/budget/service';
import { createDispatch, setTokens } from '../../../src/kernel/dispatch/service';
import type { DispatchTokens } from '../../../src/kernel/dispatch/model';
import type { CreateRunInput } from '../../../src/kernel/run/record/model';
import { createRun } from '../../../src/kernel/run/record/runs';
import { getState } from '../../../src/kernel/state/service';
import { dumpDatabase, openTestKernel, type TestKernel } from '../../support/records/kernel';

describe('budgets', () => {
  let kernel: TestKernel;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const newRun = (input: Partial<CreateRunInput> = {}): string =>
    kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g', ...input })).id;
  const use = (scopeId: string, tokens: DispatchTokens): string =>
    kernel.write((u) => {
      const { id } = createDispatch(u, { agentType: 'claude', projectDir: '/p', scopeId });
      setTokens(u, id, tokens);
      return id;
    });
  const check = (runId: string) => kernel.write((u) => checkBudget(u, runId));
  const status = (runId: string) => kernel.read((r) => budgetStatus(r, runId));

  describe('token totals', () => {
    it('add up the dispatches of the run’s scope, and of no other', () => {
      const runId = newRun();
      use(runId, { inputTokens: 50, outputTokens: 40, cacheHits: 10 });
      use(runId, { inputTokens: 40, outputTokens: 5 });
      use(newRun(), { inputTokens: 1000 });
      assert.deepEqual(
        kernel.read((r) => runTokens(r, runId)),
        { inputTokens: 90, outputTokens: 45, cacheHits: 10, cacheHitsReported: true, totalTokens: 135 },
      );
    });

    it('say when no dispatch reported cache hits', () => {
      const runId = newRun();
      use(runId, { inputTokens: 1 });
      assert.equal(kernel.read((r) => runTokens(r, runId)).cacheHitsReported, false);
      use(runId, { cacheHits: 0 });
      assert.deepEqual(
        kernel.read((r) => runTokens(r, runId)),
        { inputTokens: 1, outputTokens: 0, cacheHits: 0, cacheHitsReported: true, totalTokens: 1 },
      );
    });

    it('are nothing for an unknown run', () => {
      assert.deepEqual(
        kernel.read((r) => runTokens(r, 'unknown')),
        { inputTokens: 0, outputTokens: 0, cacheHits: 0, cacheHitsReported: false, totalTokens: 0 },
      );
    });
  });

  it('are absent without a run or without a budget', () => {
    const without = newRun();
    kernel.exec(`UPDATE runs SET token_budget = 0 WHERE id = '${newRun({ goal: 'zero' })}'`);
    const before = dumpDatabase(kernel.kernel);
    assert.equal(status('unknown'), undefined);
    assert.equal(status(without), undefined);
    assert.equal(check(without), undefined);
    assert.equal(check('unknown'), undefined);
    assert.deepEqual(dumpDatabase(kernel.kernel), before);
  });

  it('tell where a run stands, again and again', () => {
    const runId = newRun({ tokenBudget: 100 });
    assert.deepEqual(status(runId), { runId, budget: 100, used: 0, usagePct: 0, warnPct: 80, level: 'ok' });
    const id = use(runId, { inputTokens: 40, outputTokens: 39, cacheHits: 1000 });
    assert.equal(status(runId)?.level, 'ok');
    kernel.write((u) => setTokens(u, id, { outputTokens: 40 }));
    assert.equal(status(runId)?.level, 'warning');
    kernel.write((u) => setTokens(u, id, { outputTokens: 95 }));
    for (let n = 0; n < 2; n += 1) {
      assert.deepEqual(status(runId), { runId, budget: 100, used: 135, usagePct: 135, warnPct: 80, level: 'exceeded' });
    }
    kernel.write((u) => setTokens(u, id, { outputTokens: 0 }));
    assert.equal(status(runId)?.level, 'ok');
  });

  it('report a crossing the first time only, and remember what was used', () => {
    const runId = newRun({ tokenBudget: 100, budgetWarnPct: 50 });
    const id = use(runId, { inputTokens: 49 });
    const flags = (): unknown[] => {
      const result = check(runId);
      return [result?.level, result?.firstWarning, result?.firstExceeded];
    };
    assert.deepEqual(flags(), ['ok', false, false]);
    kernel.write((u) => setTokens(u, id, { inputTokens: 50 }));
    assert.deepEqual(flags(), ['warning', true, false]);
    assert.deepEqual([...(kernel.touched?.runs ?? [])], [runId]);
    assert.deepEqual(flags(), ['warning', false, false]);
    assert.equal(kernel.touched?.runs.size, 0);
    kernel.write((u) => setTokens(u, id, { inputTokens: 200 }));
    assert.deepEqual(flags(), ['exceeded', false, true]);
    assert.deepEqual(flags(), ['exceeded', false, false]);
    kernel.clock.advance(10 * 365 * 86_400);
    assert.deepEqual(flags(), ['exceeded', false, false]);
    assert.equal(kernel.read((r) => getState(r, 'budget.warning', runId))?.payload, '{"used":50}');
    assert.equal(kernel.read((r) => getState(r, 'budget.exceeded', runId))?.payload, '{"used":200}');
  });

  it('report both crossings at once where usage jumps', () => {
    const runId = newRun({ tokenBudget: 10 });
    use(runId, { inputTokens: 10 });
    const result = check(runId);
    assert.deepEqual(
      { firstWarning: result?.firstWarning, firstExceeded: result?.firstExceeded },
      { firstWarning: true, firstExceeded: true },
    );
  });

  it('never warn before the first token where the threshold rounds to none', () => {
    const runId = newRun({ tokenBudget: 1 });
    assert.equal(status(runId)?.level, 'ok');
    use(runId, { inputTokens: 1 });
    const result = check(runId);
    assert.deepEqual(
      { level: result?.level, firstWarning: result?.firstWarning, firstExceeded: result?.firstExceeded },
      { level: 'exceeded', firstWarning: false, firstExceeded: true },
    );
  });

  it('read a missing warning percentage of another program as 80', () => {
    const runId = newRun({ tokenBudget: 100 });
    kernel.exec(`UPDATE runs SET budget_warn_pct = NULL WHERE id = '${runId}'`);
    assert.equal(status(runId)?.warnPct, 80);
  });

  it('have a level that only rises with usage', () => {
    const order = ['ok', 'warning', 'exceeded'];
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1 }), fc.integer({ min: 1, max: 99 }), (a, b, budget, pct) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const levels = [budgetLevel(low, budget, pct), budgetLevel(high, budget, pct)].map((l) => order.indexOf(l));
        assert.ok((levels[0] ?? 9) <= (levels[1] ?? -1));
        assert.equal(budgetLevel(budget, budget, pct), 'exceeded');
        assert.notEqual(budgetLevel(budget - 1, budget, pct), 'exceeded');
      }),
    );
  });
});
