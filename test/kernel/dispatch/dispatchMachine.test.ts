import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isActive, mayBecome } from '../../../src/kernel/dispatch/machine';
import { DISPATCH_STATUSES, type Dispatch, type DispatchStatus } from '../../../src/kernel/dispatch/model';
import {
  createDispatch,
  dispatchEvents,
  endDispatch,
  findDispatch,
  getDispatch,
  markRunning,
  pruneDispatches,
  recordProgress,
  setTokens,
} from '../../../src/kernel/dispatch/service';
import { KernelError } from '../../../src/kernel/errors/errors';
import { openTestKernel, type TestKernel } from '../../support/records/kernel';
import { PROCESS } from '../../support/dispatch/dispatches';

const ENDINGS = ['completed', 'failed', 'timeout', 'cancelled'] as const;

describe('the machine of dispatch statuses', () => {
  /** Written out apart from the table, from the specification. */
  const allowed = new Set([
    'spawned→running',
    ...ENDINGS.flatMap((ending) => [`spawned→${ending}`, `running→${ending}`]),
  ]);

  for (const from of DISPATCH_STATUSES) {
    for (const to of DISPATCH_STATUSES) {
      const step = `${from}→${to}`;
      it(`${allowed.has(step) ? 'allows' : 'refuses'} ${step}`, () => {
        assert.equal(mayBecome(from, to), allowed.has(step));
      });
    }
  }

  it('counts spawned and running as active', () => {
    assert.deepEqual(DISPATCH_STATUSES.filter(isActive), ['spawned', 'running']);
  });

  it('is what the service does, from every status to every other', async () => {
    const kernel = await openTestKernel();
    for (const from of DISPATCH_STATUSES) {
      for (const to of DISPATCH_STATUSES) {
        if (to === 'spawned') continue;
        const { id } = dispatchAt(kernel, from);
        const go = (): Dispatch => move(kernel, id, to);
        if (mayBecome(from, to)) assert.equal(go().status, to);
        else assert.throws(go, { code: isActive(from) ? 'STALE' : 'DISPATCH_FINISHED' });
      }
    }
  });
});

describe('any sequence of dispatch commands', () => {
  type Command =
    | { kind: 'move'; to: Exclude<DispatchStatus, 'spawned'> }
    | { kind: 'progress'; turns: number }
    | { kind: 'tokens'; inputTokens: number }
    | { kind: 'prune' };

  /** What the dispatch should be, kept beside the kernel. */
  interface Expected {
    status: DispatchStatus;
    turns: number;
    inputTokens: number;
  }

  const command: fc.Arbitrary<Command> = fc.oneof(
    fc.record({ kind: fc.constant('move' as const), to: fc.constantFrom('running', ...ENDINGS) }),
    fc.record({ kind: fc.constant('progress' as const), turns: fc.nat(1000) }),
    fc.record({ kind: fc.constant('tokens' as const), inputTokens: fc.nat(1000) }),
    fc.record({ kind: fc.constant('prune' as const) }),
  );

  it('obeys the machine, and the event log replays to the last status', async () => {
    const kernel = await openTestKernel();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), command), { maxLength: 25 }), (steps) => {
        const ids = [0, 1, 2].map(() => dispatchAt(kernel, 'spawned').id);
        const model = new Map<string, Expected>(ids.map((id) => [id, { status: 'spawned', turns: 0, inputTokens: 0 }]));
        for (const [index, step] of steps) {
          const id = ids[index] ?? assert.fail();
          const expected = model.get(id);
          apply(kernel, id, step, expected);
          if (step.kind === 'prune') for (const [key, m] of model) if (!isActive(m.status)) model.delete(key);
          kernel.clock.advance(1);
        }
        for (const id of ids) {
          const stored = kernel.read((r) => findDispatch(r, id));
          const expected = model.get(id);
          assert.equal(stored?.status, expected?.status);
          assert.equal(stored?.turns, expected?.turns);
          assert.equal(stored?.inputTokens, expected?.inputTokens);
          const last = replay(kernel, id);
          if (expected === undefined) assert.ok(!isActive(last));
          else assert.equal(last, expected.status);
        }
      }),
      { numRuns: 60 },
    );
  });

  function apply(kernel: TestKernel, id: string, step: Command, expected: Expected | undefined): void {
    if (step.kind === 'prune') {
      kernel.clock.advance(1);
      kernel.write((u) => pruneDispatches(u, 0));
      return;
    }
    const run = (): unknown => {
      if (step.kind === 'move') return move(kernel, id, step.to);
      if (step.kind === 'tokens') return kernel.write((u) => setTokens(u, id, { inputTokens: step.inputTokens }));
      return kernel.write((u) => recordProgress(u, id, { turns: step.turns }));
    };
    if (expected === undefined) {
      assert.throws(run, { code: 'NOT_FOUND' });
    } else if (step.kind === 'tokens') {
      run();
      expected.inputTokens = step.inputTokens;
    } else if (step.kind === 'progress') {
      assert.equal(run(), isActive(expected.status));
      if (isActive(expected.status)) expected.turns = step.turns;
    } else if (mayBecome(expected.status, step.to)) {
      run();
      expected.status = step.to;
    } else {
      assert.throws(run, (error) => KernelError.is(error, 'DISPATCH_FINISHED') || KernelError.is(error, 'STALE'));
    }
  }

  /** Follows the events from `spawned`; each must start where the last ended and be allowed. */
  function replay(kernel: TestKernel, id: string): DispatchStatus {
    let status: DispatchStatus = 'spawned';
    for (const event of kernel.read((r) => dispatchEvents(r, id))) {
      assert.equal(event.fromStatus, status);
      const to = DISPATCH_STATUSES.find((s) => s === event.toStatus) ?? assert.fail(event.toStatus);
      assert.ok(mayBecome(status, to));
      status = to;
    }
    return status;
  }
});

function dispatchAt(kernel: TestKernel, status: DispatchStatus): Dispatch {
  const { id } = kernel.write((u) => createDispatch(u, { agentType: 'shell', projectDir: '/p' }));
  return status === 'spawned' ? kernel.read((r) => getDispatch(r, id)) : move(kernel, id, status);
}

function move(kernel: TestKernel, id: string, to: Exclude<DispatchStatus, 'spawned'>): Dispatch {
  return kernel.write((u) => (to === 'running' ? markRunning(u, id, PROCESS) : endDispatch(u, id, { status: to })));
}
