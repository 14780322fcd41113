/** The order in which parts start: the longest first, so that none of them runs alone at the end. */
import type { Part } from './lanes';

/** The longest first, as the summary of a run lists them; a part that is missing here only starts later. */
const LONG = [
  'Lint',
  'security starts',
  'cli commands',
  'services village/beads',
  'services record/durability',
  'services village/beadsSync',
  'services village/adversary',
  'services village/gitHubFlow',
  'services village/proof',
  'services village/orchestrator',
  'cli dispatch/shellWrappers',
  'services village/trouble',
  'native record/durability',
  'contract',
  'cli lead/leadTogether',
];

export function longestFirst(parts: readonly Part[]): readonly Part[] {
  const rank = ({ title }: Part): number => (LONG.includes(title) ? LONG.indexOf(title) : LONG.length);
  return [...parts].sort((one, other) => rank(one) - rank(other));
}
