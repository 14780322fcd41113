import assert from 'node:assert/strict';
import type { CreateRunInput } from '../../../../src/kernel/run/record/model';
import { cancelRun } from '../../../../src/kernel/run/cancel';
import { createRun } from '../../../../src/kernel/run/record/runs';
import { currentRun, findRun, getRun, listRuns } from '../../../../src/kernel/run/record/queries';
import { openTestKernel, type TestKernel } from '../../../support/records/kernel';
import { refuses } from '../../../support/hostile/refusals';

const PLAIN: CreateRunInput = { projectDir: '/p', goal: 'ship it' };

function create(kernel: TestKernel, input: Partial<CreateRunInput> = {}): string {
  return kernel.write((u) => createRun(u, { ...PLAIN, ...input })).id;
}

describe('finding runs', () => {
  it('gives undefined or an error for an unknown id', async () => {
    const kernel = await openTestKernel();
    assert.equal(
      kernel.read((r) => findRun(r, 'nope')),
      undefined,
    );
    assert.throws(() => kernel.read((r) => getRun(r, 'nope')), { code: 'NOT_FOUND' });
  });

  it('takes the newest active run of exactly one directory as the current one', async () => {
    const kernel = await openTestKernel();
    const first = create(kernel);
    const second = create(kernel);
    create(kernel, { projectDir: '/p/' });
    const current = (): string | undefined => kernel.read((r) => currentRun(r, '/p'))?.id;
    assert.equal(current(), second);
    kernel.write((u) => cancelRun(u, second));
    assert.equal(current(), first);
    kernel.write((u) => cancelRun(u, first));
    assert.equal(current(), undefined);
  });

  it('lists newest first, also runs of one second', async () => {
    const kernel = await openTestKernel();
    const [a, b] = [create(kernel), create(kernel)];
    kernel.clock.advance(1);
    const c = create(kernel);
    assert.deepEqual(
      kernel.read((r) => listRuns(r)).runs.map((run) => run.id),
      [c, b, a],
    );
  });

  it('filters by status, scope, project, parent and kind', async () => {
    const kernel = await openTestKernel();
    const a = create(kernel, { scopeId: 's' });
    const b = create(kernel, { projectDir: '/q', parentRunId: 'top' });
    kernel.exec("INSERT INTO runs (id, project_dir, goal, status, created_at) VALUES ('top', '', 'g', 'failed', 1)");
    const ids = (filter: Parameters<typeof listRuns>[1]): string[] =>
      kernel.read((r) => listRuns(r, filter)).runs.map((run) => run.id);
    assert.deepEqual(ids({ status: 'active' }), [b, a]);
    assert.deepEqual(ids({ status: 'failed' }), ['top']);
    assert.deepEqual(ids({ scopeId: 's' }), [a]);
    assert.deepEqual(ids({ projectDir: '/q', status: 'active' }), [b]);
    assert.deepEqual(ids({ portfolio: true }), ['top']);
    assert.deepEqual(ids({ portfolio: false }), [b, a]);
    const { parentRunId } = kernel.read((r) => getRun(r, b));
    assert.ok(parentRunId);
    assert.deepEqual(ids({ parentRunId }), [b]);
  });

  const invalid: Readonly<Record<string, readonly [string, string]>> = {
    'a chain that is no JSON': ['phases', "'[oops'"],
    'a chain that is no list': ['phases', `'{"a":1}'`],
    'a chain with a phase twice': ['phases', `'["a","a"]'`],
    'a chain of one phase': ['phases', `'["a"]'`],
    'an unknown status': ['status', "'dreaming'"],
    'a complexity of 9': ['complexity', '9'],
    'a time that is text': ['created_at', "'yesterday'"],
    'a goal that is bytes': ['goal', "x'00'"],
    'a goal that is not UTF-8': ['goal', "CAST(x'ff' AS TEXT)"],
    'a goal with a NUL': ['goal', "'a' || char(0)"],
  };
  for (const [what, [column, value]] of Object.entries(invalid)) {
    it(`names the row with ${what} and lists the others`, async () => {
      const kernel = await openTestKernel();
      const [good, bad] = [create(kernel), create(kernel)];
      kernel.exec(`UPDATE runs SET ${column} = ${value} WHERE id = '${bad}'`);
      const list = kernel.read((r) => listRuns(r));
      assert.deepEqual(
        { runs: list.runs.map((run) => run.id), invalid: list.invalid.map((row) => [row.id, row.column]) },
        { runs: [good], invalid: [[bad, column]] },
      );
      assert.equal(refuses(kernel, 'ROW_INVALID', (u) => cancelRun(u, bad)).column, column);
    });
  }
});
