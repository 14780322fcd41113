/**
 * Operations on discoveries (`docs/design/formats.md#discoveries`). Every change leaves an event in the same
 * transaction.
 */
import { KernelError } from '../errors/errors';
import { DISCOVERY_ID_LENGTH, discoveryId } from '../ids';
import { parseInput } from '../input';
import type { Reader, Unit } from '../unit';
import {
  decayInput,
  discoveryFilter,
  feedbackInput,
  promoteInput,
  rollbackDiscoveriesInput,
  scoreInput,
  searchInput,
  submitDiscoveryInput,
  type DecayInput,
  type Discovery,
  type DiscoveryFilter,
  type DiscoveryList,
  type DiscoveryMatch,
  type DiscoveryStatus,
  type FeedbackInput,
  type PromoteInput,
  type PromoteOutcome,
  type RollbackDiscoveriesInput,
  type SearchInput,
  type SubmitDiscoveryInput,
  type SubmitOutcome,
} from './model';
import { cosine, NEXT_DISCOVERY_STATUSES, PROMOTE_SCORE, tierOf } from './rules';
import * as store from './store';

export const DEFAULT_LIST_LIMIT = 100;
export const DEFAULT_SEARCH_LIMIT = 10;

/** The default age from which a discovery decays, in seconds. */
export const DEFAULT_MIN_AGE_SEC = 86_400;

/**
 * Records a discovery, or returns a similar one of the same source.
 * @throws KernelError `INVALID_ARGUMENT`; `DISCOVERY_DUPLICATE` where the source's id is already known.
 */
export function submitDiscovery(u: Unit, input: SubmitDiscoveryInput): SubmitOutcome {
  const facts = parseInput(submitDiscoveryInput, input, 'discovery');
  const { source, sourceId, title, score = 0 } = facts;
  const similar = findSimilar(u, facts);
  if (similar !== undefined) {
    record(u, {
      discoveryId: similar.id,
      type: 'discovery.deduped',
      payload: { existing_id: similar.id, new_source_id: sourceId, source },
    });
    return { discovery: similar, created: false };
  }
  if (store.isRecorded(u, source, sourceId)) throw new KernelError('DISCOVERY_DUPLICATE', { source, sourceId });
  const id = discoveryId.parse(u.newId(DISCOVERY_ID_LENGTH));
  const tier = tierOf(score);
  store.insertDiscovery(u, {
    id,
    source,
    sourceId,
    title,
    summary: facts.summary ?? '',
    url: facts.url ?? '',
    rawMetadata: facts.metadata ?? '{}',
    embedding: facts.embedding,
    relevanceScore: score,
    confidenceTier: tier,
  });
  record(u, { discoveryId: id, type: 'discovery.submitted', to: 'new', payload: { id, score, source, tier, title } });
  return { discovery: getDiscovery(u, id), created: true };
}

/** @throws KernelError `NOT_FOUND`, `ROW_INVALID` */
export function getDiscovery(r: Reader, id: string): Discovery {
  const discovery = store.selectDiscovery(r, id);
  if (discovery === undefined) throw new KernelError('NOT_FOUND', { what: 'discovery', id });
  return discovery;
}

/** Best first. Unreadable rows are listed separately. */
export function listDiscoveries(r: Reader, filter: DiscoveryFilter = {}): DiscoveryList {
  const { limit = 0, ...conditions } = parseInput(discoveryFilter, filter, 'filter');
  return store.selectDiscoveries(r, conditions, limit > 0 ? limit : DEFAULT_LIST_LIMIT);
}

/**
 * Discoveries with an embedding, most similar first. Unreadable rows are omitted.
 * @throws KernelError `INVALID_ARGUMENT`
 */
export function searchDiscoveries(r: Reader, input: SearchInput): DiscoveryMatch[] {
  const { embedding, minScore, limit = 0, ...conditions } = parseInput(searchInput, input, 'search');
  return store
    .selectEmbedded(r, conditions)
    .map((found) => ({ discovery: found.discovery, similarity: cosine(found.embedding, embedding) }))
    .filter(({ similarity }) => minScore === undefined || similarity >= minScore)
    .sort((a, b) => b.similarity - a.similarity || (a.discovery.id < b.discovery.id ? -1 : 1))
    .slice(0, limit > 0 ? limit : DEFAULT_SEARCH_LIMIT);
}

/**
 * Sets the score of a discovery, from 0 to 1, and its tier.
 * @throws KernelError `INVALID_ARGUMENT`, `NOT_FOUND`; `DISCOVERY_CLOSED` once it is promoted or dismissed.
 */
export function scoreDiscovery(u: Unit, id: string, score: number): Discovery {
  const newScore = parseInput(scoreInput, score, 'score');
  const before = getDiscovery(u, id);
  const tier = tierOf(newScore);
  moveTo(u, before, 'scored', () => store.updateScore(u, before, 'scored', newScore, tier));
  record(u, {
    discoveryId: before.id,
    type: 'discovery.scored',
    from: before.status,
    to: 'scored',
    payload: { id: before.id, new_score: newScore, old_score: before.relevanceScore, tier },
  });
  return getDiscovery(u, id);
}

