import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TimelineItem } from '../../../src/contract/pages/timeline';
import { FOLD_WIDTH, TimeScale } from '../../../src/webview/timeline/scale';
import { placeItems, shapesOf } from '../../../src/webview/timeline/shapes';
import { stepFrom } from '../../../src/webview/timeline/steps';
import { ticksOf } from '../../../src/webview/timeline/ticks';

const mark = (id: string, from: number, lane = 1): TimelineItem => {
  return { kind: 'mark', id, lane, from, tone: 'neutral', spoken: id, sign: 'other' };
};
const bar = (id: string, from: number, to: number | null): TimelineItem => {
  return { kind: 'bar', id, lane: 1, from, to, tone: 'good', spoken: id, label: id };
};
const RANGE = { from: 1000, to: 5000 };
const FOLDS = [{ from: 2000, to: 4000, text: 'a while' }];
const WIDTH = 800;

describe('the scale of a timeline', () => {
  const fitted = TimeScale.fitting(RANGE, FOLDS, WIDTH);

  it('fits everything into the window, folded stretches short', () => {
    assert.equal(Math.round(fitted.place(1000)), 14);
    assert.equal(Math.round(fitted.place(5000)), WIDTH - 14);
    assert.ok(Math.abs(fitted.place(4000) - fitted.place(2000) - FOLD_WIDTH) < 0.01);
  });

  it('finds the moment that it drew, at any zoom', () => {
    const moments = fc.double({ min: 1000, max: 5000, noNaN: true });
    const zooms = fc.double({ min: 0.5, max: 50, noNaN: true });
    fc.assert(
      fc.property(moments, zooms, fc.integer({ min: 0, max: WIDTH }), (at, factor, x) => {
        const scale = fitted.zoom(factor, x, WIDTH);
        assert.ok(Math.abs(scale.at(scale.place(at)) - at) < 0.01);
      }),
    );
  });

  it('keeps what is under the pointer where it is, unless an end of the timeline forbids it', () => {
    const near = fitted.zoom(10, 300, WIDTH);
    assert.ok(Math.abs(near.at(300) - fitted.at(300)) < 0.01);
    assert.equal(fitted.zoom(10, 0, WIDTH).moved(-1e6, WIDTH).camera.left, 0);
  });

  it('never becomes narrower than its window, and does not leave it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.integer({ min: -9999, max: 9999 }),
        (factor, by) => {
          const scale = fitted.zoom(factor, 100, WIDTH).moved(by, WIDTH);
          assert.ok(scale.place(RANGE.from) <= 14.01 && scale.place(RANGE.to) >= WIDTH - 14.01);
        },
      ),
    );
  });

  it('has few marks without overlap, even over a fold of a year', () => {
    const year = [{ from: 2000, to: 2000 + 365 * 86_400, text: 'a year' }];
    const scale = TimeScale.fitting({ from: 1000, to: 3000 + 365 * 86_400 }, year, WIDTH);
    const ticks = ticksOf(scale, WIDTH, 'en');
    assert.ok(ticks.length > 2 && ticks.length < 20, String(ticks.length));
    for (const [index, { x }] of ticks.entries()) assert.ok(index === 0 || x - (ticks[index - 1]?.x ?? 0) >= 72);
  });
});

describe('the shapes of a timeline', () => {
  const scale = TimeScale.fitting(RANGE, [], WIDTH);
  const drawn = (items: readonly TimelineItem[], at = scale) =>
    shapesOf(placeItems(items).get(1) ?? [], at, { width: WIDTH, now: RANGE.to });

  it('are one where they stand too close together, and say the worst', () => {
    const bad: TimelineItem = { ...mark('b', 1002), tone: 'bad' };
    const [one, other, ...rest] = drawn([mark('a', 1000), bad, mark('c', 3000)]);
    assert.deepEqual(
      { oneHeldCount: one?.held.length, tone: one?.tone, otherHeldCount: other?.held.length, restCount: rest.length },
      { oneHeldCount: 2, tone: 'bad', otherHeldCount: 1, restCount: 0 },
    );
  });

  it('lose nothing: every item in sight is in exactly one', () => {
    const items = Array.from({ length: 10_000 }, (_, n) => mark(String(n), 1000 + Math.floor((n / 10_000) * 4000)));
    const shapes = drawn(items);
    assert.ok(shapes.length < WIDTH / 10);
    const held = shapes.flatMap((shape) => shape.held.map(({ item }) => item.id));
    assert.deepEqual(
      held,
      items.map(({ id }) => id),
    );
  });

  it('tells apart what happened in the same second, once it is near enough', () => {
    const items = [mark('a', 2000), mark('b', 2000), mark('c', 2000)];
    assert.equal(drawn(items).length, 1);
    const near = scale.showing({ from: 2000, to: 2000.7 }, WIDTH);
    assert.equal(drawn(items, near).length, 3);
  });

  it('are left out where they are not visible', () => {
    const near = scale.showing({ from: 3000, to: 3010 }, WIDTH);
    assert.deepEqual(
      drawn([bar('before', 1000, 1100), bar('through', 1200, 4000), bar('after', 4500, null)], near).map(
        ({ held }) => held[0]?.item.id,
      ),
      ['through'],
    );
  });

  it('draws what lasts up to now', () => {
    const [one] = drawn([bar('lasts', 4000, null)]);
    assert.ok(one && Math.abs(one.x + one.width - scale.place(5000)) < 0.01);
  });

  it('are walked by the keyboard, over all that a shape holds, and from lane to lane', () => {
    const lanes = placeItems([mark('a', 1000), mark('b', 1001), mark('c', 3000), mark('d', 2900, 2)]);
    const [first] = drawn([mark('a', 1000), mark('b', 1001)]);
    assert.deepEqual(stepFrom(lanes, { lane: 1, at: 1000 }, first, 'right'), { lane: 1, at: 3000 });
    assert.deepEqual(stepFrom(lanes, { lane: 1, at: 3000 }, undefined, 'left'), { lane: 1, at: 1001 });
    assert.deepEqual(stepFrom(lanes, { lane: 1, at: 1000 }, first, 'down'), { lane: 2, at: 2900 });
    assert.deepEqual(stepFrom(lanes, { lane: 2, at: 2900 }, undefined, 'up'), { lane: 1, at: 3000 });
    assert.equal(stepFrom(lanes, { lane: 1, at: 3000 }, undefined, 'right'), undefined);
    assert.equal(stepFrom(new Map(), undefined, undefined, 'right'), undefined);
  });
});
