/** The order in which parts start: the longest first, so that none of them runs alone at the end. */
import type { Part } from './lanes';

/** The longest first, as the summary of a run lists them; a part that is missing here only starts later. */
const LONG = [
  'extension folder: opens folder, trusted',
  'ui heldAccounts',
  'ui menus',
  'ui demo',
  'ui board',
  'ui mainJob',
  'ui plan',
  'cli nouns/dispatch/shellWrappers',
  'services tasks/gitHubFlow',
  'services tasks/trouble',
  'services tasks/lead/orchestrator',
  'contract',
  'cli commands',
  'services tasks/tracker/beads',
  'ui boardPage',
  'ui graphPage',
  'ui timelinePage',
  'services record/durability',
  'services tasks/tracker/beadsSync',
  'services tasks/adversary',
  'services tasks/proof/proof',
  'services tasks/proof/submoduleProof',
  'services tasks/work/agentFailures',
  'services tasks/hands',
  'native record/durability',
  'cli lead/leadSurvival',
  'cli lead/leadTogether',
  'host git/unusualNested',
  'host git/snapshot/snapshotContents',
  'host git/worktreeKilled',
];

export function longestFirst(parts: readonly Part[]): readonly Part[] {
  const rank = ({ title }: Part): number => (LONG.includes(title) ? LONG.indexOf(title) : LONG.length);
  return [...parts].sort((one, other) => rank(one) - rank(other));
}
