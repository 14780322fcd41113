import assert from 'node:assert/strict';
import { checkGate, checkGateOf } from '../../src/kernel/gate/service';
import { createRun } from '../../src/kernel/run/record/runs';
import { findRuns, getRun } from '../../src/kernel/run/record/queries';
import { openTestKernel } from '../support/records/kernel';

const RUN = { projectDir: '/p', goal: 'g' };

describe('reading', () => {
  it('may be done inside reading and inside writing', async () => {
    const kernel = await openTestKernel();
    const { id } = kernel.write((u) => createRun(u, RUN));
    const goal = (): string => kernel.read((r) => getRun(r, id).goal);
    assert.equal(
      kernel.read(() => goal()),
      'g',
    );
    const seen = kernel.write((u) => {
      u.db.run("UPDATE runs SET goal = 'h' WHERE id = ?", [id]);
      return goal();
    });
    assert.equal(seen, 'h');
    assert.equal(goal(), 'h');
  });

  it('that fails does not block the writes after it', async () => {
    const kernel = await openTestKernel();
    assert.throws(() => kernel.read((r) => getRun(r, 'none')), { code: 'NOT_FOUND' });
    assert.throws(() => kernel.read((r) => r.db.rows('SELECT nothing FROM nowhere', [])), { code: 'SQL_FAILED' });
    const { id } = kernel.write((u) => createRun(u, RUN));
    kernel.kernel.export();
    assert.equal(kernel.read((r) => getRun(r, id)).goal, 'g');
  });

  it('sees columns that came after its statement was first used', async () => {
    const kernel = await openTestKernel();
    kernel.write((u) => createRun(u, RUN));
    const sql = 'SELECT * FROM runs';
    const before = Object.keys(kernel.read((r) => r.db.rows(sql, []))[0] ?? {});
    kernel.exec("ALTER TABLE runs ADD COLUMN later TEXT DEFAULT 'yes'");
    const after = kernel.read((r) => r.db.rows(sql, []))[0] ?? {};
    assert.deepEqual(Object.keys(after), [...before, 'later']);
    assert.equal(after['later'], 'yes');
  });

  it('continues after more statements than are kept compiled, with each one’s own parameters', async () => {
    const kernel = await openTestKernel();
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 500; n++) {
        const rows = kernel.read((r) => r.db.rows(`SELECT ? + ${n} AS sum, ? AS word`, [round, `w${n}`]));
        assert.deepEqual(rows, [{ sum: n + round, word: `w${n}` }]);
      }
    }
  });

  it('repeats a statement that failed half-way', async () => {
    const kernel = await openTestKernel();
    const sql = 'SELECT json_extract(value, ?) AS x FROM json_each(?)';
    const rows = JSON.stringify(['{"a":1}', '{']);
    for (let n = 0; n < 2; n++) {
      assert.throws(() => kernel.read((r) => r.db.rows(sql, ['$.a', rows])), { code: 'SQL_FAILED' });
      assert.deepEqual(
        kernel.read((r) => r.db.rows(sql, ['$.a', '["{\\"a\\":2}"]'])),
        [{ x: 2 }],
      );
    }
  });

  it('finds several runs at once, those that cannot be read beside the others', async () => {
    const kernel = await openTestKernel();
    const [a, b, c] = ['a', 'b', 'c'].map((goal) => kernel.write((u) => createRun(u, { ...RUN, goal })));
    assert.ok(a && b && c);
    kernel.exec(`UPDATE runs SET complexity = 9 WHERE id = '${b.id}'`);
    const { runs, invalid } = kernel.read((r) => findRuns(r, [c.id, b.id, 'none', a.id]));
    assert.deepEqual(new Set(runs.map((run) => run.goal)), new Set(['a', 'c']));
    assert.deepEqual(
      invalid.map(({ id, column }) => ({ id, column })),
      [{ id: b.id, column: 'complexity' }],
    );
  });

  it('judges the gate of a run in hand as that of its id', async () => {
    const kernel = await openTestKernel();
    const run = kernel.write((u) => createRun(u, RUN));
    const options = { tier: 'hard', applySkips: true } as const;
    assert.deepEqual(
      kernel.read((r) => checkGateOf(r, run, options)),
      kernel.read((r) => checkGate(r, run.id, options)),
    );
  });
});
