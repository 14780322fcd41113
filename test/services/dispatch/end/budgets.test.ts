import assert from 'node:assert/strict';
import type { AgentKind } from '../../../../src/contract/agentKinds';
import { setRunBudget } from '../../../../src/kernel/budget/reservation/limits';
import type { AtLimit } from '../../../../src/kernel/budget/model';
import { findReservation } from '../../../../src/kernel/budget/reservation/reservations';
import { budgetState } from '../../../../src/kernel/budget/budgetState';
import { setTokens } from '../../../../src/kernel/dispatch/service';
import { KernelError } from '../../../../src/kernel/errors/errors';
import { createRun } from '../../../../src/kernel/run/record/runs';
import type { DispatcherDeps } from '../../../../src/services/dispatch/dispatcher';
import type { ProjectKernel } from '../../../../src/services/record/projectKernel';
import { ended, PATIENCE_MS, rowOf, shell, Stage } from '../../../support/dispatch/dispatchFixture';
import { itLong } from '../../../support/long';
import { defined } from '../../../../src/kernel/defined';

/** Prints usage as the Claude CLI does, then runs `then`. */
const USAGE = (tokens: number, then: string): string => `
tell() { printf '{"type":"assistant","message":{"id":"m%s","usage":{"input_tokens":%s,"output_tokens":0},"content":[]}}\\n' "$1" "$2"; }
tell 1 ${tokens}
${then}
`;
/** 10 tokens every 20 ms, without an end. */
const STREAMS = USAGE(10, 'n=1; while :; do n=$((n+1)); tell $n 10; sleep 0.02; done');

const TELLER: AgentKind = {
  name: 'teller',
  command: 'sh',
  args: ['${promptFile}'],
  promptBy: 'file',
  parser: 'claude',
  usage: { estimatedTokens: 500, estimatedCostUsd: 0.1, inputUsdPerMillion: 2, outputUsdPerMillion: 10 },
};

const isRunBudget = (error: unknown): boolean => KernelError.is(error, 'RUN_BUDGET');

