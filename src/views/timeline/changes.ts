/** What differs between two pictures of a run, so that a long timeline is not sent anew with each event. Pure. */
import type { TimelineItem } from '../../contract/timeline';

export interface Changes {
  /** New, or not as they were. */
  readonly items: readonly TimelineItem[];
  /** Ids of those that are gone. */
  readonly removed: readonly string[];
}

/** `shown`: the text of each item that was sent, by its id. */
export function changesOf(shown: ReadonlyMap<string, string>, items: readonly TimelineItem[]): Changes {
  const ids = new Set(items.map(({ id }) => id));
  return {
    items: items.filter((item) => shown.get(item.id) !== JSON.stringify(item)),
    removed: [...shown.keys()].filter((id) => !ids.has(id)),
  };
}

export function textsOf(items: readonly TimelineItem[]): ReadonlyMap<string, string> {
  return new Map(items.map((item) => [item.id, JSON.stringify(item)]));
}
