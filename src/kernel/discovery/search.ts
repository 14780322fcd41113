/** Finding discoveries by similarity (`docs/design/formats.md#discoveries`). */
import { parseInput } from '../input';
import type { Reader } from '../unit';
import { searchInput, type DiscoveryMatch, type SearchInput } from './model';
import { cosine } from './rules';
import { selectEmbedded } from './store';

export const DEFAULT_SEARCH_LIMIT = 10;

/**
 * Discoveries with an embedding, most similar first. Unreadable rows are omitted.
 * @throws KernelError `INVALID_ARGUMENT`
 */
export function searchDiscoveries(r: Reader, input: SearchInput): DiscoveryMatch[] {
  const { embedding, minScore, limit = 0, ...conditions } = parseInput(searchInput, input, 'search');
  return selectEmbedded(r, conditions)
    .map((found) => ({ discovery: found.discovery, similarity: cosine(found.embedding, embedding) }))
    .filter(({ similarity }) => minScore === undefined || similarity >= minScore)
    .sort((a, b) => b.similarity - a.similarity || (a.discovery.id < b.discovery.id ? -1 : 1))
    .slice(0, limit > 0 ? limit : DEFAULT_SEARCH_LIMIT);
}
