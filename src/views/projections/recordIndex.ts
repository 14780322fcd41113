/**
 * The rows of one table in memory, newest first, kept up to date row by row: a commit that touches one of ten thousand
 * runs reads that one again, not all.
 */
import { KernelError } from '../../kernel/errors';

interface Stored {
  readonly id: string;
  /** Unix seconds. */
  readonly createdAt: number;
}

/** A row that cannot be read. */
export interface Unreadable {
  readonly id: string;
  readonly column: string;
  readonly problem: string;
}

export interface Listed<T> {
  readonly sound: readonly T[];
  readonly invalid: readonly Unreadable[];
}

/** How the rows are read; both see the present record. */
export interface IndexSource<T> {
  list(): Listed<T>;
  find(id: string): T | undefined;
}

export class RecordIndex<T extends Stored> {
  private readonly byId = new Map<string, T>();
  private readonly touched = new Set<string>();
  private order: readonly T[] | undefined;
  private unreadable: readonly Unreadable[] = [];
  private whole = true;

  constructor(private readonly source: IndexSource<T>) {}

  /** Notes that rows changed; they are read when somebody looks. */
  touch(ids: Iterable<string>): void {
    for (const id of ids) this.touched.add(id);
  }

  /** Notes that any row may have changed. */
  forget(): void {
    this.whole = true;
  }

  /** Newest first. The same array until something changes. */
  all(): readonly T[] {
    this.catchUp();
    this.order ??= [...this.byId.values()].sort(newestFirst);
    return this.order;
  }

  invalid(): readonly Unreadable[] {
    this.catchUp();
    return this.unreadable;
  }

  get(id: string): T | undefined {
    this.catchUp();
    return this.byId.get(id);
  }

  private catchUp(): void {
    if (this.whole || !this.readTouched()) this.readAll();
  }

  private readAll(): void {
    const { sound, invalid } = this.source.list();
    this.byId.clear();
    for (const one of sound) this.byId.set(one.id, one);
    this.unreadable = invalid;
    this.settle();
    this.whole = false;
  }

  /** False where one of them cannot be read, so that the list must tell which and why. */
  private readTouched(): boolean {
    if (this.touched.size === 0) return true;
    try {
      for (const id of this.touched) {
        const found = this.source.find(id);
        if (found === undefined) this.byId.delete(id);
        else this.byId.set(id, found);
        if (this.unreadable.some((row) => row.id === id)) return false;
      }
    } catch (error) {
      if (KernelError.is(error, 'ROW_INVALID')) return false;
      throw error;
    }
    this.settle();
    return true;
  }

  private settle(): void {
    this.touched.clear();
    this.order = undefined;
  }
}

function newestFirst(a: Stored, b: Stored): number {
  return b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1);
}
