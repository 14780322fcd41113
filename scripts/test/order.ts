/** The order in which parts start: the longest first, so that none of them runs alone at the end. */
import type { Part } from './lanes';

/** The longest first, as the summary of a run lists them; a part that is missing here only starts later. */
const LONG = [
  'extension folder: opens folder, trusted',
  'contract',
  'ui mainJob',
  'ui sessionStory',
  'cli nouns in short',
  'cli commands',
  'services tasks/lead/orchestrator',
  'extension hostileUntrusted: opens hostile, in Restricted Mode',
  'ui sessions',
  'ui needsYou',
  'ui board',
  'services dispatch in short',
  'cli in short',
  'services tasks in short',
  'services portfolio in short',
  'host git in short',
  'services tasks/adversary',
  'ui tasks',
  'ui plan',
  'ui trust',
  'services tasks/hostileClones',
  'services tasks/proof/proof',
  'services tasks/everyStage',
  'host session/sessionHost',
  'services agents/addAgent',
  'services tasks/gitHubFlow',
  'services tasks/stages',
  'cli nouns/dispatch/shellWrappers',
];

export function longestFirst(parts: readonly Part[]): readonly Part[] {
  const rank = ({ title }: Part): number => (LONG.includes(title) ? LONG.indexOf(title) : LONG.length);
  return [...parts].sort((one, other) => rank(one) - rank(other));
}
