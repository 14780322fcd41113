/**
 * Reasons in the doctor's findings, by the code of the finding: each takes the place of `{problem}` in its sentence, and
 * the whole sentence is translated, as for failures.
 */
import { REASONS } from '../../kernel/errors/reasons/reasons';
import type { FindingCode } from './findings';

const UNSEEN = [
  'no answer in {seconds} seconds',
  'the link {place} is broken',
  '{place} cannot be read ({code})',
] as const;
const NO_LINE = ['it ended with {code}', 'it ended with no exit code'] as const;

export const FINDING_REASONS = {
  PLACE_UNSEEN: UNSEEN,
  CLONE_UNSEEN: UNSEEN,
  WORKTREE_UNSEEN: [...UNSEEN, ...REASONS.WORKTREE_UNSEEN],
  NOT_WRITABLE: ['its disk is read-only', 'no permission'],
  GIT_MUTE: ['no answer'],
  BEADS_MUTE: ['no answer'],
  IC_MUTE: ['exit code {code}', 'no exit code'],
  AGENT_MUTE: NO_LINE,
  AGENT_SIGN_IN_UNKNOWN: NO_LINE,
  AGENT_NOT_OPENED: ['no answer in {seconds} seconds', 'it ended with {code}', 'it ended with no exit code'],
  GITHUB_UNKNOWN: ['only a VS Code window can check its sign-ins'],
} as const satisfies { readonly [C in FindingCode]?: readonly string[] };

/** A reason in a finding with one of these codes. */
export type FindingClause<C extends keyof typeof FINDING_REASONS = keyof typeof FINDING_REASONS> =
  (typeof FINDING_REASONS)[C][number];
