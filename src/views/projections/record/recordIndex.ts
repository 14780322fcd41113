/**
 * The rows of one table for lists: counted and ordered by SQL, listed a page at a time, and decoded only where a row is
 * shown. A commit that touches one of ten thousand runs reads that one again, not all.
 */
import type { InvalidRow } from '../../../kernel/db/rows';
import { because } from '../../../kernel/errors/reasons/problem';
import { SPAN_SECONDS, type EndedCount, type EndedRow, type RowCounts } from '../../../kernel/list/recordPages';
import { dayKey } from '../../rows/format';

export type Reading<T> = { readonly sound: T } | { readonly invalid: InvalidRow };

/** What decides where a row is listed. */
export interface RowPosition {
  readonly id: string;
  readonly createdAt: number;
  /** Unix seconds; undefined while it is open. */
  readonly endedAt: number | undefined;
}

/** How the rows are read; all see the present record. */
export interface IndexSource<T> {
  count(): RowCounts;
  /** Newest first. */
  openIds(limit: number): readonly string[];
  endedRows(spans: { readonly first: number; readonly last: number }, limit: number): readonly EndedRow[];
  /** Those of them that there are, in no order. */
  findAll(ids: readonly string[]): { readonly sound: readonly T[]; readonly invalid: readonly InvalidRow[] };
  placeOf(row: T): RowPosition;
}

interface Day {
  count: number;
  first: number;
  readonly last: number;
  rows: readonly EndedRow[];
}

/** What is known of the lists until a row changes its place. */
interface Lists {
  counts?: { readonly open: number; readonly days: ReadonlyMap<string, Day> };
  open?: readonly string[];
}

export class RecordIndex<T> {
  /** Requested rows; undefined for one that is not there. */
  private readonly readings = new Map<string, Reading<T> | undefined>();
  private readonly touched = new Set<string>();
  private lists: Lists = {};

  constructor(private readonly source: IndexSource<T>) {}

  /** Notes that rows changed; they are read on demand. */
  touch(ids: Iterable<string>): void {
    for (const id of ids) this.touched.add(id);
  }

  /** Notes that any row may have changed. */
  forget(): void {
    this.lists = {};
    this.readings.clear();
    this.touched.clear();
  }

  /** How many rows have not ended. */
  get openCount(): number {
    return this.counts().open;
  }

  /** Ids of the newest rows that have not ended. */
  open(limit: number): readonly string[] {
    const wanted = Math.min(limit, this.openCount);
    const known = this.lists.open;
    if (known !== undefined && known.length >= wanted) return known.slice(0, wanted);
    // At least twice as many as before, so that a reader of all pages lists the ids a few times and not once a page.
    this.lists.open = this.source.openIds(Math.min(this.openCount, Math.max(wanted, 2 * (known?.length ?? 0))));
    return this.lists.open.slice(0, wanted);
  }

  /** How many rows ended on each local day, newest day first. */
  endedDays(): ReadonlyMap<string, number> {
    return new Map([...this.counts().days].map(([day, { count }]) => [day, count]));
  }

  /** The last rows that ended on a day, the last ended first. */
  endedOn(day: string, limit: number): readonly EndedRow[] {
    const known = this.counts().days.get(day);
    if (known === undefined) return [];
    const wanted = Math.min(limit, known.count);
    if (known.rows.length < wanted) {
      known.rows = this.source.endedRows(known, Math.min(known.count, Math.max(wanted, 2 * known.rows.length)));
    }
    return known.rows.slice(0, wanted);
  }

  /** Reads rows that are about to be shown, all at once instead of one by one. */
  readAhead(ids: readonly string[]): void {
    this.catchUp();
    const unread = ids.filter((id) => !this.readings.has(id));
    if (unread.length > 0) this.readAll(unread);
  }

  /** Whether rows would have to be read before they are shown. */
  isUnread(ids: readonly string[]): boolean {
    this.catchUp();
    return ids.some((id) => !this.readings.has(id));
  }

  /** One row, or why it cannot be read; undefined where there is none. */
  read(id: string): Reading<T> | undefined {
    this.readAhead([id]);
    return this.readings.get(id);
  }

  /** The same for a row of a list: it is there, so without a reading its id is no text. */
  readListed(id: string): Reading<T> {
    return this.read(id) ?? { invalid: { id, column: 'id', problem: because('not text') } };
  }

  /** A row that is there and can be read. */
  get(id: string): T | undefined {
    const reading = this.read(id);
    return reading !== undefined && 'sound' in reading ? reading.sound : undefined;
  }

  /** Reads again what changed and is known. The lists stay where every row kept its place. */
  private catchUp(): void {
    if (this.touched.size === 0) return;
    const known = [...this.touched].filter((id) => this.readings.has(id));
    // Where a row was that was never read is unknown.
    let moved = known.length < this.touched.size;
    this.touched.clear();
    const before = known.map((id) => this.placeIn(id));
    this.readAll(known);
    moved ||= known.some((id, index) => !isSamePlace(before[index], this.placeIn(id)));
    if (moved) this.lists = {};
  }

  private readAll(ids: readonly string[]): void {
    if (ids.length === 0) return;
    for (const id of ids) this.readings.set(id, undefined);
    const { sound, invalid } = this.source.findAll(ids);
    for (const row of sound) this.readings.set(this.source.placeOf(row).id, { sound: row });
    for (const each of invalid) this.readings.set(each.id, { invalid: each });
  }

  private placeIn(id: string): RowPosition | undefined {
    const reading = this.readings.get(id);
    return reading !== undefined && 'sound' in reading ? this.source.placeOf(reading.sound) : undefined;
  }

  private counts(): NonNullable<Lists['counts']> {
    this.catchUp();
    if (this.lists.counts !== undefined) return this.lists.counts;
    const { open, ended } = this.source.count();
    return (this.lists.counts = { open, days: daysOf(ended) });
  }
}

function daysOf(counts: readonly EndedCount[]): ReadonlyMap<string, Day> {
  const days = new Map<string, Day>();
  for (const { span, count } of counts) {
    const key = dayKey(span * SPAN_SECONDS);
    const day = days.get(key);
    if (day === undefined) days.set(key, { count, first: span, last: span, rows: [] });
    else {
      day.count += count;
      day.first = span;
    }
  }
  return days;
}

/** A row that cannot be read may have moved. */
function isSamePlace(one: RowPosition | undefined, other: RowPosition | undefined): boolean {
  return one !== undefined && one.createdAt === other?.createdAt && one.endedAt === other.endedAt;
}
