/**
 * What a tree has shown so far, and the smallest set of rows to redraw when the record changed
 * (`docs/design/editor.md#changes`): same id and equal content, nothing; new content or other children, that row; other
 * roots, everything.
 */
import type { RowKind } from '../../contract/views';
import type { Steps } from '../../host/turns';
import { isOlderRow, type OlderRef, type Projection, type Row, type RowRef, type Tooltip } from '../rows/row';

/** Rows that must be drawn again with all below them; `all` where the roots differ. */
export type Redraw = 'all' | readonly RowRef[];

interface Shown {
  readonly ref: RowRef;
  readonly parent: RowRef | undefined;
  row: Row;
  print: string;
  /** Ids of its children, once they were requested. */
  children: readonly string[] | undefined;
}

/** Kinds below which other rows are searched for. */
const GATHERS: ReadonlySet<RowKind> = new Set<RowKind>(['folder', 'portfolio', 'project', 'task', 'group']);

export class TreeState {
  private roots: readonly string[] | undefined;
  /** Every row ever given out, also those gone from the record since: the editor may still ask for them. */
  private readonly shown = new Map<string, Shown>();
  /** Ids of rows for the rest of a list whose next page is shown in their place. */
  private readonly opened = new Set<string>();

  constructor(private readonly projection: Projection) {}

  /** The top rows. The same id always gives the same object, since the editor knows rows by identity. */
  showRoots(): RowRef[] {
    this.forgetBelow(this.roots);
    const shown = this.rootRows().map((row) => this.show(row, undefined));
    this.roots = shown.map((one) => one.ref.id);
    return shown.map((one) => one.ref);
  }

  showChildren(ref: RowRef): RowRef[] {
    const parent = this.shown.get(ref.id);
    this.forgetBelow(parent?.children);
    const shown = this.childRows(ref).map((row) => this.show(row, ref));
    if (parent !== undefined) parent.children = shown.map((one) => one.ref.id);
    return shown.map((one) => one.ref);
  }

  /** The content of a row this state has given out. */
  row(ref: RowRef): Row | undefined {
    return this.shown.get(ref.id)?.row;
  }

  parent(ref: RowRef): RowRef | undefined {
    return this.shown.get(ref.id)?.parent;
  }

  tooltip(ref: RowRef): Tooltip | undefined {
    return this.projection.tooltip(ref);
  }

  /**
   * The first row that is wanted, searched for in folders, portfolios, projects, tasks and headings; its parents are known
   * from then on, and the pages up to it are opened. A step reads the rows below one row, or one page: a list may have
   * thousands.
   */
  find(isWanted: (ref: RowRef) => boolean): Steps<RowRef | undefined> {
    return this.search(this.projection.roots(), undefined, isWanted);
  }

  /** Shows the next page in the place of the row for the rest of a list; gives the first row of that page. */
  showMore(older: OlderRef): RowRef | undefined {
    this.opened.add(older.id);
    const [first] = this.projection.children(older);
    return first && this.keep(first, this.parent(older)).ref;
  }

  /** Compares everything shown with the present record. What it names is forgotten below, as the editor asks again. */
  refresh(): Redraw {
    if (this.roots === undefined) return [];
    const rows = this.rootRows();
    if (!sameIds(this.roots, rows)) return 'all';
    return rows.flatMap((row) => this.compare(row));
  }

  private *search(
    rows: readonly Row[],
    parent: RowRef | undefined,
    isWanted: (ref: RowRef) => boolean,
  ): Steps<RowRef | undefined> {
    const direct = rows.find((row) => isWanted(row.ref));
    if (direct !== undefined) return this.keep(direct, parent).ref;
    for (const row of rows) {
      if (!GATHERS.has(row.ref.kind)) continue;
      const ref = this.shown.get(row.ref.id)?.ref ?? row.ref;
      yield;
      const found = yield* this.search(this.projection.children(ref), isOlderRow(ref) ? parent : ref, isWanted);
      if (found === undefined) continue;
      if (isOlderRow(ref)) this.opened.add(ref.id);
      else this.keep(row, parent);
      return found;
    }
    return undefined;
  }

  private compare(row: Row): RowRef[] {
    const known = this.shown.get(row.ref.id);
    if (known === undefined) return [];
    const children = known.children === undefined ? undefined : this.childRows(known.ref);
    const print = printOf(row);
    const same = known.print === print;
    known.row = row;
    known.print = print;
    if (children === undefined || known.children === undefined) return same ? [] : [known.ref];
    if (same && sameIds(known.children, children)) return children.flatMap((child) => this.compare(child));
    this.forgetBelow(known.children);
    known.children = undefined;
    return [known.ref];
  }

  private rootRows(): Row[] {
    return this.withOpened(this.projection.roots());
  }

  private childRows(ref: RowRef): Row[] {
    return this.withOpened(this.projection.children(ref));
  }

  /** The pages that were opened are in one list with the first. */
  private withOpened(rows: readonly Row[]): Row[] {
    return rows.flatMap((row) => {
      return isOlderRow(row.ref) && this.opened.has(row.ref.id) ? this.childRows(row.ref) : [row];
    });
  }

  /** Knows a row and its place without taking what is shown below it as asked again. */
  private keep(row: Row, parent: RowRef | undefined): Shown {
    const children = this.shown.get(row.ref.id)?.children;
    const kept = this.show(row, parent);
    kept.children = children;
    return kept;
  }

  private show(row: Row, parent: RowRef | undefined): Shown {
    const before = this.shown.get(row.ref.id);
    const shown: Shown = { ref: before?.ref ?? row.ref, parent, row, print: printOf(row), children: undefined };
    this.shown.set(row.ref.id, shown);
    return shown;
  }

  /** Stops comparing what is below; the references stay known, so that a row shown again is the same object. */
  private forgetBelow(ids: readonly string[] | undefined): void {
    for (const id of ids ?? []) {
      const known = this.shown.get(id);
      this.forgetBelow(known?.children);
      if (known !== undefined) known.children = undefined;
    }
  }
}

function sameIds(ids: readonly string[], rows: readonly Row[]): boolean {
  return ids.length === rows.length && rows.every((row, index) => row.ref.id === ids[index]);
}

function printOf(row: Row): string {
  return JSON.stringify(row);
}
