import assert from 'node:assert/strict';
import fc from 'fast-check';
import { forecastToFinish, budgetState } from '../../../src/kernel/budget/budgetState';
import {
  NEXT_RESERVATION_STATES,
  RESERVATION_STATES,
  reservationMayBecome,
  type ReservationState,
  MEASURES,
} from '../../../src/kernel/budget/model';
import { committed, usageOf, type DispatchUse } from '../../../src/kernel/budget/usage';
import { createDispatch, endDispatch, recordProgress, setTokens } from '../../../src/kernel/dispatch/service';
import { createPortfolio } from '../../../src/kernel/portfolio/service';
import { createRun } from '../../../src/kernel/run/record/runs';
import { openTestKernel, type TestKernel } from '../../support/records/kernel';

const amount = fc.integer({ min: 0, max: 1_000_000 });
const known = fc.option(amount, { nil: null });
const anyUse: fc.Arbitrary<DispatchUse> = fc.record({
  isActive: fc.boolean(),
  reservation: fc.option(fc.record({ state: fc.constantFrom(...RESERVATION_STATES), tokens: amount, cost: amount }), {
    nil: undefined,
  }),
  reported: fc.record({ tokens: known, cost: known }),
});

describe('the states of a reservation', () => {
  it('go from reserved to settled or released, once', () => {
    const allowed = new Set(['reserved settled', 'reserved released']);
    for (const from of RESERVATION_STATES) {
      for (const to of RESERVATION_STATES) {
        assert.equal(reservationMayBecome(from, to), allowed.has(`${from} ${to}`), `${from} → ${to}`);
      }
      assert.equal(new Set<ReservationState>(NEXT_RESERVATION_STATES[from]).has(from), false);
    }
  });
});

describe('what a dispatch counts for', () => {
  it('is its reservation or what it has used, whichever is more, while it works', () => {
    fc.assert(
      fc.property(anyUse, (use) => {
        for (const measure of MEASURES) {
          const count = usageOf([{ use: { ...use, isActive: true }, count: 1 }])[measure];
          const held = use.reservation?.[measure] ?? 0;
          assert.equal(committed(count), Math.max(held, use.reported[measure] ?? 0));
        }
      }),
    );
  });

  it('is what was reported once it has ended, and never zero where nothing was and something was reserved', () => {
    fc.assert(
      fc.property(anyUse, (use) => {
        for (const measure of MEASURES) {
          const count = usageOf([{ use: { ...use, isActive: false }, count: 1 }])[measure];
          const reported = use.reported[measure];
          const isReleased = use.reservation?.state === 'released';
          assert.equal(count.reserved, 0);
          assert.equal(count.used, reported ?? (isReleased ? 0 : (use.reservation?.[measure] ?? 0)));
          assert.equal(count.unknown, reported === null && !isReleased ? 1 : 0);
          assert.equal(count.estimated, reported === null ? count.used : 0);
        }
      }),
    );
  });
});

describe('the forecast of a task', () => {
  it('is the median of a merged subtask for each one that remains', () => {
    const merged = [
      { tokens: 100, cost: 10 },
      { tokens: 900, cost: null },
      { tokens: 201, cost: 21 },
    ];
    assert.deepEqual(forecastToFinish(3, merged), { remaining: 3, samples: 3, tokens: 603, cost: 48 });
    assert.deepEqual(forecastToFinish(2, [{ tokens: 5, cost: null }]), {
      remaining: 2,
      samples: 1,
      tokens: 10,
      cost: null,
    });
  });

  it('is none where nothing is merged yet or nothing remains', () => {
    assert.equal(forecastToFinish(3, []), undefined);
    assert.equal(forecastToFinish(0, [{ tokens: 1, cost: 1 }]), undefined);
  });
});

describe('the standing of a run', () => {
  let kernel: TestKernel;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const dispatched = (scopeId: string): string =>
    kernel.write((u) => createDispatch(u, { agentType: 'claude', projectDir: '/p', scopeId })).id;
  const state = (runId: string) => kernel.read((r) => budgetState(r, runId));

  it('is none for a run that is not there, and has no limits without a budget', () => {
    assert.equal(state('unknown'), undefined);
    const runId = kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g' })).id;
    const found = state(runId);
    assert.equal(found?.tokens.limit, null);
    assert.equal(found.cost.limit, null);
    assert.equal(found.level, 'ok');
  });

  it('counts what was reported, and says of how many dispatches nothing was', () => {
    const runId = kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g', tokenBudget: 100 })).id;
    const reported = dispatched(runId);
    const silent = dispatched(runId);
    kernel.write((u) => setTokens(u, reported, { inputTokens: 50, outputTokens: 31 }));
    kernel.write((u) => endDispatch(u, silent, { status: 'completed' }));
    const { tokens, level } = state(runId) ?? assert.fail();
    assert.deepEqual(tokens, { limit: 100, used: 81, reserved: 0, estimated: 0, unknown: 1, level: 'warning' });
    assert.equal(level, 'warning');
  });

  it('counts cost in whole millionths of a dollar, and takes the worse of both levels', () => {
    const runId = kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g', tokenBudget: 1000 })).id;
    kernel.exec(`INSERT INTO budget_limits (run_id, cost_micros) VALUES ('${runId}', 300000)`);
    const id = dispatched(runId);
    kernel.exec(`INSERT INTO dispatch_processes (dispatch_id, argv, cwd, log_file, exit_file, host)
      VALUES ('${id}', '["x"]', '/p', '/l', '/e', 'h')`);
    kernel.write((u) => recordProgress(u, id, { inputTokens: 1, costUsd: 0.1 + 0.2 }));
    const { tokens, cost, level } = state(runId) ?? assert.fail();
    assert.equal(cost.used, 300_000);
    assert.deepEqual(
      { tokens: tokens.level, cost: cost.level, level },
      { tokens: 'ok', cost: 'exceeded', level: 'exceeded' },
    );
  });

  it('of a portfolio holds its children of the same database', () => {
    const { portfolio, children } = kernel.write((u) =>
      createPortfolio(u, { projects: ['/a', '/b'], goal: 'g', tokenBudget: 100 }),
    );
    for (const child of children) {
      const id = dispatched(child.id);
      kernel.write((u) => setTokens(u, id, { inputTokens: 50 }));
    }
    const { tokens } = state(portfolio.id) ?? assert.fail();
    assert.deepEqual(
      { limit: tokens.limit, used: tokens.used, level: tokens.level },
      { limit: 100, used: 100, level: 'exceeded' },
    );
  });
});
