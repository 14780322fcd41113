/** How a dispatch ended, judged from the facts that its process left. */
import assert from 'node:assert/strict';
import { AGENT_PROGRAMS } from '../../../../src/services/agents/programs';
import { endingOf, type EndingFacts } from '../../../../src/services/dispatch/end/dispatchEnding';

const { report } = AGENT_PROGRAMS.plain.reader();
const ended = (exitCode: number, endedAtMs: number): NonNullable<EndingFacts['exit']> => ({
  exitCode,
  signal: null,
  timedOut: false,
  startedAtMs: 0,
  endedAtMs,
  logHash: null,
});
const FACTS: EndingFacts = {
  exit: undefined,
  started: true,
  cancel: undefined,
  overdue: false,
  timeLimitSec: 60,
  report,
  verdict: undefined,
};
const cancelAt = (requestedAtMs: number): NonNullable<EndingFacts['cancel']> => ({ reason: 'enough', requestedAtMs });
const statusOf = (facts: Partial<EndingFacts>): string => endingOf({ ...FACTS, ...facts }).status;

describe('the ending of a dispatch', () => {
  it('is that of its exit, if the cancel request came later', () => {
    assert.equal(statusOf({ exit: ended(0, 10), cancel: cancelAt(11) }), 'completed');
    assert.equal(statusOf({ exit: ended(1, 10), cancel: cancelAt(11) }), 'failed');
    assert.equal(statusOf({ exit: ended(0, 10), cancel: cancelAt(11), overdue: true }), 'timeout');
  });

  it('is a cancellation, if the request came first or in the same millisecond', () => {
    assert.equal(statusOf({ exit: ended(0, 10), cancel: cancelAt(10) }), 'cancelled');
    assert.equal(statusOf({ exit: ended(0, 10), cancel: cancelAt(9), overdue: true }), 'cancelled');
    assert.equal(statusOf({ cancel: cancelAt(11) }), 'cancelled');
  });

  it('uses nothing only where there was never a process', () => {
    assert.equal(endingOf({ ...FACTS, started: false }).neverStarted, true);
    assert.equal(endingOf(FACTS).neverStarted, undefined);
    assert.equal(endingOf({ ...FACTS, started: false, exit: ended(0, 1) }).neverStarted, undefined);
  });
});
