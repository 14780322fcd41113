/** The interest profile that discoveries are scored by (`docs/design/formats.md#discoveries`). */
import { parseInput } from '../input';
import type { Reader, Unit } from '../unit';
import { profileInput, type InterestProfile, type ProfileInput, INTEREST_PROFILE } from './model';

/** SQL of the interest profile, a table of one row (`docs/design/formats.md#tables`). */
function selectProfile(r: Reader): InterestProfile | undefined {
  return r.db.get(`SELECT ${INTEREST_PROFILE.columns} FROM interest_profile WHERE id = 1`, [], INTEREST_PROFILE);
}

/** Keeps the topic vector, which another program writes. */
function upsertProfile(u: Unit, keywordWeights: string, sourceWeights: string): void {
  const [insert, params] = INTEREST_PROFILE.insert({ id: 1, keywordWeights, sourceWeights, updatedAt: u.now });
  u.db.run(
    `${insert} ON CONFLICT (id) DO UPDATE SET keyword_weights = excluded.keyword_weights,
       source_weights = excluded.source_weights, updated_at = excluded.updated_at`,
    params,
  );
}

const EMPTY_PROFILE: InterestProfile = { keywordWeights: '{}', sourceWeights: '{}', updatedAt: 0 };

export function interestProfile(r: Reader): InterestProfile {
  return selectProfile(r) ?? EMPTY_PROFILE;
}

/** @throws KernelError `INVALID_ARGUMENT` where the weights are not JSON. */
export function updateInterestProfile(u: Unit, input: ProfileInput): InterestProfile {
  const { keywordWeights, sourceWeights } = parseInput(profileInput, input, 'profile');
  upsertProfile(u, keywordWeights, sourceWeights);
  u.touched.rest();
  return interestProfile(u);
}
