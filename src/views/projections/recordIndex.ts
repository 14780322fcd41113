/**
 * The rows of one table for lists: all of them in outline, whole only where somebody looks, and kept up to date row by
 * row. A commit that touches one of ten thousand runs reads that one again, not all.
 */
import type { RowOutline } from '../../kernel/db/outline';
import { KernelError } from '../../kernel/errors';
import { byDay } from '../format';

/** Why a row cannot be read. */
export interface Unreadable {
  readonly id: string;
  readonly column: string;
  readonly problem: string;
}

export type Reading<T> = { readonly sound: T } | { readonly invalid: Unreadable };

/** How the rows are read; all see the present record. */
export interface IndexSource<T> {
  /** In the order in which the rows were made. */
  outlines(): readonly RowOutline[];
  /** @throws KernelError `ROW_INVALID` */
  find(id: string): T | undefined;
  /** Those of them that there are, in no order; absent where rows are read one by one. */
  findAll?(ids: readonly string[]): { readonly sound: readonly T[]; readonly invalid: readonly Unreadable[] };
  outlineOf(row: T): RowOutline;
  /** Whether a row of this status belongs under the day it ended; one of an unknown status does not. */
  isEnded(status: string): boolean;
}

interface Entry extends RowOutline {
  /** Later rows have a higher one. */
  readonly order: number;
  readonly isEnded: boolean;
}

interface Lists {
  readonly open: readonly string[];
  readonly ended: ReadonlyMap<string, readonly RowOutline[]>;
}

export class RecordIndex<T> {
  private readonly entries = new Map<string, Entry>();
  private readonly readings = new Map<string, Reading<T>>();
  private readonly touched = new Set<string>();
  private lists: Lists | undefined;
  private nextOrder = 0;
  private isWholeStale = true;

  constructor(private readonly source: IndexSource<T>) {}

  /** Notes that rows changed; they are read when somebody looks. */
  touch(ids: Iterable<string>): void {
    for (const id of ids) this.touched.add(id);
  }

  /** Notes that any row may have changed. */
  forget(): void {
    this.isWholeStale = true;
  }

  /** Ids of rows that have not ended, newest first. */
  open(): readonly string[] {
    return this.listed().open;
  }

  /** Rows that ended by local day, newest day first and in it the last ended first. */
  ended(): ReadonlyMap<string, readonly RowOutline[]> {
    return this.listed().ended;
  }

  /** Those rows that are only known in outline. */
  unread(ids: readonly string[]): readonly string[] {
    this.catchUp();
    return ids.filter((id) => !this.readings.has(id));
  }

  /** Reads rows that are about to be shown, all at once instead of one by one. */
  readAhead(unread: readonly string[]): void {
    if (this.source.findAll === undefined) return;
    const { sound, invalid } = this.source.findAll(unread);
    for (const row of sound) this.readings.set(this.source.outlineOf(row).id, { sound: row });
    for (const each of invalid) this.readings.set(each.id, { invalid: each });
  }

  /** One row, or why it cannot be read; undefined where there is none. */
  read(id: string): Reading<T> | undefined {
    this.catchUp();
    if (!this.entries.has(id)) return undefined;
    const known = this.readings.get(id);
    if (known !== undefined) return known;
    const reading = this.readNow(id) ?? { invalid: { id, column: 'id', problem: 'not text' } };
    this.readings.set(id, reading);
    return reading;
  }

  /** A row that is there and can be read. */
  get(id: string): T | undefined {
    const reading = this.read(id);
    return reading !== undefined && 'sound' in reading ? reading.sound : undefined;
  }

  private catchUp(): void {
    if (this.isWholeStale) this.outlineAll();
    if (this.touched.size === 0) return;
    const touched = [...this.touched];
    this.touched.clear();
    this.lists = undefined;
    for (const id of touched) this.readTouched(id);
  }

  private outlineAll(): void {
    this.entries.clear();
    this.readings.clear();
    this.touched.clear();
    this.lists = undefined;
    for (const outline of this.source.outlines()) this.enter(outline);
    this.isWholeStale = false;
  }

  private readTouched(id: string): void {
    const reading = this.readNow(id);
    if (reading === undefined) {
      this.entries.delete(id);
      this.readings.delete(id);
      return;
    }
    this.readings.set(id, reading);
    if ('sound' in reading) this.enter(this.source.outlineOf(reading.sound));
    else if (!this.entries.has(id)) this.outlineAll();
  }

  private readNow(id: string): Reading<T> | undefined {
    try {
      const found = this.source.find(id);
      return found === undefined ? undefined : { sound: found };
    } catch (error) {
      if (!KernelError.is(error, 'ROW_INVALID')) throw error;
      const { column, problem } = error.facts;
      return { invalid: { id, column, problem } };
    }
  }

  private enter(outline: RowOutline): void {
    const order = this.entries.get(outline.id)?.order ?? this.nextOrder++;
    this.entries.set(outline.id, { ...outline, order, isEnded: this.source.isEnded(outline.status) });
  }

  private listed(): Lists {
    this.catchUp();
    if (this.lists !== undefined) return this.lists;
    const open: Entry[] = [];
    const ended: Entry[] = [];
    for (const entry of this.entries.values()) (entry.isEnded ? ended : open).push(entry);
    open.sort((a, b) => b.createdAt - a.createdAt || b.order - a.order);
    ended.sort((a, b) => b.endedAt - a.endedAt || b.order - a.order);
    this.lists = { open: open.map((entry) => entry.id), ended: byDay(ended, (entry) => entry.endedAt) };
    return this.lists;
  }
}
