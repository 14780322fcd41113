/** Rows that lists of a record left out because they cannot be read: how many there are and why, once in each view. */
import { inWords } from '../../kernel/errors/reasons/fill';
import type { InvalidRow, LeftOutRow } from '../../kernel/db/rows';
import { contextValue } from '../../contract/views';
import type { Localizer } from '../rows/localizer';
import { rowRef, type Projection, type Row, type RowRef, type Tooltip } from '../rows/row';
import { groupRow } from './pages';
import type { ViewContext } from './viewContext';

/** A record as far as its rows that cannot be read go. */
export interface LeftOutSource {
  readonly folder: string;
  unreadable(): readonly LeftOutRow[];
}

/** `1 row cannot be read`. */
function countWords(l10n: Localizer, count: number): string {
  return inWords(l10n, '{0} rows cannot be read', count);
}

function whyWords({ table, id, column, problem }: LeftOutRow): string {
  return `${table} ${id}: ${column}: ${problem.text}`;
}

/** The same as lines of a text: how many, then each with its reason. Empty where there are none. */
export function unreadableLines(l10n: Localizer, rows: readonly LeftOutRow[]): string[] {
  return rows.length === 0 ? [] : [countWords(l10n, rows.length), ...rows.map(whyWords)];
}

/** A view with a heading for such rows of each record, below all else. */
export class WithUnreadableRows implements Projection {
  constructor(
    private readonly context: ViewContext,
    private readonly view: Projection,
    /** Tables whose unreadable rows the view shows itself. */
    private readonly shown: readonly string[],
    private readonly sources: () => readonly LeftOutSource[] = () => context.records(),
  ) {}

  roots(): readonly Row[] {
    const { l10n, nameOf } = this.context;
    // What the view reads for its own rows is met first.
    const rows = this.view.roots();
    const headings = this.sources().flatMap((source) => {
      const { folder } = source;
      const { length } = this.of(source);
      if (length === 0) return [];
      const icon = { id: 'warning', color: 'list.warningForeground' };
      return [groupRow({ group: 'unreadable', folder }, countWords(l10n, length), nameOf(folder), icon)];
    });
    return [...rows, ...headings];
  }

  children(ref: RowRef): readonly Row[] {
    if (ref.kind !== 'group' || ref.gathers.group !== 'unreadable') return this.view.children(ref);
    const { folder } = ref.gathers;
    const source = this.sources().find((other) => other.folder === folder);
    return source === undefined
      ? []
      : this.of(source).map((row) => invalidRow(this.context, folder, { ...row, id: `${row.table} ${row.id}` }));
  }

  tooltip(ref: RowRef): Tooltip | undefined {
    return this.view.tooltip(ref);
  }

  /** How many there are by now; the headings differ where this does. */
  count(): number {
    return this.sources().reduce((sum, source) => sum + this.of(source).length, 0);
  }

  private of(source: LeftOutSource): LeftOutRow[] {
    return source.unreadable().filter(({ table }) => !this.shown.includes(table));
  }
}

/** A stored row that cannot be read, in the place of its row. */
export function invalidRow({ l10n }: ViewContext, folder: string, { id, column, problem }: InvalidRow): Row {
  const description = l10n.t('cannot be read: {0}: {1}', column, problem.text);
  return {
    ref: rowRef({ kind: 'invalidTaskRow', folder, rowId: id }),
    label: id,
    description,
    icon: { id: 'warning', color: 'list.warningForeground' },
    contextValue: contextValue('invalidTaskRow', []),
    spoken: `${id}, ${description}`,
    expands: 'no',
  };
}
