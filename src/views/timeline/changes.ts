/** What differs between two pictures of a run, so that a long timeline is not sent again with each event. Pure. */
import type { TimelineItem } from '../../contract/pages/timeline';
import { mapped, type Steps } from '../../host/turns';

export interface Changes {
  /** New, or not as they were. */
  readonly items: readonly TimelineItem[];
  /** Ids of those that are gone. */
  readonly removed: readonly string[];
}

/** `shown`: the text of each item that was sent, by its id. `now`: those of the items. */
export function changesOf(
  shown: ReadonlyMap<string, string>,
  items: readonly TimelineItem[],
  now: ReadonlyMap<string, string>,
): Changes {
  return {
    items: items.filter(({ id }) => shown.get(id) !== now.get(id)),
    removed: [...shown.keys()].filter((id) => !now.has(id)),
  };
}

/** Items as texts, by their ids. */
export function* textsOf(items: readonly TimelineItem[]): Steps<ReadonlyMap<string, string>> {
  return new Map(yield* mapped(items, (item) => [item.id, JSON.stringify(item)] as const));
}
