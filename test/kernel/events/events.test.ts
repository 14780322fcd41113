import assert from 'node:assert/strict';
import { createDispatch, endDispatch } from '../../../src/kernel/dispatch/service';
import type { EventQuery, KernelEvent } from '../../../src/kernel/events/model';
import { ZERO_CURSOR } from '../../../src/kernel/events/model';
import { listEvents } from '../../../src/kernel/events/service';
import { skipPhase } from '../../../src/kernel/run/skip';
import { createRun } from '../../../src/kernel/run/record/runs';
import { openTestKernel, TEST_START_SEC, type TestKernel } from '../../support/records/kernel';

describe('the event stream', () => {
  let kernel: TestKernel;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const newRun = (): string => kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g' })).id;
  const phaseEvent = (runId: string, phase = 'planned'): void => {
    kernel.write((u) => skipPhase(u, runId, { phase, reason: 'small <change>' }));
  };
  const dispatchEvent = (scopeId?: string): string =>
    kernel.write((u) => {
      const { id } = createDispatch(u, { agentType: 'shell', projectDir: '/p', ...(scopeId ? { scopeId } : {}) });
      endDispatch(u, id, { status: 'failed', errorMessage: 'broken' });
      return id;
    });
  const discoveryEvent = (): void => {
    kernel.exec(
      `INSERT INTO discovery_events (discovery_id, event_type, from_status, to_status, payload, created_at)
       VALUES ('disc', 'discovery.scored', 'new', 'scored', '{"id":"disc"}', ${kernel.clock.now})`,
    );
  };
  const list = (query?: EventQuery): KernelEvent[] => kernel.read((r) => listEvents(r, query));
  const names = (events: readonly KernelEvent[]): string[] => events.map((e) => `${e.source}${e.id}`);

  it('tells what happened to runs, dispatches and discoveries in one shape', () => {
    const runId = newRun();
    phaseEvent(runId);
    const dispatchId = dispatchEvent(runId);
    discoveryEvent();
    const createdAt = TEST_START_SEC;
    assert.deepEqual(list(), [
      {
        id: 1,
        runId: 'disc',
        source: 'discovery',
        type: 'discovery.scored',
        fromState: 'new',
        toState: 'scored',
        reason: '{"id":"disc"}',
        createdAt,
        dispatchId: null,
        caller: null,
      },
      {
        id: 1,
        runId,
        source: 'dispatch',
        type: 'status_change',
        fromState: 'spawned',
        toState: 'failed',
        reason: 'broken',
        createdAt,
        dispatchId,
        caller: null,
      },
      {
        id: 1,
        runId,
        source: 'phase',
        type: 'skip',
        fromState: 'brainstorm',
        toState: 'planned',
        reason: 'small <change>',
        createdAt,
        dispatchId: null,
        caller: null,
      },
    ]);
  });

  it('comes by time, then source, then id', () => {
    const runId = newRun();
    phaseEvent(runId);
    kernel.clock.advance(1);
    phaseEvent(runId);
    dispatchEvent(runId);
    phaseEvent(runId);
    discoveryEvent();
    kernel.clock.advance(1);
    dispatchEvent(runId);
    assert.deepEqual(names(list()), ['phase1', 'discovery1', 'dispatch1', 'phase2', 'phase3', 'dispatch2']);
  });

  it('of one run leaves out other runs, dispatches without a run, and discovery', () => {
    const [a, b] = [newRun(), newRun()];
    phaseEvent(a);
    phaseEvent(b);
    dispatchEvent(b);
    dispatchEvent();
    dispatchEvent('not a run');
    discoveryEvent();
    assert.deepEqual(names(list({ runId: a })), ['phase1']);
    assert.deepEqual(names(list({ runId: b })), ['dispatch1', 'phase2']);
    assert.deepEqual(list({ runId: 'unknown' }), []);
    assert.equal(list().length, 6);
    assert.deepEqual(
      list()
        .filter((e) => e.source === 'dispatch')
        .map((e) => e.runId),
      [b, '', ''],
    );
  });

  it('starts after the given ids and stops at the limit', () => {
    const runId = newRun();
    for (let n = 0; n < 3; n += 1) {
      phaseEvent(runId);
      dispatchEvent(runId);
      kernel.clock.advance(1);
    }
    assert.deepEqual(names(list({ limit: 3 })), ['dispatch1', 'phase1', 'dispatch2']);
    assert.deepEqual(names(list({ since: { ...ZERO_CURSOR, dispatch: 2, phase: 1 } })), [
      'phase2',
      'dispatch3',
      'phase3',
    ]);
    assert.deepEqual(names(list({ since: { ...ZERO_CURSOR, dispatch: 3, phase: 3 } })), []);
  });

  it('gives 1000 events where no limit is named', () => {
    const runId = newRun();
    kernel.write((u) => {
      for (let n = 0; n < 1001; n += 1) skipPhase(u, runId, { phase: 'planned', reason: 'r' });
    });
    for (const query of [{}, { limit: 0 }, { limit: -1 }]) assert.equal(list(query).length, 1000);
    assert.equal(list({ limit: 2000 }).length, 1001);
  });

  it('keeps a source in the order of its ids where a clock went back', () => {
    const runId = newRun();
    phaseEvent(runId);
    kernel.clock.advance(-100);
    phaseEvent(runId);
    dispatchEvent(runId);
    kernel.clock.advance(50);
    phaseEvent(runId);
    assert.deepEqual(names(list()), ['dispatch1', 'phase1', 'phase2', 'phase3']);
    assert.deepEqual(names(list({ limit: 2 })), ['dispatch1', 'phase1']);
  });

  it('refuses positions and limits that are no whole numbers', () => {
    for (const query of [
      { since: { ...ZERO_CURSOR, phase: -1 } },
      { since: { ...ZERO_CURSOR, dispatch: 0.5 } },
      { limit: 1.5 },
      { limit: Infinity },
    ]) {
      assert.throws(() => list(query), { code: 'INVALID_ARGUMENT' });
    }
  });
});
