/** Discoveries: ideas found outside a run that may become work (`docs/design/formats.md#discoveries`). */
import * as z from 'zod';
import type { InvalidRow } from '../db/rows';
import { column, defineTable, unread, type RowOf } from '../db/defineTable';
import { discoveryId } from '../ids';
import { jsonText, nonBlank, plainText } from '../input';

export const DISCOVERY_STATUSES = ['new', 'scored', 'proposed', 'promoted', 'dismissed'] as const;
export type DiscoveryStatus = (typeof DISCOVERY_STATUSES)[number];

export const CONFIDENCE_TIERS = ['high', 'medium', 'low', 'discard'] as const;
export type ConfidenceTier = (typeof CONFIDENCE_TIERS)[number];

export const DISCOVERY_EVENT_TYPES = [
  'discovery.submitted',
  'discovery.scored',
  'discovery.promoted',
  'discovery.dismissed',
  'discovery.decayed',
  'discovery.deduped',
  'feedback.recorded',
] as const;
export type DiscoveryEventType = (typeof DISCOVERY_EVENT_TYPES)[number];

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'it must be bytes');

const discovery = {
  id: column('id', discoveryId),
  source: column('source', z.string()),
  /** Its id at the source; unique there. */
  sourceId: column('source_id', z.string()),
  title: column('title', z.string()),
  summary: column('summary', z.string()),
  url: column('url', z.string()),
  /** JSON text. */
  rawMetadata: column('raw_metadata', z.string()),
  /** 0 to 1. */
  relevanceScore: column('relevance_score', z.number()),
  confidenceTier: column('confidence_tier', z.enum(CONFIDENCE_TIERS)),
  status: column('status', z.enum(DISCOVERY_STATUSES)),
  runId: column('run_id', z.string().nullable()),
  beadId: column('bead_id', z.string().nullable()),
  discoveredAt: column('discovered_at', z.int()),
  promotedAt: column('promoted_at', z.int().nullable()),
  reviewedAt: column('reviewed_at', z.int().nullable()),
};
export const DISCOVERIES = defineTable('discoveries', discovery);
export type Discovery = RowOf<typeof DISCOVERIES>;

/** Discoveries with their embeddings, for comparing. */
export const EMBEDDED_DISCOVERIES = defineTable(
  'discoveries',
  { ...discovery, embedding: column('embedding', bytes) },
  'id',
  ({ embedding, ...row }) => ({ discovery: row, embedding }),
);
export type Embedded = RowOf<typeof EMBEDDED_DISCOVERIES>;

export interface DiscoveryList {
  readonly discoveries: readonly Discovery[];
  readonly invalid: readonly InvalidRow[];
}

export interface DiscoveryMatch {
  readonly discovery: Discovery;
  /** Cosine of the angle between the embeddings, -1 to 1; 0 where they cannot be compared. */
  readonly similarity: number;
}

/** One row, learned from use: interests by keyword and by source. */
export const INTEREST_PROFILE = defineTable(
  'interest_profile',
  {
    id: unread(column('id', z.int())),
    /** JSON text. */
    keywordWeights: column('keyword_weights', z.string()),
    /** JSON text. */
    sourceWeights: column('source_weights', z.string()),
    /** 0 where nothing has been stored yet. */
    updatedAt: column('updated_at', z.int()),
  },
  'updatedAt',
);
export type InterestProfile = RowOf<typeof INTEREST_PROFILE>;

const MAX_EMBEDDING_BYTES = 65_536;

const fraction = z.number().min(0).max(1);
const seconds = z.int().min(0);
const name = nonBlank.max(1024);

/** 32-bit floats, little-endian. */
const embedding = bytes
  .refine((bytes) => bytes.length > 0 && bytes.length % 4 === 0, 'it must be 32-bit floats')
  .refine((bytes) => bytes.length <= MAX_EMBEDDING_BYTES, `it must not exceed ${MAX_EMBEDDING_BYTES} bytes`);

export const submitDiscoveryInput = z.strictObject({
  source: name,
  sourceId: name,
  title: nonBlank.max(10_000),
  summary: plainText.max(200_000).optional(),
  url: plainText.max(10_000).optional(),
  metadata: jsonText.optional(),
  embedding: embedding.optional(),
  score: fraction.optional(),
  /** A discovery of the same source that is at least this similar counts as the same. */
  dedupThreshold: fraction.optional(),
});
export type SubmitDiscoveryInput = z.input<typeof submitDiscoveryInput>;

export const scoreInput = fraction;

export const promoteInput = z.strictObject({
  beadId: nonBlank.max(200),
  /** Promotes below `PROMOTE_SCORE` too. */
  force: z.boolean().optional(),
});
export type PromoteInput = z.input<typeof promoteInput>;

export const feedbackInput = z.strictObject({
  signal: name,
  data: jsonText.optional(),
  /** Absent: `system`. */
  actor: name.optional(),
});
export type FeedbackInput = z.input<typeof feedbackInput>;

export const profileInput = z.strictObject({ keywordWeights: jsonText, sourceWeights: jsonText });
export type ProfileInput = z.input<typeof profileInput>;

export const decayInput = z.strictObject({
  /** The part of its score that a discovery loses. */
  rate: fraction,
  /** Only those discovered more than this many seconds ago; absent: `DEFAULT_MIN_AGE_SEC`. */
  minAgeSec: seconds.optional(),
});
export type DecayInput = z.input<typeof decayInput>;

export const rollbackDiscoveriesInput = z.strictObject({
  source: name,
  /** Unix seconds; those discovered then or later. */
  since: seconds,
});
export type RollbackDiscoveriesInput = z.input<typeof rollbackDiscoveriesInput>;

const filter = {
  source: plainText.optional(),
  status: plainText.optional(),
  tier: plainText.optional(),
  /** 0 or less: the default. */
  limit: z.int().optional(),
};

export const discoveryFilter = z.strictObject(filter);
export type DiscoveryFilter = z.input<typeof discoveryFilter>;

export const searchInput = z.strictObject({ ...filter, embedding, minScore: z.number().optional() });
export type SearchInput = z.input<typeof searchInput>;

export interface SubmitOutcome {
  readonly discovery: Discovery;
  /** False where a similar discovery existed, which is returned instead. */
  readonly created: boolean;
}

/** `blocked`: the score is below `PROMOTE_SCORE`, without force. */
export interface PromoteOutcome {
  readonly outcome: 'promoted' | 'already-promoted' | 'blocked';
  readonly discovery: Discovery;
}
