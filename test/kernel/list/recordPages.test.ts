import assert from 'node:assert/strict';
import { countRows, endedRows, openIds, SPAN_SECONDS, UNKNOWN_SPAN } from '../../../src/kernel/list/recordPages';
import { createDispatch, DISPATCH_PAGES, endDispatch } from '../../../src/kernel/dispatch/service';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { createRun } from '../../../src/kernel/run/record/runs';
import { newestActiveRuns, RUN_PAGES } from '../../../src/kernel/run/record/queries';
import { openTestKernel, TEST_START_SEC, type TestKernel } from '../../support/records/kernel';

const EVER = { first: UNKNOWN_SPAN, last: Number.MAX_SAFE_INTEGER };

describe('pages of runs and dispatches', () => {
  let kernel: TestKernel;

  beforeEach(async () => {
    kernel = await openTestKernel();
  });

  const create = (goal: string, projectDir = '/p'): string =>
    kernel.write((u) => createRun(u, { projectDir, goal })).id;

  it('list open rows newest first, the last made of one second first, as many as asked for', () => {
    const [a, b] = [create('a'), create('b')];
    kernel.clock.advance(1);
    const c = create('c');
    assert.deepEqual(
      kernel.read((r) => openIds(r, RUN_PAGES, 10)),
      [c, b, a],
    );
    assert.deepEqual(
      kernel.read((r) => openIds(r, RUN_PAGES, 2)),
      [c, b],
    );
  });

  it('order open rows by the time when they were made, in whatever order they were stored', () => {
    const ids = Array.from({ length: 6 }, (_, n) => create(`run ${n}`));
    const made = [30, 10, 60, 50, 10, 20];
    kernel.exec(ids.map((id, n) => `UPDATE runs SET created_at = ${made[n] ?? 0} WHERE id = '${id}'`).join(';'));
    const newestFirst = [2, 3, 0, 5, 4, 1].map((n) => ids[n]);
    for (const limit of [1, 2, 4, 6, 100])
      assert.deepEqual(
        kernel.read((r) => openIds(r, RUN_PAGES, limit)),
        newestFirst.slice(0, limit),
      );
  });

  it('count rows that ended by quarters of an hour, and list them the last ended first', () => {
    const dispatch = kernel.write((u) => createDispatch(u, { agentType: 'shell', projectDir: '/p' })).id;
    const [a, b, c] = [create('a'), create('b'), create('c')];
    kernel.write((u) => cancelRun(u, b));
    kernel.clock.advance(SPAN_SECONDS);
    kernel.write((u) => cancelRun(u, a));
    kernel.write((u) => endDispatch(u, dispatch, { status: 'failed' }));
    const first = Math.floor(TEST_START_SEC / SPAN_SECONDS);
    assert.deepEqual(
      kernel.read((r) => countRows(r, RUN_PAGES)),
      {
        open: 1,
        ended: [
          { span: first + 1, count: 1 },
          { span: first, count: 1 },
        ],
      },
    );
    assert.deepEqual(
      kernel.read((r) => endedRows(r, RUN_PAGES, EVER, 10)).map(({ id }) => id),
      [a, b],
    );
    assert.deepEqual(
      kernel.read((r) => endedRows(r, RUN_PAGES, { first, last: first }, 10)),
      [{ id: b, endedAt: TEST_START_SEC }],
    );
    assert.deepEqual(
      kernel.read((r) => countRows(r, DISPATCH_PAGES)),
      { open: 0, ended: [{ span: first + 1, count: 1 }] },
    );
    assert.deepEqual(
      kernel.read((r) => openIds(r, RUN_PAGES, 10)),
      [c],
    );
  });

  it('hold rows whatever another program stored', () => {
    const [a, b] = [create('a'), create('b')];
    kernel.exec(`UPDATE runs SET status = x'ff00', created_at = 'never', updated_at = x'01' WHERE id = '${a}';
      UPDATE runs SET id = x'ff', status = 'failed', updated_at = -5 WHERE id = '${b}'`);
    assert.deepEqual(
      kernel.read((r) => openIds(r, RUN_PAGES, 10)),
      [a],
    );
    assert.deepEqual(
      kernel.read((r) => countRows(r, RUN_PAGES)),
      { open: 1, ended: [{ span: UNKNOWN_SPAN, count: 1 }] },
    );
    assert.equal(kernel.read((r) => endedRows(r, RUN_PAGES, EVER, 10)).length, 1);
  });

  it('are empty for an empty record', () => {
    assert.deepEqual(
      kernel.read((r) => countRows(r, RUN_PAGES)),
      { open: 0, ended: [] },
    );
    assert.deepEqual(
      kernel.read((r) => openIds(r, DISPATCH_PAGES, 10)),
      [],
    );
  });

  it('name the newest active runs of one project or of all', () => {
    const [a, b] = [create('a'), create('b', '/q')];
    assert.deepEqual(
      kernel.read((r) => newestActiveRuns(r, undefined, 10)),
      [b, a],
    );
    assert.deepEqual(
      kernel.read((r) => newestActiveRuns(r, '/p', 10)),
      [a],
    );
  });
});
