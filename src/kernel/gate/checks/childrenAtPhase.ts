/** No child of the portfolio is behind the phase. */
import { CHILDREN_BEHIND } from '../../errors/reasons/storedReasons';
import type { Check, OtherRun, Verdict } from './check';
import { judgeOtherRuns, statesOf } from './standings';

export const childrenAtPhase: Check<readonly OtherRun[]> = {
  read: ({ r, run, children, unreadable }) => children ?? statesOf(r, run.id, unreadable),
  judge: judgeChildren,
};

/** A failed child still has to reach it; a completed or canceled one does not. */
function judgeChildren(children: readonly OtherRun[], phase: string): Verdict {
  const awaited = children.filter(({ status }) => status !== 'completed' && status !== 'cancelled');
  return judgeOtherRuns(awaited, phase, (behind) =>
    CHILDREN_BEHIND.replace('{count}', String(behind.length)).replace('{phase}', () => phase),
  );
}
