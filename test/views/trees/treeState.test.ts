import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cancelRun } from '../../../src/kernel/run/cancel';
import { advanceRun } from '../../../src/kernel/run/advance';
import { createRun, setRun } from '../../../src/kernel/run/record/runs';
import { addArtifact } from '../../../src/kernel/tracking/service';
import { PAGE_SIZE } from '../../../src/views/projections/pages';
import { RunsProjection } from '../../../src/views/projections/run/runs';
import { isOlderRow, rowRef, type OlderRef, type Projection, type Row, type RowRef } from '../../../src/views/rows/row';
import { TreeState } from '../../../src/views/trees/treeState';
import { openTestFolder, viewContextOf, type TestFolder } from '../../support/records/viewFixture';
import { atOnce } from '../../support/tasks/steps';

/** Of runs without their phase. */
function labels(state: TreeState, refs: readonly RowRef[]): (string | undefined)[] {
  return refs.map((ref) => state.row(ref)?.label.replace(/^planned · /, ''));
}

function olderRow(refs: readonly RowRef[]): OlderRef {
  return refs.find(isOlderRow) ?? assert.fail('no row for the rest');
}

describe('redrawing a tree', () => {
  let folder: TestFolder;
  let state: TreeState;

  beforeEach(async () => {
    folder = await openTestFolder();
    state = new TreeState(new RunsProjection(viewContextOf(folder)));
  });

  const create = (goal: string) =>
    folder.write((u) => createRun(u, { projectDir: folder.folder, goal, phases: ['planned', 'executing', 'done'] }));

  it('redraws nothing where nothing that is shown changed', () => {
    create('One');
    const [one] = state.showRoots();
    assert.ok(one !== undefined);
    assert.deepEqual(state.refresh(), []);
    folder.record.forget();
    assert.deepEqual(state.refresh(), []);
  });

  it('redraws one row of many where one run changed', () => {
    const runs = Array.from({ length: 100 }, (_, index) => create(`Run ${index}`));
    state.showRoots();
    const changed = runs[40];
    assert.ok(changed !== undefined);
    folder.write((u) => setRun(u, changed.id, { goal: 'Another goal' }));
    const redraw = state.refresh();
    assert.notEqual(redraw, 'all');
    assert.deepEqual(labels(state, redraw as readonly RowRef[]), ['Another goal']);
  });

  it('names the very object it gave out, since the editor knows rows by identity', () => {
    const run = create('One');
    const [given] = state.showRoots();
    folder.write((u) => setRun(u, run.id, { goal: 'Two' }));
    assert.equal(state.refresh()[0], given);
    assert.equal(state.showRoots()[0], given);
  });

  it('redraws the parent where its children changed, and only it', () => {
    const run = create('One');
    const [row] = state.showRoots();
    assert.ok(row !== undefined);
    const [planned] = state.showChildren(row);
    assert.ok(planned !== undefined);
    assert.equal(state.showChildren(planned).length, 1);
    folder.write((u) => addArtifact(u, { runId: run.id, phase: 'done', path: 'a.txt' }));
    folder.write((u) => addArtifact(u, { runId: run.id, phase: 'done', path: 'b.txt' }));
    const redraw = state.refresh();
    // Only phase `done`, which can be opened now, looks different.
    assert.deepEqual(labels(state, redraw as readonly RowRef[]), ['done']);
    assert.equal(state.parent((redraw as readonly RowRef[])[0] as RowRef), row);
  });

  it('redraws everything where the roots changed', () => {
    create('One');
    state.showRoots();
    create('Two');
    assert.equal(state.refresh(), 'all');
  });

  it('shows the next page of a list in the place of the row for the rest', () => {
    const goals = Array.from({ length: 2 * PAGE_SIZE + 5 }, (_, index) => `Run ${index}`);
    for (const goal of goals) create(goal);
    const shown = (): (string | undefined)[] => labels(state, state.showRoots());
    assert.deepEqual(shown(), [...goals.toReversed().slice(0, PAGE_SIZE), 'Show Older…']);
    const next = state.showMore(olderRow(state.showRoots()));
    assert.equal(state.refresh(), 'all');
    const both = state.showRoots();
    assert.equal(both[PAGE_SIZE], next);
    assert.deepEqual(labels(state, both), [...goals.toReversed().slice(0, 2 * PAGE_SIZE), 'Show Older…']);
    assert.equal(state.row(olderRow(both))?.description, '5');
    assert.deepEqual(state.refresh(), []);
    state.showMore(olderRow(both));
    assert.deepEqual(shown(), goals.toReversed());
    // A list that grew has its newest rows on top, and no fewer of the others.
    create('The newest');
    assert.deepEqual(shown(), ['The newest', ...goals.toReversed()]);
  });

  it('shows the next page below a heading, and draws that heading alone again', () => {
    folder.write((u) => {
      for (let index = 0; index < PAGE_SIZE + 5; index++) {
        cancelRun(u, createRun(u, { projectDir: folder.folder, goal: `Run ${index}` }).id);
      }
    });
    const [day] = state.showRoots();
    assert.ok(day !== undefined);
    const next = state.showMore(olderRow(state.showChildren(day)));
    assert.deepEqual(state.refresh(), [day]);
    const shown = state.showChildren(day);
    assert.equal(shown.length, PAGE_SIZE + 5);
    assert.equal(shown[PAGE_SIZE], next);
    assert.equal(state.parent(shown.at(-1) ?? day), day);
  });

  it('finds a row under headings that were never opened, with its parents', () => {
    const run = create('Ended');
    folder.write((u) => advanceRun(u, run.id, { tier: 'none' }));
    folder.write((u) => advanceRun(u, run.id, { tier: 'none' }));
    state.showRoots();
    const found = atOnce(state.find((ref) => ref.kind === 'run' && ref.runId === run.id));
    assert.ok(found !== undefined);
    const parent = state.parent(found);
    assert.equal(parent?.kind, 'group');
    assert.equal(state.parent(parent), undefined);
    assert.equal(atOnce(state.find((ref) => ref.kind === 'run' && ref.runId === 'unknown')), undefined);
  });

  it('always leaves the editor with what the record says, whatever changed', () => {
    // Two levels of rows with a number as content; the editor requests changed rows again.
    const tree = fc.array(
      fc.record({ id: fc.integer({ min: 0, max: 4 }), value: fc.nat(2), below: fc.uniqueArray(fc.nat(3)) }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(fc.array(tree, { minLength: 2, maxLength: 6 }), (steps) => {
        const source = new NumberedRows();
        const editor = new EditorModel(new TreeState(source));
        for (const step of steps) {
          source.rows = new Map(step.map(({ id, value, below }) => [id, { value, below }]));
          editor.update();
          assert.deepEqual(editor.screen(), source.screen());
        }
      }),
    );
  });
});

class NumberedRows implements Projection {
  rows: ReadonlyMap<number, { value: number; below: readonly number[] }> = new Map();

  roots(): Row[] {
    return [...this.rows].map(([id, { value }]) => numbered(`top ${id}`, value));
  }

  children(ref: RowRef): Row[] {
    const id = Number((ref as { folder: string }).folder.split(' ')[1]);
    return (this.rows.get(id)?.below ?? []).map((value) => ({
      ...numbered(`below ${id} ${value}`, value),
      expands: 'no',
    }));
  }

  tooltip(): undefined {
    return undefined;
  }

  screen(): string[] {
    return this.roots().flatMap((row) => [row, ...this.children(row.ref)].map((one) => one.label));
  }
}

function numbered(folder: string, value: number): Row {
  return {
    ref: rowRef({ kind: 'folder', folder }),
    label: `${folder}: ${value}`,
    icon: { id: 'folder' },
    contextValue: 'intercore.folder',
    spoken: folder,
    expands: 'expanded',
  };
}

/** Keeps its rows until a change event, as the editor does. */
class EditorModel {
  private roots: readonly RowRef[] = [];
  private readonly items = new Map<RowRef, { label: string | undefined; children: readonly RowRef[] }>();

  constructor(private readonly state: TreeState) {
    this.fetchAll();
  }

  update(): void {
    const redraw = this.state.refresh();
    if (redraw === 'all') this.fetchAll();
    else for (const ref of redraw) this.fetch(ref);
  }

  screen(): (string | undefined)[] {
    const below = (ref: RowRef): (string | undefined)[] => {
      const item = this.items.get(ref);
      return [item?.label, ...(item?.children ?? []).flatMap(below)];
    };
    return this.roots.flatMap(below);
  }

  private fetchAll(): void {
    this.items.clear();
    this.roots = this.state.showRoots();
    for (const ref of this.roots) this.fetch(ref);
  }

  private fetch(ref: RowRef): void {
    const row = this.state.row(ref);
    const children = row?.expands === 'no' ? [] : this.state.showChildren(ref);
    this.items.set(ref, { label: row?.label, children });
    for (const child of children) this.fetch(child);
  }
}
