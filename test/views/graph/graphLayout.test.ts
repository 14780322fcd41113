import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { GraphEdge, GraphPicture } from '../../../src/contract/pages/graph';
import { bringIntoSight, fit, pan, zoom, type Camera } from '../../../src/webview/graph/camera';
import { spokenChanges } from '../../../src/webview/graph/changes';
import { layOut, layoutKey, type Box, type Layout } from '../../../src/webview/graph/layout';
import { step } from '../../../src/webview/graph/steps';
import { edge, fullPicture, largePicture, node, picture } from '../../support/views/graphPictures';

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const names = ['a', 'b', 'c', 'd', 'e', 'f', '__proto__', 'constructor'];
/** Any lines at all, with circles and lines from a node to itself. */
const anyPicture: fc.Arbitrary<GraphPicture> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)), {
    maxLength: 20,
    selector: ([from, to]) => `${from} ${to}`,
  })
  .map((lines) =>
    picture(
      names.map((name) => node(name)),
      lines.map(([from, to]) => edge(from, to)),
    ),
  );

function box(layout: Layout, name: string): Box {
  const found = layout.nodes.get(`run-${name}`);
  assert.ok(found);
  return found;
}

describe('the layout of the graph', () => {
  it('puts every node somewhere, none over another, and ends every line at its nodes', () => {
    fc.assert(
      fc.property(anyPicture, (drawn) => {
        const layout = layOut(drawn);
        const boxes = [...layout.nodes.values()];
        assert.equal(boxes.length, drawn.nodes.length);
        boxes.forEach((box, at) => assert.ok(!boxes.slice(at + 1).some((other) => overlap(box, other))));
        for (const box of boxes) {
          assert.ok(box.x >= 0 && box.x + box.width <= layout.width);
          assert.ok(box.y >= 0 && box.y + box.height <= layout.height);
        }
        assert.equal(layout.edges.length, drawn.edges.length);
        for (const { points } of layout.edges) assert.ok(points.length >= 2);
      }),
      { numRuns: 60 },
    );
  });

  it('puts upstream left of downstream and draws the line from side to side', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 12, selector: String }), (pairs) => {
        const lines = pairs.filter(([a, b]) => a < b).map(([a, b]) => edge(`n${a}`, `n${b}`));
        const nodes = Array.from({ length: 7 }, (_, index) => node(`n${index}`));
        const layout = layOut({ nodes, edges: lines });
        for (const { edge: line, points } of layout.edges) {
          const [left, right] = [layout.nodes.get(line.from), layout.nodes.get(line.to)];
          assert.ok(left && right && left.x + left.width < right.x);
          assert.deepEqual(
            { firstPointsX: points[0]?.x, lastPointsX: points.at(-1)?.x },
            { firstPointsX: left.x + left.width, lastPointsX: right.x },
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it('stays while only states differ', () => {
    const before = fullPicture();
    const nodes = before.nodes.map((one) => ({ ...one, status: 'completed' as const, notice: 'x', dispatches: 5 }));
    const edges = before.edges.map((one): GraphEdge => ({ ...one, kind: 'holds', label: 'needs x' }));
    const after = { ...before, nodes, edges };
    assert.equal(layoutKey(after), layoutKey(before));
    assert.deepEqual(layOut(after).nodes, layOut(before).nodes);
    assert.notEqual(layoutKey({ ...before, edges: before.edges.slice(1) }), layoutKey(before));
  });

  it('takes a hundred projects with three hundred dependencies', () => {
    const large = largePicture(100, 300);
    assert.ok(large.edges.length > 250);
    assert.equal(layOut(large).nodes.size, 100);
  });
});

describe('arrow keys in the graph', () => {
  const layout = layOut(fullPicture());
  const go = (from: string, ...way: Parameters<typeof step>[2][]): string =>
    way.reduce((at, direction) => step(layout, at, direction) ?? 'nowhere', `run-${from}`).slice('run-'.length);

  it('follow the dependencies both ways and stop where they end', () => {
    assert.equal(go('auth', 'right', 'right'), 'web');
    assert.equal(go('schema', 'right'), 'api');
    assert.equal(go('web', 'left', 'left', 'left', 'left'), go('web', 'left', 'left'));
    assert.equal(go('docs', 'right'), 'docs');
  });

  it('go to a project above or below, or nowhere', () => {
    for (const { name } of fullPicture().nodes) {
      const below = go(name, 'down');
      assert.ok(below === name || box(layout, below).y > box(layout, name).y);
      const above = go(name, 'up');
      assert.ok(above === name || box(layout, above).y < box(layout, name).y);
    }
  });

  it('start at the first project and know first and last', () => {
    assert.equal(step(layout, 'none', 'right'), [...layout.nodes.keys()][0]);
    assert.equal(go('web', 'first', 'last'), go('api', 'last'));
    assert.equal(step({ ...layout, nodes: new Map() }, 'none', 'right'), undefined);
  });
});

describe('the camera of the graph', () => {
  const graph = { width: 2000, height: 1000 };
  const window = { width: 500, height: 400 };
  const camera = fc.record<Camera>({
    x: fc.integer({ min: -3000, max: 3000 }),
    y: fc.integer({ min: -3000, max: 3000 }),
    scale: fc.double({ min: 0.1, max: 3, noNaN: true }),
  });
  const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-6;

  it('fits everything into the window, in the middle, and enlarges nothing', () => {
    assert.deepEqual(fit(graph, window), { x: 0, y: 75, scale: 0.25 });
    assert.deepEqual(fit({ width: 100, height: 100 }, window), { x: 200, y: 150, scale: 1 });
  });

  it('keeps what is below the pointer there while it zooms', () => {
    fc.assert(
      fc.property(camera, fc.double({ min: 0.5, max: 2, noNaN: true }), (before, factor) => {
        const around = { x: 120, y: 80 };
        const after = zoom(before, factor, around);
        assert.ok(near((around.x - before.x) / before.scale, (around.x - after.x) / after.scale));
        assert.ok(after.scale >= 0.05 && after.scale <= 3);
      }),
    );
  });

  it('never moves the graph out of sight', () => {
    fc.assert(
      fc.property(camera, fc.integer({ min: -9000, max: 9000 }), (before, by) => {
        const { x, y, scale } = pan(before, { x: by, y: -by }, graph, window);
        assert.ok(x < window.width && x + graph.width * scale > 0);
        assert.ok(y < window.height && y + graph.height * scale > 0);
      }),
    );
  });

  it('brings a node into sight by the shortest way', () => {
    const seen = { x: 0, y: 0, scale: 1 };
    const at = (x: number, y: number): Box => ({ x, y, width: 200, height: 80 });
    assert.deepEqual(bringIntoSight(seen, at(100, 100), window), seen);
    assert.deepEqual(bringIntoSight(seen, at(600, 100), window), { x: -324, y: 0, scale: 1 });
    assert.deepEqual(bringIntoSight(seen, at(-50, 900), window), { x: 74, y: -604, scale: 1 });
  });
});

describe('what is said of a change', () => {
  const before = picture([node('a'), node('b'), node('c'), node('d')], []);
  const changing = (...names: string[]): GraphPicture => ({
    ...before,
    nodes: before.nodes.map((one) => (names.includes(one.name) ? { ...one, spoken: `${one.name} now` } : one)),
  });

  it('is the projects that changed, or the whole where many did', () => {
    assert.equal(spokenChanges(before, before), '');
    assert.equal(spokenChanges(before, changing('a', 'c')), 'a now. c now.');
    assert.equal(spokenChanges(before, changing('a', 'b', 'c', 'd')), `${before.summary}.`);
    assert.equal(spokenChanges(before, { ...before, summary: 'all done' }), 'all done');
  });

  it('starts with new notices', () => {
    const after: GraphPicture = { ...changing('a'), notices: [{ tone: 'warning', text: 'A circle.' }] };
    assert.equal(spokenChanges(before, after), 'A circle. a now.');
    assert.equal(spokenChanges(after, after), '');
  });
});
