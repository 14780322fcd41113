import assert from 'node:assert/strict';
import fc from 'fast-check';
import { amountText, microsOf } from '../../../src/kernel/budget/amounts';
import { setRunBudget } from '../../../src/kernel/budget/reservation/limits';
import { medianOf } from '../../../src/kernel/budget/rules';
import { MEASURES } from '../../../src/kernel/budget/model';
import {
  budgetExcess,
  findReservation,
  levelsOf,
  ownLimits,
  reserve,
  setDispatchBudget,
  budgetRequestFor,
} from '../../../src/kernel/budget/reservation/reservations';
import {
  BASES,
  excessOf,
  fit,
  NO_LIMITS,
  type BudgetLevel,
  type BudgetRequest,
} from '../../../src/kernel/budget/reservation/room';
import { budgetState } from '../../../src/kernel/budget/budgetState';
import { committed, NO_USAGE } from '../../../src/kernel/budget/usage';
import { createDispatch, endDispatch, pruneDispatches, setTokens } from '../../../src/kernel/dispatch/service';
import { KernelError, type ErrorCode } from '../../../src/kernel/errors/errors';
import { createPortfolio } from '../../../src/kernel/portfolio/service';
import { createRun } from '../../../src/kernel/run/record/runs';
import { dumpDatabase, openTestKernel, type TestKernel } from '../../support/records/kernel';
import { defined } from '../../../src/kernel/defined';

const amount = fc.integer({ min: 0, max: 1000 });
const anyRequest: fc.Arbitrary<BudgetRequest> = fc.record({
  tokens: fc.record({ amount, basis: fc.constantFrom(...BASES) }),
  cost: fc.record({ amount, basis: fc.constantFrom(...BASES) }),
});
const given = (tokens: number): BudgetRequest => ({
  tokens: { amount: tokens, basis: 'given' },
  cost: { amount: 0, basis: 'guess' },
});

describe('room in budgets', () => {
  it('is never granted beyond what is left, whatever starts and ends in whatever order', () => {
    const limits = fc.record({
      tokens: fc.option(amount, { nil: null }),
      cost: fc.option(amount, { nil: null }),
    });
    fc.assert(
      fc.property(limits, limits, fc.array(anyRequest, { maxLength: 30 }), (run, portfolio, requests) => {
        const held = { tokens: 0, cost: 0 };
        for (const request of requests) {
          const usage = {
            tokens: { ...NO_USAGE.tokens, reserved: held.tokens },
            cost: { ...NO_USAGE.cost, reserved: held.cost },
          };
          const levels: BudgetLevel[] = [
            { owner: 'run', id: 'r', limits: run, usage },
            { owner: 'portfolio', id: 'p', limits: portfolio, usage },
          ];
          const outcome = fit(request, levels);
          if (!outcome.fits) {
            const { measure, needed, limit, reserved } = outcome.shortage;
            assert.ok(needed > limit - reserved);
            assert.equal(needed, request[measure].amount);
            continue;
          }
          for (const measure of MEASURES) {
            const granted: number = outcome.granted[measure];
            // Only a guess is cut.
            if (request[measure].basis !== 'guess') assert.equal(granted, request[measure].amount);
            held[measure] += granted;
            for (const limit of [run[measure], portfolio[measure]]) {
              if (limit !== null) assert.ok(held[measure] <= limit);
            }
          }
        }
      }),
    );
  });

  it('is outgrown at the own budget, at a used up one above, and beyond a reservation where all is promised', () => {
    const level = (limit: number, used: number, reserved: number): BudgetLevel => ({
      owner: 'run',
      id: 'r',
      limits: { tokens: limit, cost: null },
      usage: { ...NO_USAGE, tokens: { used, reserved, estimated: 0, unknown: 0 } },
    });
    const use = (held: number, tokens: number) => ({
      isActive: true,
      reservation: { state: 'reserved' as const, tokens: held, cost: 0 },
      reported: { tokens, cost: null },
    });
    const owner = (own: number | null, held: number, used: number, ...levels: BudgetLevel[]) =>
      excessOf('d', { tokens: own, cost: null }, use(held, used), levels)?.owner;
    assert.equal(owner(50, 50, 49), undefined);
    assert.equal(owner(50, 50, 50), 'dispatch');
    // Another one has outgrown its reservation; this one keeps to its own.
    assert.equal(owner(null, 50, 40, level(100, 99, 10)), undefined);
    assert.equal(owner(null, 50, 51, level(100, 99, 10)), 'run');
    assert.equal(owner(null, 50, 51, level(100, 60, 10)), undefined);
    assert.equal(owner(null, 50, 1, level(100, 100, 0)), 'run');
    // What uses nothing uses nothing up.
    assert.equal(owner(null, 0, 0, level(100, 100, 0)), undefined);
    assert.equal(excessOf('d', NO_LIMITS, use(0, 1000), []), undefined);
  });
});

