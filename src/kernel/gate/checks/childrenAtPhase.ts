/** No child of the portfolio is behind the phase. */
import type { Check, PhaseStanding, Verdict } from './check';
import { judgeStandings, standingsOf } from './standings';

export const childrenAtPhase: Check<readonly PhaseStanding[]> = {
  read: ({ r, run, children, unreadable }) => children ?? standingsOf(r, run.id, unreadable),
  judge: judgeChildren,
};

/** A failed child still has to get there; a completed or cancelled one does not. */
function judgeChildren(children: readonly PhaseStanding[], phase: string): Verdict {
  const awaited = children.filter(({ status }) => status !== 'completed' && status !== 'cancelled');
  return judgeStandings(awaited, phase, (behind) => `${behind.length} children behind phase "${phase}"`);
}
