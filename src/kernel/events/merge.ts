/** Merging the event sources into one stream (`docs/design/formats.md#events`). */
import type { Cursor, EventSource, KernelEvent } from './model';

interface Placed {
  readonly event: KernelEvent;
  readonly at: number;
}

/** Reads at most `limit` events of a source, those after an id, in the order of their ids. */
export type ReadMore = (source: EventSource, since: number, limit: number) => readonly KernelEvent[];

/** How many events of a source are read at once. */
const CHUNK = 100;

/**
 * The first `limit` events by time, source and id, a chunk at a time, each event read once. Each source is in the order
 * of its ids.
 *
 * A source is never reordered: an event counts as no earlier than those before it. After a clock was set back, ordering
 * by time alone would put a later id first, and a reader that remembers the highest id would miss the others.
 */
export function* mergedChunks(
  sources: readonly EventSource[],
  since: Cursor,
  limit: number,
  readMore: ReadMore,
): Generator<readonly KernelEvent[], void, undefined> {
  const lines = sources.map((source) => new SourceLine(source, since[source], readMore));
  let chunk: KernelEvent[] = [];
  for (let left = limit; left > 0; left--) {
    const heads = lines.flatMap((line) => line.head(left) ?? []);
    const first = heads.reduce<Placed | undefined>((least, head) => {
      return least === undefined || compare(head, least) < 0 ? head : least;
    }, undefined);
    if (first === undefined) break;
    lines.find(({ source }) => source === first.event.source)?.next();
    chunk.push(first.event);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** The events of one source that have not been passed yet. */
class SourceLine {
  private placed: Placed[] = [];
  private at = 0;
  private latest = -Infinity;
  private hasEnded = false;

  constructor(
    readonly source: EventSource,
    private since: number,
    private readonly readMore: ReadMore,
  ) {}

  /** `most`: how many are needed in total. */
  head(most: number): Placed | undefined {
    if (this.at === this.placed.length && !this.hasEnded) this.read(Math.min(CHUNK, most));
    return this.placed[this.at];
  }

  next(): void {
    this.at += 1;
  }

  private read(limit: number): void {
    const events = this.readMore(this.source, this.since, limit);
    // There may also be fewer because some are unreadable.
    this.hasEnded = events.length === 0;
    this.placed = placeInTime(events, this.latest);
    this.at = 0;
    this.since = events.at(-1)?.id ?? this.since;
    this.latest = this.placed.at(-1)?.at ?? this.latest;
  }
}

/** The cursor of a reader after these events. */
export function cursorAfter(cursor: Cursor, events: readonly KernelEvent[]): Cursor {
  const seen = { ...cursor };
  for (const event of events) seen[event.source] = Math.max(seen[event.source], event.id);
  return seen;
}

function compare(a: Placed, b: Placed): number {
  return a.at - b.at || compareText(a.event.source, b.event.source) || a.event.id - b.event.id;
}

/** `after`: the effective time of the last event before these. */
function placeInTime(events: readonly KernelEvent[], after = -Infinity): Placed[] {
  let latest = after;
  return events.map((event) => {
    latest = Math.max(latest, event.createdAt);
    return { event, at: latest };
  });
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
