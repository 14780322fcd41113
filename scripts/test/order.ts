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
  'security starts',
  'services tasks/tracker/beads',
  'services record/durability',
  'services tasks/tracker/beadsSync',
  'services tasks/adversary',
  'services tasks/gitHubFlow',
  'services tasks/proof/proof',
  'services tasks/proof/submoduleProof',
  'services tasks/lead/orchestrator',
  'services tasks/work/agentFailures',
  'services tasks/hands',
  'cli nouns/dispatch/shellWrappers',
  'services tasks/trouble',
  'native record/durability',
  'contract',
  'cli lead/leadSurvival',
  'cli lead/leadTogether',
  'host git/unusualNested',
  'host git/snapshot/snapshotContents',
  'host git/worktreeKilled',
  'cli commands',
];

export function longestFirst(parts: readonly Part[]): readonly Part[] {
  const rank = ({ title }: Part): number => (LONG.includes(title) ? LONG.indexOf(title) : LONG.length);
  return [...parts].sort((one, other) => rank(one) - rank(other));
}
