import assert from 'node:assert/strict';
import { cancelRun } from '../../../../src/kernel/run/cancel';
import { createRun } from '../../../../src/kernel/run/record/runs';
import { RunsProjection } from '../../../../src/views/projections/run/runs';
import { openTestFolder, viewContextOf } from '../../../support/records/viewFixture';

const RUNS = 30;

describe('a page of runs', () => {
  it('is read at once and not run by run', async () => {
    const folder = await openTestFolder();
    for (let n = 0; n < RUNS; n++) {
      const { id } = folder.write((u) => createRun(u, { projectDir: folder.folder, goal: `Run ${n}` }));
      folder.write((u) => cancelRun(u, id));
    }
    folder.record.forget();
    const view = new RunsProjection(viewContextOf(folder));
    const [day] = view.roots();
    assert.ok(day !== undefined);
    const before = folder.reads;
    assert.equal(view.children(day.ref).length, RUNS);
    assert.ok(folder.reads - before <= 3, `${folder.reads - before} reads for ${RUNS} runs`);
  });

  it('shows the runs that cannot be read in their places among the others', async () => {
    const folder = await openTestFolder();
    const ids = ['one', 'two', 'three', 'four'].map((goal) => {
      const { id } = folder.write((u) => createRun(u, { projectDir: folder.folder, goal }));
      folder.kernel.clock.advance(1);
      return id;
    });
    folder.exec(`UPDATE runs SET complexity = 9 WHERE id = '${ids[1]}'`);
    folder.exec(`UPDATE runs SET phases = 'none' WHERE id = '${ids[2]}'`);
    const rows = new RunsProjection(viewContextOf(folder)).roots();
    assert.deepEqual(
      rows.map((row) => [row.ref.kind, row.label]),
      [
        ['run', 'brainstorm · four'],
        ['invalidRun', ids[2]],
        ['invalidRun', ids[1]],
        ['run', 'brainstorm · one'],
      ],
    );
  });
});
