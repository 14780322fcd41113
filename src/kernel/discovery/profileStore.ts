/** SQL of the interest profile, a table of one row (`docs/design/formats.md#tables`). */
import type { Reader, Unit } from '../unit';
import { INTEREST_PROFILE, type InterestProfile } from './model';

export function selectProfile(r: Reader): InterestProfile | undefined {
  return r.db.get(`SELECT ${INTEREST_PROFILE.columns} FROM interest_profile WHERE id = 1`, [], INTEREST_PROFILE);
}

/** Keeps the topic vector, which another program writes. */
export function upsertProfile(u: Unit, keywordWeights: string, sourceWeights: string): void {
  const [insert, params] = INTEREST_PROFILE.insert({ id: 1, keywordWeights, sourceWeights, updatedAt: u.now });
  u.db.run(
    `${insert} ON CONFLICT (id) DO UPDATE SET keyword_weights = excluded.keyword_weights,
       source_weights = excluded.source_weights, updated_at = excluded.updated_at`,
    params,
  );
}
