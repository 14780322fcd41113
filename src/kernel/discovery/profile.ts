/** The interest profile that discoveries are scored by (`docs/design/formats.md#discoveries`). */
import { parseInput } from '../input';
import type { Reader, Unit } from '../unit';
import { profileInput, type InterestProfile, type ProfileInput } from './model';
import { selectProfile, upsertProfile } from './profileStore';

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
