/** The order in which parts start: the longest first, so that none of them runs alone at the end. */
import type { Part } from './lanes';

/** The longest first, as the summary of a run lists them; a part that is missing here only starts later. */
const LONG = [
  'extension folder: opens folder, trusted',
  'contract',
  'cli commands',
  'ui mainJob',
  'ui sessions',
  'ui sessionStory',
  'cli lead/lead',
  'cli nouns/record/longRecords',
  'cli compatibility/surface',
  'cli nouns/dispatch/shellWrappers',
  'extension hostileUntrusted: opens hostile, in Restricted Mode',
  'services tasks/lead/stages',
  'services tasks/project/projectMoves',
  'security cli',
  'ui trust',
  'ui tasks',
  'ui boardPage',
  'ui needsYou',
  'ui board',
  'ui graphPage',
  'ui timelinePage',
  'ui transcriptPage',
  'services tasks/project/hostileClones',
  'services tasks/project/repositoryProblems',
  'services tasks/landing/gitHubFlow',
  'cli grammar/decisions',
  'host session/sessionHost',
  'cli nouns/task/mergeSignals',
  'services tasks/adversary',
  'services dispatch/queue/dispatchQueue',
  'cli nouns/record/newerRecord',
  'security starts',
  'services dispatch/follow/startedElsewhere',
  'cli nouns/dispatch/wrapper',
  'services tasks/proof/proof',
  'services dispatch/dispatcherAdoption',
  'services tasks/lead/everyStage',
  'services tasks/lead/orchestrator',
  'kernel',
];

export function longestFirst(parts: readonly Part[]): readonly Part[] {
  const rank = ({ title }: Part): number => (LONG.includes(title) ? LONG.indexOf(title) : LONG.length);
  return [...parts].sort((one, other) => rank(one) - rank(other));
}