describe('budgets over running agents', function () {
  this.timeout(PATIENCE_MS);
  let stage: Stage;
  let kernel: ProjectKernel;

  beforeEach(async () => {
    stage = await Stage.open();
    kernel = await stage.kernel();
  });
  afterEach(() => stage.close());

  const dispatcher = (deps: Partial<DispatcherDeps> = {}) => stage.dispatcher(deps, [TELLER]);
  const newRun = async (tokenBudget?: number): Promise<string> => {
    const input = { projectDir: kernel.folder, goal: 'g', ...defined({ tokenBudget }) };
    return (await kernel.write((u) => createRun(u, input))).id;
  };
  const state = (runId: string) => kernel.read((r) => budgetState(r, runId)) ?? assert.fail();
  const atLimit = (what: AtLimit) => ({ atLimit: () => what });

  it('end an agent that streams beyond its run’s budget, soon after, and say so', async () => {
    const runId = await newRun(1000);
    const one = dispatcher();
    const { id } = await one.start(kernel, { kind: 'teller', prompt: STREAMS, runId });
    const dispatch = await ended(one, kernel, id);
    assert.equal(dispatch.status, 'cancelled');
    assert.match(dispatch.errorMessage ?? '', /^over budget: run \w+ has used \d+ tokens of 1000 tokens$/);
    assert.equal(kernel.read((r) => findReservation(r, id))?.stoppedBy, 'run');
    const { tokens, cost, level } = state(runId);
    assert.ok(tokens.used >= 1000);
    // A second of streaming, a look, and the way of a signal; with room for a busy machine.
    assert.ok(tokens.used < 1000 + 50 * 10 * 6, `used ${tokens.used}`);
    assert.equal(level, 'exceeded');
    assert.equal(cost.used, tokens.used * 2);
    await assert.rejects(one.start(kernel, { kind: 'teller', prompt: STREAMS, runId }), isRunBudget);
  });

  it('end an agent at its own budget, and by tokens that it tells through the record', async () => {
    const one = dispatcher();
    const streaming = await one.start(kernel, { kind: 'teller', prompt: STREAMS, tokenBudget: 200 });
    const first = await ended(one, kernel, streaming.id);
    assert.match(first.errorMessage ?? '', new RegExp(`^over budget: dispatch ${streaming.id} has used`));
    const silent = await one.start(kernel, shell('exec sleep 60', { tokenBudget: 100, kind: 'shell' }));
    await kernel.write((u) => setTokens(u, silent.id, { inputTokens: 100 }));
    assert.equal((await ended(one, kernel, silent.id)).status, 'cancelled');
    assert.equal(kernel.read((r) => findReservation(r, silent.id))?.stoppedBy, 'dispatch');
  });

  itLong('let running agents finish if they pause, and start nothing until they are raised', async () => {
    const runId = await newRun(1000);
    const one = dispatcher(atLimit('pause'));
    const { id } = await one.start(kernel, { kind: 'teller', prompt: USAGE(1500, 'sleep 2'), runId });
    assert.equal((await ended(one, kernel, id)).status, 'completed');
    assert.equal(state(runId).level, 'exceeded');
    await assert.rejects(one.start(kernel, { kind: 'teller', prompt: USAGE(1, ''), runId }), isRunBudget);
    await kernel.write((u) => setRunBudget(u, runId, { tokens: 10_000 }));
    const next = await one.start(kernel, { kind: 'teller', prompt: USAGE(1, ''), runId });
    assert.equal((await ended(one, kernel, next.id)).status, 'completed');
  });

  itLong('only warn if the action is to warn', async () => {
    const runId = await newRun(100);
    const one = dispatcher(atLimit('warn'));
    for (let n = 0; n < 2; n += 1) {
      const { id } = await one.start(kernel, { kind: 'teller', prompt: USAGE(150, 'sleep 1.5'), runId });
      assert.equal((await ended(one, kernel, id)).status, 'completed');
    }
    assert.deepEqual({ used: state(runId).tokens.used, level: state(runId).level }, { used: 300, level: 'exceeded' });
  });

  itLong('count the reservation of an agent that ends without reporting its usage', async () => {
    const runId = await newRun(1200);
    const one = dispatcher();
    const start = () => one.start(kernel, { kind: 'teller', prompt: 'true', runId });
    const { id } = await start();
    await ended(one, kernel, id);
    assert.deepEqual(state(runId).tokens, {
      limit: 1200,
      used: 500,
      reserved: 0,
      estimated: 500,
      unknown: 1,
      level: 'ok',
    });
    await ended(one, kernel, (await start()).id);
    // A guess takes what is left.
    await ended(one, kernel, (await start()).id);
    assert.equal(state(runId).tokens.used, 1200);
    await assert.rejects(start(), isRunBudget);
  });

  itLong('count nothing for an agent that never started', async () => {
    const runId = await newRun(1000);
    const missing: AgentKind = { ...TELLER, name: 'missing', command: '/nowhere/agent' };
    const one = stage.dispatcher({}, [missing]);
    await assert.rejects(one.start(kernel, { kind: 'missing', prompt: 'x', runId }));
    assert.deepEqual(state(runId).tokens, {
      limit: 1000,
      used: 0,
      reserved: 0,
      estimated: 0,
      unknown: 0,
      level: 'ok',
    });
  });

  it('are never promised twice, however many windows start at once', async () => {
    const runId = await newRun(1000);
    const other = await stage.kernel();
    const windows = [
      { kernel, dispatcher: dispatcher() },
      { kernel: other, dispatcher: dispatcher() },
    ];
    const order = shell('exec sleep 60', { runId, tokenBudget: 300 });
    const starts = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => windows[n % 2]).map((window) =>
        window === undefined ? assert.fail() : window.dispatcher.start(window.kernel, order),
      ),
    );
    await kernel.refresh();
    assert.equal(starts.filter(({ status }) => status === 'fulfilled').length, 3);
    for (const start of starts) if (start.status === 'rejected') assert.ok(isRunBudget(start.reason));
    assert.equal(state(runId).tokens.reserved, 900);
  });

  itLong('end what is running when they are lowered below what is used', async () => {
    const runId = await newRun(10_000);
    const one = dispatcher();
    const { id } = await one.start(kernel, { kind: 'teller', prompt: USAGE(500, 'exec sleep 60'), runId });
    while (rowOf(kernel, id).inputTokens === 0) await new Promise((resolve) => kernel.onDidChange(resolve));
    await kernel.write((u) => setRunBudget(u, runId, { tokens: 400 }));
    assert.equal((await ended(one, kernel, id)).status, 'cancelled');
  });
});
