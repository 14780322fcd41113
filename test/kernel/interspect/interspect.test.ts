import assert from 'node:assert/strict';
import type { InterspectInput } from '../../../src/kernel/interspect/model';
import { queryInterspect, recordInterspect } from '../../../src/kernel/interspect/service';
import { dumpDatabase, openTestKernel, TEST_START_SEC, type TestKernel } from '../../support/records/kernel';

describe('interspect events', () => {
  let kernel: TestKernel;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const record = (input: Partial<InterspectInput> = {}): number =>
    kernel.write((u) => recordInterspect(u, { agentName: 'reviewer', eventType: 'override', ...input }));
  const ids = (query?: Parameters<typeof queryInterspect>[1]): number[] =>
    kernel.read((r) => queryInterspect(r, query)).map((event) => event.id);

  it('keep what was observed', () => {
    const facts = {
      agentName: 'reviewer',
      eventType: 'override',
      runId: 'elsewhere',
      overrideReason: 'false alarm',
      contextJson: '{ "file": "a.ts" }',
      sessionId: 's',
      projectDir: '/p',
    };
    assert.equal(record(facts), 1);
    assert.equal(kernel.touched?.other, true);
    assert.equal(record(), 2);
    const nothing = { runId: null, overrideReason: null, contextJson: null, sessionId: null, projectDir: null };
    assert.deepEqual(
      kernel.read((r) => queryInterspect(r)),
      [
        { id: 1, ...facts, createdAt: TEST_START_SEC },
        { id: 2, agentName: 'reviewer', eventType: 'override', ...nothing, createdAt: TEST_START_SEC },
      ],
    );
  });

  it('are found by agent, after an id, up to a limit', () => {
    record();
    record({ agentName: 'linter' });
    record();
    assert.deepEqual(ids({ agentName: 'reviewer' }), [1, 3]);
    assert.deepEqual(ids({ since: 1 }), [2, 3]);
    assert.deepEqual(ids({ limit: 2 }), [1, 2]);
    assert.deepEqual(ids({ limit: 0 }), [1, 2, 3]);
    assert.deepEqual(ids({ agentName: 'unknown' }), []);
  });

  it('come in the order of their ids where a clock went back', () => {
    record();
    kernel.clock.advance(-50);
    record();
    assert.deepEqual(ids(), [1, 2]);
    assert.deepEqual(ids({ limit: 1 }), [1]);
  });

  it('refuse what does not fit and change nothing', () => {
    const before = dumpDatabase(kernel.kernel);
    const bad: Partial<InterspectInput>[] = [
      { agentName: '' },
      { eventType: ' ' },
      { contextJson: '{' },
      { agentName: 'x'.repeat(1025) },
      { sessionId: 'a\0' },
    ];
    for (const input of bad) assert.throws(() => record(input), { code: 'INVALID_ARGUMENT' });
    assert.throws(() => ids({ since: -1 }), { code: 'INVALID_ARGUMENT' });
    assert.throws(() => ids({ limit: 0.5 }), { code: 'INVALID_ARGUMENT' });
    assert.deepEqual(dumpDatabase(kernel.kernel), before);
  });
});
