/** What the board's page does with what it is sent, without a browser: columns, filters, moves, steps, gaps. */
import assert from 'node:assert/strict';
import type { BoardCard, BoardSnapshot, CardState } from '../../../src/contract/pages/board';
import { EVERYTHING } from '../../../src/contract/pages/board';
import { placeBefore } from '../../../src/views/board/boardMove';
import { blockOf, columnsOf, inSight, neighborsAt, placed, reordered } from '../../../src/webview/board/model/columns';
import { applied, stateOf } from '../../../src/webview/board/model/state';
import { step } from '../../../src/webview/board/cards/steps';

const card = (id: string, taskId: string, status: CardState = 'ready', title = id): BoardCard => {
  return { id, taskId, title, status, state: status, facts: [], reason: '', actions: [], spoken: title };
};

function snapshot(...cards: readonly BoardCard[]): BoardSnapshot {
  const ids = [...new Set(cards.map(({ taskId }) => taskId))];
  const tasks = ids.map((id) => ({
    id,
    title: `Task ${id}`,
    description: '',
    status: 'active' as const,
    state: 'Active',
    facts: [],
    reason: '',
    merged: 0,
    subtasks: 0,
    gauges: [],
    budget: '',
    actions: [],
    spoken: id,
  }));
  const orders = ids.map((taskId) => ({
    taskId,
    ids: cards.filter((one) => one.taskId === taskId).map(({ id }) => id),
  }));
  const head = { title: 'parcels', folder: '/projects/parcels', isWritable: true, notices: [] };
  return { type: 'snapshot', seq: 1, head, view: EVERYTHING, tasks, orders, cards: [...cards] };
}

const NO_MOVES = new Map<string, readonly string[]>();
const BOARD = snapshot(
  card('a', 't1'),
  card('b', 't1', 'inProgress'),
  card('c', 't1'),
  card('d', 't1', 'waiting', 'Mail it'),
  card('e', 't2'),
  card('f', 't2', 'broken'),
);
const titles = (view = EVERYTHING, moves = NO_MOVES) =>
  columnsOf(stateOf(BOARD), view, moves).map(({ cards }) => cards.map(({ id }) => id).join(''));

describe("the board's page, without a browser", () => {
  it('puts cards into columns by task and in their order', () => {
    assert.deepEqual(titles(), ['ace', 'b', '', '', 'df']);
  });

  it('filters by task, by status and by each word of a text, also of the task', () => {
    assert.deepEqual(titles({ ...EVERYTHING, taskId: 't2' }), ['e', '', '', '', 'f']);
    assert.deepEqual(titles({ ...EVERYTHING, columns: ['blocked'] }), ['df']);
    assert.deepEqual(titles({ ...EVERYTHING, text: 'MAIL' }), ['', '', '', '', 'd']);
    assert.deepEqual(titles({ ...EVERYTHING, text: 'task t2' }), ['e', '', '', '', 'f']);
    assert.equal(columnsOf(stateOf(BOARD), { ...EVERYTHING, taskId: 't2' }, NO_MOVES)[0]?.total, 3);
  });

  it('stands cards under their task where they are grouped', () => {
    const [ready] = columnsOf(stateOf(BOARD), { ...EVERYTHING, grouped: true }, NO_MOVES);
    assert.deepEqual(
      ready?.items.map(({ kind, id }) => `${kind} ${id}`),
      ['heading task t1', 'card a', 'card c', 'heading task t2', 'card e'],
    );
  });

  it('refuses a delta where one before it is missing', () => {
    const state = stateOf(BOARD);
    const delta = { type: 'delta', seq: 3, tasks: [], orders: [], cards: [], gone: [] } as const;
    assert.equal(applied(state, { ...delta, tasks: [], orders: [], cards: [], gone: [] }), undefined);
    const next = applied(state, {
      type: 'delta',
      seq: 2,
      tasks: [],
      orders: [],
      cards: [card('a', 't1', 'merged')],
      gone: ['c'],
    });
    assert.deepEqual(
      { seq: next?.seq, status: next?.cards.get('a')?.status, cardsHas: next?.cards.has('c') },
      { seq: 2, status: 'merged', cardsHas: false },
    );
  });

  it('moves a card among those of its task in its column, between those that a person sees (D22)', () => {
    const [ready] = columnsOf(stateOf(BOARD), EVERYTHING, NO_MOVES);
    const block = blockOf(ready?.cards ?? [], 'a');
    assert.deepEqual(
      block.map(({ id }) => id),
      ['a', 'c'],
    );
    const between = neighborsAt(block, 'a', 1);
    assert.deepEqual(between, { after: 'c', before: null });
    const ids = reordered(['a', 'b', 'c', 'd'], 'a', between);
    assert.deepEqual(ids, ['b', 'c', 'a', 'd']);
    assert.deepEqual(titles(EVERYTHING, new Map([['t1', ids]])), ['cae', 'b', '', '', 'df']);
  });

  it('asks the kernel for the same place that the page shows', () => {
    const ids = ['a', 'b', 'c', 'd'];
    const cases = [
      { subtaskId: 'a', after: 'c', before: null },
      { subtaskId: 'c', after: null, before: 'a' },
      { subtaskId: 'a', after: 'd', before: null },
      { subtaskId: 'd', after: 'a', before: 'c' },
    ];
    for (const move of cases) {
      const before = placeBefore(ids, move);
      const others = ids.filter((id) => id !== move.subtaskId);
      const at = before === null ? others.length : others.indexOf(before);
      const kernels = [...others.slice(0, at), move.subtaskId, ...others.slice(at)];
      assert.deepEqual(kernels, reordered(ids, move.subtaskId, move), JSON.stringify(move));
    }
  });

  it('steps along columns, over empty ones, and stays at the border', () => {
    const columns = columnsOf(stateOf(BOARD), EVERYTHING, NO_MOVES);
    const way = (from: string | undefined, to: Parameters<typeof step>[2]) => step(columns, from, to);
    assert.equal(way(undefined, 'down'), 'a');
    assert.deepEqual([way('a', 'down'), way('e', 'down'), way('a', 'up')], ['c', 'e', 'a']);
    assert.deepEqual([way('c', 'right'), way('b', 'right'), way('f', 'left')], ['b', 'd', 'b']);
    assert.deepEqual([way('c', 'first'), way('a', 'last')], ['a', 'e']);
  });

  it('draws what can be seen alone', () => {
    const cards = Array.from({ length: 2000 }, (_, index) => card(String(index), 't'));
    const [ready] = columnsOf(stateOf(snapshot(...cards)), EVERYTHING, NO_MOVES);
    const places = placed(ready?.items ?? [], () => 100, 6);
    assert.deepEqual(inSight(places, 0, 800), { first: 0, last: 8 });
    const { first, last } = inSight(places, 106_000, 106_800);
    assert.deepEqual({ first, last }, { first: 1000, last: 1008 });
  });
});
