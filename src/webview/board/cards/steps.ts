/** Where a key leads from a card. Pure. */
import type { ColumnContents } from '../model/columns';

export type Direction = 'up' | 'down' | 'left' | 'right' | 'first' | 'last';

const KEYS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  k: 'up',
  ArrowDown: 'down',
  j: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  Home: 'first',
  End: 'last',
};

export function directionOf(key: string): Direction | undefined {
  return KEYS[key];
}

/** The card to go to: the same one at the border, the first of all where there is none yet. */
export function step(columns: readonly ColumnContents[], from: string | undefined, to: Direction): string | undefined {
  const place = find(columns, from);
  if (place === undefined) return columns.find(({ cards }) => cards.length > 0)?.cards[0]?.id;
  const { column, row } = place;
  const { cards } = columns[column] ?? { cards: [] };
  switch (to) {
    case 'up':
      return (cards[row - 1] ?? cards[row])?.id;
    case 'down':
      return (cards[row + 1] ?? cards[row])?.id;
    case 'first':
      return cards[0]?.id;
    case 'last':
      return cards.at(-1)?.id;
    case 'left':
      return beside(columns.slice(0, column).reverse(), row) ?? from;
    case 'right':
      return beside(columns.slice(column + 1), row) ?? from;
  }
}

/** In the next column with cards: the one as far down. */
function beside(columns: readonly ColumnContents[], row: number): string | undefined {
  const cards = columns.find((one) => one.cards.length > 0)?.cards ?? [];
  return (cards[row] ?? cards.at(-1))?.id;
}

function find(columns: readonly ColumnContents[], id: string | undefined): { column: number; row: number } | undefined {
  for (const [column, { cards }] of columns.entries()) {
    const row = cards.findIndex((card) => card.id === id);
    if (row >= 0) return { column, row };
  }
  return undefined;
}
