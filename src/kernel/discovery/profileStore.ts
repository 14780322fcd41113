/** SQL of the interest profile, a table of one row (`docs/design/formats.md#tables`). */
import * as z from 'zod';
import { rowCodec } from '../db/rows';
import type { Reader, Unit } from '../unit';
import type { InterestProfile } from './model';

const profileCodec = rowCodec<InterestProfile>(
  'interest_profile',
  z.object({ keyword_weights: z.string(), source_weights: z.string(), updated_at: z.int() }).transform((row) => ({
    keywordWeights: row.keyword_weights,
    sourceWeights: row.source_weights,
    updatedAt: row.updated_at,
  })),
  'updated_at',
);

export function selectProfile(r: Reader): InterestProfile | undefined {
  return r.db.get(
    'SELECT keyword_weights, source_weights, updated_at FROM interest_profile WHERE id = 1',
    [],
    profileCodec,
  );
}

/** Keeps the topic vector, which another program writes. */
export function upsertProfile(u: Unit, keywordWeights: string, sourceWeights: string): void {
  u.db.run(
    `INSERT INTO interest_profile (id, keyword_weights, source_weights, updated_at) VALUES (1, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET keyword_weights = excluded.keyword_weights,
       source_weights = excluded.source_weights, updated_at = excluded.updated_at`,
    [keywordWeights, sourceWeights, u.now],
  );
}
