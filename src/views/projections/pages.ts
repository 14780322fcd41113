/** Long lists: the first rows, and a row that shows the next ones in its place. */
import { contextValue } from '../../contract/views';
import { rowRef, type Gathering, type Icon, type Paged, type Row } from '../rows/row';
import type { ViewContext } from './viewContext';

/** Rows shown at once in one list. */
export const PAGE_SIZE = 100;

/** A heading over rows. The newest day stands open, so that what has just ended does not vanish from sight. */
export function groupRow(
  gathers: Gathering,
  label: string,
  description: string,
  icon: Icon,
  expands: Row['expands'] = 'collapsed',
): Row {
  return {
    ref: rowRef({ kind: 'group', gathers }),
    label,
    description,
    icon,
    contextValue: contextValue('group', []),
    spoken: `${label}, ${description}`,
    expands,
  };
}

/** One page of a list from `from` on, and a row for what comes after it. Rows are made for this page only. */
export function page<T>(
  context: ViewContext,
  list: readonly T[],
  from: number,
  toRows: (item: T) => Row[],
  of: Paged,
): Row[] {
  return [...list.slice(from, from + PAGE_SIZE).flatMap(toRows), ...rest(context, list.length, from + PAGE_SIZE, of)];
}

/** The same of a list of which only the first items are read, as many as asked for. */
export function pageOf<T>(
  context: ViewContext,
  list: { readonly count: number; readonly first: (limit: number) => readonly T[] },
  from: number,
  toRows: (items: readonly T[]) => Row[],
  of: Paged,
): Row[] {
  const items = list.first(from + PAGE_SIZE).slice(from);
  return [...toRows(items), ...rest(context, list.count, from + PAGE_SIZE, of)];
}

/** The row for what of a list of `count` comes from `next` on; none where that is nothing. */
export function rest({ l10n, formats }: ViewContext, count: number, next: number, of: Paged): Row[] {
  if (count <= next) return [];
  const rows = formats.count(count - next);
  const gathers = { group: 'older', of, from: next } as const;
  return BY_TIME.has(of.group)
    ? [groupRow(gathers, l10n.t('Show Older…'), rows, { id: 'history' }, 'no')]
    : [groupRow(gathers, l10n.t('Show More…'), rows, { id: 'ellipsis' }, 'no')];
}

/** Lists with the newest first; what comes after a page of them is older. */
const BY_TIME: ReadonlySet<Gathering['group']> = new Set<Gathering['group']>([
  'activeRuns',
  'liveDispatches',
  'runDay',
  'dispatchDay',
  'events',
  'taskDay',
  'portfolioDay',
  'portfolioEvents',
]);
