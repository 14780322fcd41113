import assert from 'node:assert/strict';
import { listDecisions, recordDecisions } from '../../../src/kernel/dispatch/decisions';
import { MAX_DECISION_TEXT, type NewDecision } from '../../../src/kernel/dispatch/newDecision';
import { listEvents } from '../../../src/kernel/events/list';
import { pruneDispatches } from '../../../src/kernel/dispatch/service';
import { dispatchVerbs } from '../../support/dispatch/dispatches';
import { openTestKernel, type TestKernel } from '../../support/records/kernel';

const DECISION: NewDecision = {
  number: 1,
  tool: 'execute',
  subject: 'npm test',
  answer: 'allow',
  by: 'person',
  name: 'ada',
  reason: null,
  askedAt: 1,
  decidedAt: 2,
};

describe('decisions about requests of an agent', () => {
  let kernel: TestKernel;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const { create, end, run, newRun, refuses } = dispatchVerbs(() => kernel);
  const record = (id: string, ...decisions: readonly NewDecision[]) =>
    kernel.write((u) => recordDecisions(u, id, decisions));
  const list = (id: string) => kernel.read((r) => listDecisions(r, id)).sound;

  it('are kept once, and the first one stays', () => {
    const { id } = create();
    record(id, { ...DECISION, number: 2 });
    record(id, DECISION, { ...DECISION, number: 2, answer: 'deny' });
    assert.deepEqual(list(id), [
      { ...DECISION, dispatchId: id },
      { ...DECISION, dispatchId: id, number: 2 },
    ]);
  });

  it('are kept of an ended dispatch, and with any text', () => {
    const { id } = create();
    run(id);
    end(id, { status: 'completed' });
    record(id, { ...DECISION, subject: `\0${'x'.repeat(10_000)}`, reason: '\ud800' });
    const [stored] = list(id);
    assert.equal(stored?.subject.includes('\0'), false);
    assert.ok(stored.subject.length <= MAX_DECISION_TEXT);
    assert.notEqual(stored.reason, '\ud800');
  });

  it('outlive a dispatch that is pruned, as its events do', () => {
    const { id } = create();
    run(id);
    end(id, { status: 'completed' });
    record(id, DECISION);
    kernel.clock.advance(1000);
    kernel.write((u) => pruneDispatches(u, 1));
    assert.deepEqual(list(id), [{ ...DECISION, dispatchId: id }]);
  });

  it('are events of their dispatch and run, once', () => {
    const runId = newRun();
    const { id } = create({ scopeId: runId });
    record(id, DECISION);
    record(id, DECISION);
    const [event, ...others] = kernel.read((r) => listEvents(r, { runId }));
    assert.deepEqual(others, []);
    assert.deepEqual(
      { ...event, reason: JSON.parse(event?.reason ?? '') as unknown },
      {
        id: 1,
        runId,
        source: 'dispatch',
        type: 'decision',
        dispatchId: id,
        caller: null,
        fromState: 'spawned',
        toState: 'spawned',
        reason: DECISION,
        createdAt: DECISION.decidedAt,
      },
    );
  });

  it('need a dispatch', () => {
    refuses(() => list('nope'), 'NOT_FOUND');
    refuses(() => record('nope', DECISION), 'NOT_FOUND');
  });
});
