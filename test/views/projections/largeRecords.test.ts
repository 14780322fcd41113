import assert from 'node:assert/strict';
import { openIds } from '../../../src/kernel/list/recordPages';
import { createDispatch, endDispatch, listDispatches } from '../../../src/kernel/dispatch/service';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { createRun, setRun } from '../../../src/kernel/run/record/runs';
import { listRuns, RUN_PAGES } from '../../../src/kernel/run/record/queries';
import { DispatchesProjection } from '../../../src/views/projections/dispatch/dispatches';
import { PAGE_SIZE } from '../../../src/views/projections/pages';
import { RunsProjection } from '../../../src/views/projections/run/runs';
import { statusSummary } from '../../../src/views/projections/run/statusSummary';
import { isOlderRow, rowRef, type Row, type RowRef } from '../../../src/views/rows/row';
import { TreeState } from '../../../src/views/trees/treeState';
import { noReads, type Reads } from '../../support/records/countedReads';
import { openTestFolder, viewContextOf, type TestFolder } from '../../support/records/viewFixture';

/** More rows than one page has, read again with ids and counts: far less than there are. */
const MOST_ROWS = 4 * PAGE_SIZE;
const MOST_STATEMENTS = 20;
const MANY = 3000;

describe('a record with far more rows than a page', () => {
  let folder: TestFolder;

  before(async () => {
    folder = await openTestFolder();
    folder.write((u) => {
      for (let n = 0; n < MANY; n++) {
        const run = createRun(u, { projectDir: folder.folder, goal: `Run ${n}` });
        if (n % 2 === 0) cancelRun(u, run.id);
        const dispatch = createDispatch(u, { agentType: 'claude', projectDir: folder.folder, name: `Agent ${n}` });
        if (n % 2 === 0) endDispatch(u, dispatch.id, { status: 'completed', exitCode: 0 });
      }
    });
  });

  beforeEach(() => folder.record.forget());

  const readsOf = (work: () => unknown): Reads => {
    folder.counts = noReads();
    work();
    return folder.counts;
  };
  const assertOnePage = ({ rows, listed, statements }: Reads): void => {
    assert.ok(rows + listed <= MOST_ROWS, `${rows} rows and ${listed} listed`);
    assert.ok(statements <= MOST_STATEMENTS, `${statements} statements`);
  };

  it('has its first page of runs read by as many rows as it shows', () => {
    const tree = new TreeState(new RunsProjection(viewContextOf(folder)));
    assertOnePage(readsOf(() => tree.showRoots()));
    const day = tree.showRoots().at(-1);
    assert.ok(day !== undefined);
    assert.equal(tree.row(day)?.description, `${MANY / 2} runs`);
    assertOnePage(readsOf(() => assert.equal(tree.showChildren(day).length, PAGE_SIZE + 1)));
  });

  it('has its first page of dispatches read by as many rows as it shows', () => {
    const tree = new TreeState(new DispatchesProjection(viewContextOf(folder)));
    const reads = readsOf(() => assert.equal(tree.showRoots().length, PAGE_SIZE + 2));
    assert.ok(reads.rows + reads.listed <= MOST_ROWS, JSON.stringify(reads));
    const older = tree.showRoots().at(-2);
    assert.ok(older !== undefined && isOlderRow(older));
    assert.equal(tree.row(older)?.description, (MANY / 2 - PAGE_SIZE).toLocaleString('en-US'));
    tree.showMore(older);
    assert.equal(tree.showRoots().length, 2 * PAGE_SIZE + 2);
  });

  it('has a page of the list of its runs or dispatches decoded, and no other row', () => {
    const page = { from: 1000, limit: 50 };
    const runs = readsOf(() => {
      const { runs: listed } = folder.record.read((r) => listRuns(r, { page }));
      assert.deepEqual(
        { goal: listed[0]?.goal, listedCount: listed.length },
        { goal: `Run ${MANY - 1 - page.from}`, listedCount: page.limit },
      );
    });
    assert.equal(runs.rows, page.limit);
    const dispatches = readsOf(() => {
      const { dispatches: listed } = folder.record.read((r) => listDispatches(r, { active: true, page }));
      assert.deepEqual(
        { name: listed[0]?.name, listedCount: listed.length },
        { name: `Agent ${MANY - 1 - 2 * page.from}`, listedCount: page.limit },
      );
    });
    assert.equal(dispatches.rows, page.limit);
    assert.deepEqual(folder.record.read((r) => listRuns(r, { page: { from: MANY, limit: 1 } })).runs, []);
  });

  it('finds a run far down the list in steps of a page, and opens the pages up to it', () => {
    const tree = new TreeState(new RunsProjection(viewContextOf(folder)));
    const pages = MANY / 2 / PAGE_SIZE;
    const oldest = String(folder.record.read((r) => openIds(r, RUN_PAGES, MANY)).at(-1));
    const steps = tree.find((row) => row.kind === 'run' && row.runId === oldest);
    let found: RowRef | undefined;
    let [statements, listed] = [0, 0];
    for (let isOver = false; !isOver;) {
      const reads = readsOf(() => {
        const step = steps.next();
        if (step.done === true) [isOver, found] = [true, step.value];
      });
      assert.ok(reads.rows <= 2 * PAGE_SIZE, `${reads.rows} rows in a step`);
      statements += reads.statements;
      listed += reads.listed;
    }
    assert.ok(found !== undefined);
    assert.equal(tree.parent(found), undefined);
    assert.ok(tree.showRoots().includes(found));
    assert.ok(statements <= pages * MOST_STATEMENTS, `${statements} statements`);
    // Ids are listed a few times, and not again for each page.
    assert.ok(listed <= 3 * MANY, `${listed} listed`);
  });

  it('has a page of the events of a run decoded, and no other event', () => {
    const run = folder.write((u) => {
      const made = createRun(u, { projectDir: folder.folder, goal: 'Many events' });
      u.db.run(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
         INSERT INTO phase_events (run_id, from_phase, to_phase, event_type) SELECT ?, 'a', 'b', 'advance' FROM n`,
        [made.id],
      );
      return made;
    });
    const view = new RunsProjection(viewContextOf(folder));
    const gathers = { group: 'events', folder: folder.folder, runId: run.id } as const;
    const events = view.children(rowRef({ kind: 'group', gathers }));
    assert.equal(events.length, PAGE_SIZE + 1);
    const [older] = events.slice(-1);
    assert.ok(older !== undefined);
    assertOnePage(readsOf(() => assert.equal(view.children(older.ref).length, PAGE_SIZE + 1)));
  });

  it('has a page of the artifacts and agents of a run read, and its phases by counts', () => {
    const run = folder.write((u) => {
      const made = createRun(u, { projectDir: folder.folder, goal: 'Much gathered' });
      const many = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)';
      u.db.run(
        `${many} INSERT INTO run_artifacts (id, run_id, phase, path, type, created_at)
         SELECT 'art' || i, ?1, iif(i % 2 = 0, 'brainstorm', 'elsewhere'), 'docs/' || i || '.md', 'file', 1 FROM n`,
        [made.id],
      );
      u.db.run(
        `${many} INSERT INTO run_agents (id, run_id, agent_type, status, created_at, updated_at)
         SELECT 'agent' || i, ?1, 'claude', iif(i % 10 = 0, 'active', 'completed'), 1, 1 FROM n`,
        [made.id],
      );
      u.db.run(
        `${many} INSERT INTO phase_events (run_id, from_phase, to_phase, event_type) SELECT ?1, 'a', 'b', 'advance' FROM n`,
        [made.id],
      );
      return made;
    });
    const view = new RunsProjection(viewContextOf(folder));
    const ref = rowRef({ kind: 'run', folder: folder.folder, runId: run.id });
    let below: readonly Row[] = [];
    assertOnePage(readsOf(() => (below = view.children(ref))));
    const headings = below.filter(({ ref: { kind } }) => kind === 'group');
    assert.deepEqual(
      headings.map(({ label, description }) => [label, description]),
      [
        ['Artifacts of other phases', '1,000'],
        ['Agents', '2000, 200 active'],
        ['Events', '2,000'],
      ],
    );
    const [phase] = below;
    assert.ok(phase !== undefined);
    for (const list of [phase, ...headings]) {
      assertOnePage(
        readsOf(() => {
          const rows = view.children(list.ref);
          const older = rows.at(-1);
          assert.ok(older !== undefined && isOlderRow(older.ref), list.label);
          assert.equal(view.children(older.ref).length, PAGE_SIZE + 1);
        }),
      );
    }
  });

  it('has its current run found without the others', () => {
    assertOnePage(
      readsOf(() =>
        assert.equal(statusSummary(viewContextOf(folder), folder.folder)?.text.split(' ')[0], 'brainstorm'),
      ),
    );
  });

  it('reads one run again where one run in sight changed, and a page where one out of sight did', () => {
    const tree = new TreeState(new RunsProjection(viewContextOf(folder)));
    const shown = tree.showRoots()[0];
    assert.ok(shown?.kind === 'run');
    const change = (id: string): Reads => {
      folder.write((u) => setRun(u, id, { goal: 'Another goal' }));
      return readsOf(() => tree.refresh());
    };
    assert.ok(change(shown.runId).rows < 10);
    const hidden = folder.record.runs.open(2 * PAGE_SIZE).at(-1) ?? '';
    const { rows, listed } = change(hidden);
    assert.ok(rows + listed <= 2 * PAGE_SIZE, `${rows} rows and ${listed} listed`);
  });
});
