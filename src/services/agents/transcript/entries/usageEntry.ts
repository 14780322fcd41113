/** What an agent has used so far, as an entry. */
import type { AgentReport } from '../../output/report';
import type { EntryList } from './entryList';

export function addUsage(entries: EntryList, report: AgentReport): void {
  const { inputTokens, outputTokens, cacheHits, costUsd = null } = report;
  if (inputTokens + outputTokens + cacheHits === 0 && costUsd === null) return;
  entries.add({ kind: 'usage', inputTokens, outputTokens, cacheHits, costUsd });
}
