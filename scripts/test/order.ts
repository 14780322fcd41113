/** The order in which parts start: the longest first, so that none of them runs alone at the end. */
import type { Part } from './lanes';

/** The longest first, as the summary of a run lists them; a part that is missing here only starts later. */
const LONG = [
  'extension folder: opens folder, trusted',
  'contract',
  'ui demo',
  'ui mainJob',
  'ui needsYou',
  'ui board',
  'ui taskGitHub',
  'ui heldAccounts',
  'ui plan',
  'services tasks/lead/orchestrator',
  'cli commands',
  'cli nouns in short',
  'services dispatch in short',
  'cli in short',
  'services tasks in short',
  'services portfolio in short',
  'host git in short',
  'services tasks/adversary',
  'ui menus',
  'services tasks/gitHubFlow',
  'services tasks/tracker/beads',
  'ui surfaces',
  'ui states',
  'ui portfolioStory',
  'ui timeline',
  'ui tasks',
  'services tasks/proof/proof',
  'services tasks/landing/everyFault',
  'services tasks/stages',
  'services tasks/trouble',
  'services tasks/everyWrite',
  'services tasks/worktreeSetup/worktreeSetupRun',
  'services tasks/work/agentFailures',
  'services tasks/hostileClones',
  'services record/durability',
  'cli nouns/dispatch/shellWrappers',
  'cli lead/leadTogether',
  'host git/worktreeKilled',
  'host git/snapshot/snapshotContents',
];

export function longestFirst(parts: readonly Part[]): readonly Part[] {
  const rank = ({ title }: Part): number => (LONG.includes(title) ? LONG.indexOf(title) : LONG.length);
  return [...parts].sort((one, other) => rank(one) - rank(other));
}
