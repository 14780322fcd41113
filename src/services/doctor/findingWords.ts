/** How a finding of the doctor is worded. Each problem says why it matters and what to do about it. */
import type { FindingLevel } from '../../contract/results/doctor';

export interface FindingWords {
  readonly level: FindingLevel;
  readonly saw: string;
  /** Absent if there is no problem. */
  readonly why?: string;
  readonly remedy?: string;
}

export const ok = (saw: string): FindingWords => ({ level: 'ok', saw });
const other =
  (level: FindingLevel) =>
  (saw: string, why: string, remedy: string): Required<FindingWords> => ({ level, saw, why, remedy });
export const info = other('info');
export const warning = other('warning');
export const problem = other('problem');