describe('amounts', () => {
  it('are said in tokens and in dollars, with the fraction of a cent that there is', () => {
    assert.deepEqual(
      [amountText('tokens', 1), amountText('tokens', 1200), amountText('cost', 350_000), amountText('cost', 1234)],
      ['1 token', '1200 tokens', '$0.35', '$0.001234'],
    );
    assert.equal(microsOf(0.1 + 0.2), 300_000);
  });

  it('have a median that is one of them or between two of them', () => {
    assert.equal(medianOf([]), undefined);
    assert.equal(medianOf([5, 1, 3]), 3);
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1 }), (amounts) => {
        const median = medianOf(amounts) ?? assert.fail();
        assert.ok(median >= Math.min(...amounts) && median <= Math.max(...amounts));
      }),
    );
  });
});

describe('reservations', () => {
  let kernel: TestKernel;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const newRun = (tokenBudget?: number): string =>
    kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g', ...defined({ tokenBudget }) })).id;
  const start = (scopeId: string, request: BudgetRequest, isEnforced = true): string =>
    kernel.write((u) => {
      const { id } = createDispatch(u, { agentType: 'claude', projectDir: '/p', scopeId });
      reserve(u, id, request, { isEnforced });
      return id;
    });
  const refuses = (command: () => unknown, code: ErrorCode): void => {
    const before = dumpDatabase(kernel.kernel);
    assert.throws(command, (error: unknown) => KernelError.is(error, code));
    assert.deepEqual(dumpDatabase(kernel.kernel), before);
  };
  const tokens = (runId: string) => kernel.read((r) => budgetState(r, runId))?.tokens ?? assert.fail();

  it('are refused with what is missing, and leave no dispatch behind', () => {
    const runId = newRun(1000);
    start(runId, given(700));
    assert.throws(
      () => start(runId, given(400)),
      (error: unknown) => {
        assert.ok(KernelError.is(error, 'RUN_BUDGET'));
        assert.deepEqual(
          { left: error.facts.left, factsOf: error.facts.of, needed: error.facts.needed, missing: error.facts.missing },
          { left: '300 tokens', factsOf: '1000 tokens', needed: '400 tokens', missing: '100 tokens' },
        );
        return true;
      },
    );
    assert.deepEqual({ used: tokens(runId).used, reserved: tokens(runId).reserved }, { used: 0, reserved: 700 });
    start(runId, given(300));
    // A guess takes what is left, and nothing is left now.
    refuses(() => start(runId, { ...given(5), tokens: { amount: 5, basis: 'guess' } }), 'RUN_BUDGET');
    start(runId, given(5), false);
    assert.equal(tokens(runId).reserved, 1005);
  });

  it('settle on what was reported; unreported usage counts as reserved, a reported zero as zero', () => {
    const runId = newRun(1000);
    const [reported, silent, zero, never] = [300, 200, 100, 50].map((n) => start(runId, given(n)));
    kernel.write((u) => {
      setTokens(u, reported ?? '', { inputTokens: 10, outputTokens: 20 });
      setTokens(u, zero ?? '', { inputTokens: 0, outputTokens: 0 });
      for (const id of [reported, silent, zero]) endDispatch(u, id ?? '', { status: 'completed' });
      endDispatch(u, never ?? '', { status: 'failed', neverStarted: true });
    });
    assert.deepEqual(tokens(runId), { limit: 1000, used: 230, reserved: 0, estimated: 200, unknown: 1, level: 'ok' });
    assert.deepEqual(
      [reported, silent, zero, never].map((id) => kernel.read((r) => findReservation(r, id ?? ''))?.state),
      ['settled', 'settled', 'settled', 'released'],
    );
  });

  it('never promise more than a portfolio of the same database has', () => {
    const { portfolio, children } = kernel.write((u) =>
      createPortfolio(u, { projects: ['/a', '/b'], goal: 'g', tokenBudget: 100 }),
    );
    const [a, b] = children.map(({ id }) => id);
    start(a ?? '', given(60));
    refuses(() => start(b ?? '', given(60)), 'PORTFOLIO_BUDGET');
    start(b ?? '', given(40));
    assert.equal(committed(tokens(portfolio.id)), 100);
  });

  it('are estimated from past dispatches of the kind that completed, else guessed', () => {
    const runId = newRun();
    const guess = { tokens: 50, cost: 5 };
    const request = () => kernel.read((r) => budgetRequestFor(r, 'claude', {}, guess).tokens);
    assert.deepEqual(request(), { amount: 50, basis: 'guess' });
    for (const used of [100, 300, 900]) {
      const id = start(runId, given(1));
      kernel.write((u) => {
        setTokens(u, id, { inputTokens: used });
        endDispatch(u, id, { status: 'completed' });
      });
    }
    const silent = start(runId, given(1));
    kernel.write((u) => endDispatch(u, silent, { status: 'completed' }));
    assert.deepEqual(request(), { amount: 300, basis: 'past' });
    assert.deepEqual(
      kernel.read((r) => budgetRequestFor(r, 'claude', { tokens: 7 }, guess)),
      { tokens: { amount: 7, basis: 'given' }, cost: { amount: 5, basis: 'guess' } },
    );
  });

  it('of a running dispatch can be changed within what is left, and taken away as its own budget', () => {
    const runId = newRun(1000);
    const id = start(runId, given(400));
    start(runId, given(500));
    kernel.write((u) => setTokens(u, id, { inputTokens: 350 }));
    const set = (budget: number | null): void =>
      kernel.write((u) => setDispatchBudget(u, id, { tokens: budget }, { isEnforced: true }));
    refuses(() => set(501), 'RUN_BUDGET');
    set(500);
    assert.equal(committed(tokens(runId)), 1000);
    set(300);
    const excess = kernel.read((r) => budgetExcess(r, id, levelsOf(r, runId)));
    assert.deepEqual(
      { owner: excess?.owner, used: excess?.used, limit: excess?.limit },
      { owner: 'dispatch', used: 350, limit: 300 },
    );
    set(null);
    assert.deepEqual(
      kernel.read((r) => ownLimits(r, id)),
      NO_LIMITS,
    );
    kernel.write((u) => endDispatch(u, id, { status: 'completed' }));
    refuses(() => set(5), 'DISPATCH_FINISHED');
    refuses(() => kernel.write((u) => setDispatchBudget(u, 'unknown', {}, { isEnforced: true })), 'NOT_FOUND');
  });

  it('leave the record with their dispatches', () => {
    const id = start(newRun(), given(5));
    kernel.write((u) => endDispatch(u, id, { status: 'completed' }));
    kernel.clock.advance(10);
    kernel.write((u) => pruneDispatches(u, 5));
    assert.equal(
      kernel.read((r) => findReservation(r, id)),
      undefined,
    );
  });

  it('are held against a cost budget too, which can be set, changed and taken away', () => {
    const runId = newRun();
    const costs = (cost: number): BudgetRequest => ({
      tokens: { amount: 0, basis: 'guess' },
      cost: { amount: cost, basis: 'given' },
    });
    const limit = () => kernel.read((r) => budgetState(r, runId))?.cost.limit;
    refuses(() => kernel.write((u) => setRunBudget(u, runId, {})), 'INVALID_ARGUMENT');
    kernel.write((u) => setRunBudget(u, runId, { cost: 1_000_000 }));
    assert.ok([...(kernel.touched?.runs ?? [])].some((id) => id === runId));
    start(runId, costs(900_000));
    refuses(() => start(runId, costs(100_001)), 'RUN_BUDGET');
    kernel.write((u) => setRunBudget(u, runId, { cost: 2_000_000, tokens: 10, warnPct: 50 }));
    start(runId, costs(100_001));
    assert.equal(limit(), 2_000_000);
    kernel.write((u) => setRunBudget(u, runId, { cost: null }));
    assert.equal(limit(), null);
    assert.deepEqual(
      { limit: tokens(runId).limit, warnPct: kernel.read((r) => budgetState(r, runId))?.warnPct },
      { limit: 10, warnPct: 50 },
    );
  });
});
