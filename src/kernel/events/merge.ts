/** Merging the event sources into one stream (`spec/kernel.md` §7.2). */
import type { Cursor, KernelEvent } from './model';

interface Placed {
  readonly event: KernelEvent;
  readonly at: number;
}

/**
 * The first `limit` events by time, source and id. Each source comes in the order of its ids.
 *
 * A source is never reordered: an event counts as happening no earlier than those before it. Where a clock went back,
 * ordering by bare time would put a later id first, and a reader that remembers the highest id would miss the others.
 */
export function mergeEvents(sources: readonly (readonly KernelEvent[])[], limit: number): KernelEvent[] {
  return sources
    .flatMap(placeInTime)
    .sort((a, b) => a.at - b.at || compareText(a.event.source, b.event.source) || a.event.id - b.event.id)
    .slice(0, limit)
    .map((placed) => placed.event);
}

/** The cursor of a reader that has now seen these events too. */
export function cursorAfter(cursor: Cursor, events: readonly KernelEvent[]): Cursor {
  const seen = { ...cursor };
  for (const event of events) seen[event.source] = Math.max(seen[event.source], event.id);
  return seen;
}

function placeInTime(events: readonly KernelEvent[]): Placed[] {
  let latest = -Infinity;
  return events.map((event) => {
    latest = Math.max(latest, event.createdAt);
    return { event, at: latest };
  });
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
