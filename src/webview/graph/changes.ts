/** What a screen reader announces when one picture follows another. Pure. */
import type { GraphPicture } from '../../contract/pages/graph';

/** More changes at once are announced as one sentence about the whole. */
const MOST_NAMED = 3;

export function spokenChanges(before: GraphPicture, now: GraphPicture): string {
  const known = new Map(before.nodes.map(({ id, spoken }) => [id, spoken]));
  const changed = now.nodes.filter(({ id, spoken }) => known.get(id) !== spoken);
  const said = new Set(before.notices.map(({ text }) => text));
  const notices = now.notices.map(({ text }) => text).filter((text) => !said.has(text));
  if (changed.length + notices.length === 0) return now.summary === before.summary ? '' : now.summary;
  if (changed.length > MOST_NAMED) return sentences([...notices, now.summary]);
  return sentences([...notices, ...changed.map(({ spoken }) => spoken)]);
}

function sentences(texts: readonly string[]): string {
  return texts.map((text) => (text.endsWith('.') ? text : `${text}.`)).join(' ');
}