/**
 * Turns a discovery into work and records the bead made of it. Below `PROMOTE_SCORE` it is blocked unless forced; a
 * promoted discovery is not changed.
 * @throws KernelError `INVALID_ARGUMENT`, `NOT_FOUND`; `DISCOVERY_CLOSED` where it is dismissed, even if forced.
 */
export function promoteDiscovery(u: Unit, id: string, input: PromoteInput): PromoteOutcome {
  const { beadId, force = false } = parseInput(promoteInput, input, 'promotion');
  const before = getDiscovery(u, id);
  if (before.status === 'promoted') return { outcome: 'already-promoted', discovery: before };
  if (before.status !== 'dismissed' && before.relevanceScore < PROMOTE_SCORE && !force) {
    return { outcome: 'blocked', discovery: before };
  }
  moveTo(u, before, 'promoted', () => store.updatePromoted(u, before, beadId));
  record(u, {
    discoveryId: before.id,
    type: 'discovery.promoted',
    from: before.status,
    to: 'promoted',
    payload: { bead_id: beadId, force, id: before.id, score: before.relevanceScore },
  });
  return { outcome: 'promoted', discovery: getDiscovery(u, id) };
}

/**
 * Dismisses a discovery permanently. Repeating it changes nothing.
 * @throws KernelError `NOT_FOUND`
 */
export function dismissDiscovery(u: Unit, id: string): Discovery {
  const before = getDiscovery(u, id);
  if (before.status !== 'dismissed') dismiss(u, before, { id: before.id });
  return getDiscovery(u, id);
}

/**
 * Records feedback on a discovery.
 * @throws KernelError `INVALID_ARGUMENT`, `NOT_FOUND`
 */
export function recordFeedback(u: Unit, id: string, input: FeedbackInput): void {
  const { signal, data = '{}', actor = 'system' } = parseInput(feedbackInput, input, 'feedback');
  const discovery = getDiscovery(u, id);
  store.insertFeedback(u, discovery.id, signal, data, actor);
  record(u, {
    discoveryId: discovery.id,
    type: 'feedback.recorded',
    payload: { discovery_id: discovery.id, signal_type: signal },
  });
}

/** Reduces the scores of open discoveries of some age, and returns their number. */
export function decayDiscoveries(u: Unit, input: DecayInput): number {
  const { rate, minAgeSec = DEFAULT_MIN_AGE_SEC } = parseInput(decayInput, input, 'decay');
  const aged = store.selectOpenBefore(u, u.now - minAgeSec);
  for (const discovery of aged) {
    const score = discovery.relevanceScore * (1 - rate);
    store.updateScore(u, discovery, discovery.status, score, tierOf(score));
  }
  if (aged.length > 0) {
    record(u, { discoveryId: '', type: 'discovery.decayed', payload: { count: aged.length, rate } });
  }
  return aged.length;
}

/** Dismisses the open discoveries of a source since a time, and returns their number. */
export function rollbackDiscoveries(u: Unit, input: RollbackDiscoveriesInput): number {
  const { source, since } = parseInput(rollbackDiscoveriesInput, input, 'rollback');
  const open = store.selectOpenSince(u, source, since);
  for (const discovery of open) dismiss(u, discovery, { id: discovery.id, reason: 'rollback', source });
  return open.length;
}

function findSimilar(
  r: Reader,
  wanted: Pick<SubmitDiscoveryInput, 'source' | 'embedding' | 'dedupThreshold'>,
): Discovery | undefined {
  const { source, embedding, dedupThreshold = 0 } = wanted;
  if (embedding === undefined || dedupThreshold === 0) return undefined;
  const candidates = store.selectEmbedded(r, { source });
  return candidates.find((known) => cosine(known.embedding, embedding) >= dedupThreshold)?.discovery;
}

function dismiss(u: Unit, before: Discovery, payload: Readonly<Record<string, string>>): void {
  moveTo(u, before, 'dismissed', () => store.updateDismissed(u, before));
  record(u, {
    discoveryId: before.id,
    type: 'discovery.dismissed',
    from: before.status,
    to: 'dismissed',
    payload,
  });
}

function moveTo(u: Unit, before: Discovery, to: DiscoveryStatus, update: () => number): void {
  const { id, status } = before;
  if (!NEXT_DISCOVERY_STATUSES[status].includes(to)) {
    throw new KernelError('DISCOVERY_CLOSED', { discoveryId: id, status });
  }
  if (update() === 0) {
    throw new KernelError('STALE', { what: 'discovery', id, expected: status, found: getDiscovery(u, id).status });
  }
}

function record(u: Unit, event: store.NewDiscoveryEvent): void {
  store.insertEvent(u, event);
  u.touched.rest();
}
