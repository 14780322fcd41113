import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createDispatch, endDispatch, markRunning } from '../../../src/kernel/dispatch/service';
import { cursorAfter } from '../../../src/kernel/events/merge';
import { ZERO_CURSOR, type Cursor, type KernelEvent } from '../../../src/kernel/events/model';
import {
  CURSOR_TTL_SEC,
  listCursors,
  listEvents,
  loadCursor,
  registerCursor,
  resetCursor,
  saveCursor,
} from '../../../src/kernel/events/service';
import { skipPhase } from '../../../src/kernel/run/skip';
import { createRun } from '../../../src/kernel/run/record/runs';
import { PROCESS } from '../../support/dispatch/dispatches';
import { dumpDatabase, openTestKernel, type TestKernel } from '../../support/records/kernel';

const AT: Cursor = { phase: 4, dispatch: 3, interspect: 2, discovery: 1 };

describe('cursors', () => {
  let kernel: TestKernel;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const save = (consumer: string, runId?: string, at = AT): void =>
    kernel.write((u) => saveCursor(u, consumer, at, runId));
  const load = (consumer: string, runId?: string): Cursor => kernel.read((r) => loadCursor(r, consumer, runId));
  const register = (consumer: string, durable: boolean): void =>
    kernel.write((u) => registerCursor(u, consumer, { durable }));

  it('are stored as the original stores them', () => {
    save('c');
    save('c2', 'run1');
    assert.equal(kernel.touched?.other, true);
    assert.deepEqual(kernel.read(listCursors), [
      { scopeId: 'c', payload: '{"phase":4,"dispatch":3,"interspect":2,"discovery":1}' },
      { scopeId: 'c2:run1', payload: '{"phase":4,"dispatch":3,"interspect":2,"discovery":1}' },
    ]);
    assert.deepEqual(load('c'), AT);
    assert.deepEqual(load('c2', 'run1'), AT);
    assert.deepEqual(load('c2'), ZERO_CURSOR);
  });

  it('last for a day after their last save', () => {
    save('c');
    kernel.clock.advance(CURSOR_TTL_SEC - 1);
    save('c');
    kernel.clock.advance(CURSOR_TTL_SEC - 1);
    assert.deepEqual(load('c'), AT);
    kernel.clock.advance(1);
    assert.deepEqual(load('c'), ZERO_CURSOR);
    assert.deepEqual(kernel.read(listCursors), []);
  });

  it('last forever once registered as durable, for that scope alone', () => {
    register('c', true);
    assert.deepEqual(load('c'), ZERO_CURSOR);
    save('c');
    save('c', 'run1');
    kernel.clock.advance(100 * CURSOR_TTL_SEC);
    assert.deepEqual(load('c'), AT);
    assert.deepEqual(load('c', 'run1'), ZERO_CURSOR);
    save('c');
    kernel.clock.advance(100 * CURSOR_TTL_SEC);
    assert.deepEqual(load('c'), AT);
  });

  it('start again when registered again, with the life they are then given', () => {
    register('c', true);
    save('c');
    register('c', false);
    assert.deepEqual(load('c'), ZERO_CURSOR);
    save('c');
    kernel.clock.advance(CURSOR_TTL_SEC);
    assert.deepEqual(load('c'), ZERO_CURSOR);
  });

  it('of which an expired row is left are not taken for durable', () => {
    save('c');
    kernel.clock.advance(CURSOR_TTL_SEC + 1);
    save('c');
    kernel.clock.advance(CURSOR_TTL_SEC);
    assert.deepEqual(load('c'), ZERO_CURSOR);
  });

  it('are forgotten by exactly their scope', () => {
    save('c');
    save('c', 'run1');
    const reset = (scopeId: string): boolean => kernel.write((u) => resetCursor(u, scopeId));
    assert.equal(reset('c'), true);
    assert.equal(reset('c'), false);
    assert.deepEqual(load('c'), ZERO_CURSOR);
    assert.deepEqual(load('c', 'run1'), AT);
    assert.equal(reset('c:run1'), true);
  });

  it('written by other programs are read where they make sense, else from the beginning', () => {
    const stored = (payload: string): void =>
      kernel.exec(`INSERT OR REPLACE INTO state VALUES ('cursor', 'c', ${payload}, 1, NULL)`);
    stored(`'{"phase":7,"dispatch":2}'`);
    assert.deepEqual(load('c'), { ...ZERO_CURSOR, phase: 7, dispatch: 2 });
    stored(`CAST('{"phase":7,"dispatch":2,"extra":1}' AS BLOB)`);
    assert.equal(load('c').phase, 7);
    for (const payload of [`'{'`, `'[]'`, `'null'`, `'{"phase":"7"}'`, `'{"phase":-1}'`, `'{"phase":0.5}'`, `X'FF'`]) {
      stored(payload);
      assert.deepEqual(load('c'), ZERO_CURSOR, payload);
    }
  });

  it('refuse what does not fit and change nothing', () => {
    const before = dumpDatabase(kernel.kernel);
    const bad = [() => save(''), () => save('a\0'), () => save('x'.repeat(1025)), () => register('', true)];
    for (const at of [
      { ...AT, phase: -1 },
      { ...AT, discovery: 1.5 },
      { ...AT, dispatch: NaN },
    ]) {
      bad.push(() => save('c', undefined, at));
    }
    bad.push(() => save(`AKIA${'A1'.repeat(8)}\ud800`));
    for (const work of bad) assert.throws(work, { code: 'INVALID_ARGUMENT' });
    assert.deepEqual(dumpDatabase(kernel.kernel), before);
  });

  it('let a reader see each event exactly once and in order, whatever is written meanwhile', async () => {
    const write = fc.record({
      kind: fc.constantFrom('phase', 'dispatch', 'other'),
      wait: fc.integer({ min: -5, max: 5 }),
    });
    const step = fc.oneof(fc.record({ write }), fc.record({ read: fc.integer({ min: 1, max: 7 }) }));
    const fresh = await openTestKernel();
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, ofRun) => {
        const run = newRun(fresh);
        const other = newRun(fresh);
        const scope = ofRun ? { runId: run } : {};
        const consumer = `reader-${run}`;
        const start = cursorAfter(
          ZERO_CURSOR,
          fresh.read((r) => listEvents(r, { limit: 100_000 })),
        );
        fresh.write((u) => saveCursor(u, consumer, start, scope.runId));
        const seen: KernelEvent[] = [];
        const readPage = (limit: number): number => {
          const since = fresh.read((r) => loadCursor(r, consumer, scope.runId));
          const page = fresh.read((r) => listEvents(r, { ...scope, since, limit }));
          seen.push(...page);
          fresh.write((u) => saveCursor(u, consumer, cursorAfter(since, page), scope.runId));
          return page.length;
        };
        for (const s of steps) {
          if ('read' in s) assert.ok(readPage(s.read) <= s.read);
          else writeEvents(fresh, s.write.kind, run, other, s.write.wait);
        }
        for (let more = readPage(3); more > 0; more = readPage(3));
        const all = fresh.read((r) => listEvents(r, { ...scope, since: start, limit: 100_000 }));
        for (const source of ['phase', 'dispatch', 'discovery'] as const) {
          const ids = (events: readonly KernelEvent[]): number[] =>
            events.filter((e) => e.source === source).map((e) => e.id);
          assert.deepEqual(ids(seen), ids(all));
          assert.deepEqual(
            ids(seen),
            [...new Set(ids(seen))].sort((a, b) => a - b),
          );
        }
      }),
      { numRuns: 60 },
    );
  });
});

function newRun(kernel: TestKernel): string {
  return kernel.write((u) => createRun(u, { projectDir: '/p', goal: 'g' })).id;
}

function writeEvents(kernel: TestKernel, kind: string, run: string, other: string, wait: number): void {
  kernel.clock.advance(wait);
  kernel.write((u) => {
    if (kind === 'phase') return void skipPhase(u, run, { phase: 'planned', reason: 'r' });
    if (kind === 'other') return void skipPhase(u, other, { phase: 'planned', reason: 'r' });
    const { id } = createDispatch(u, { agentType: 'shell', projectDir: '/p', scopeId: run });
    markRunning(u, id, PROCESS);
    endDispatch(u, id, { status: 'completed' });
  });
}
