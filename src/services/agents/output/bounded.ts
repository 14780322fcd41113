/** Bounded storage for readers of agent output, which is foreign and unlimited. */
import * as text from '../../../kernel/text/storableText';

/** A copy of the start of a text. A slice would keep the whole text in memory. */
export function startOf(whole: string, longest: number): string {
  return whole.length <= longest ? whole : copyOf(text.startOf(whole, longest));
}

/** A copy of the end of a text. */
export function endOf(whole: string, longest: number): string {
  return whole.length <= longest ? whole : copyOf(text.endOf(whole, longest));
}

/** A copy that keeps no longer text in memory. */
export function copyOf(part: string): string {
  return Buffer.from(part, 'utf16le').toString('utf16le');
}

/** A map that drops its oldest entry when it is full. */
export class RecentMap<V> {
  private readonly entries = new Map<string, V>();

  constructor(private readonly most: number) {}

  get size(): number {
    return this.entries.size;
  }

  get(key: string): V | undefined {
    return this.entries.get(key);
  }

  /** Setting an entry again makes it the newest. */
  set(key: string, value: V): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    const [oldest] = this.entries.keys();
    if (this.entries.size > this.most && oldest !== undefined) this.entries.delete(oldest);
  }

  /** Whether it existed. */
  delete(key: string): boolean {
    return this.entries.delete(key);
  }
}

/** Deeper parts of a value are not shown. */
const MOST_LEVELS = 64;

/** JSON of any value, however deep: `JSON.stringify` alone runs out of stack. */
export function shallowJson(value: unknown): string {
  return JSON.stringify(withoutDepths(value, MOST_LEVELS));
}

function withoutDepths(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (levels === 0) return '…';
  if (Array.isArray(value)) return value.map((item) => withoutDepths(item, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutDepths(item, levels - 1)]));
}
