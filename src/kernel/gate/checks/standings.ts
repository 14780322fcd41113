/** The states of other runs, and whether they block a run. */
import { storedReason } from '../../errors/reasons/storedReasons';
import { isBehind } from '../../run/record/chain';
import { selectChildren } from '../../run/record/store';
import type { Reader } from '../../unit';
import { verdict, type OtherRun, type ProjectBehind, type UnreadableRuns, type Verdict } from './check';
import { defined } from '../../defined';

/** The states of a portfolio's children, in the order in which they were created. */
export function statesOf(r: Reader, portfolioId: string, unreadable?: UnreadableRuns): readonly OtherRun[] {
  return selectChildren(r, portfolioId).map(({ id, projectDir, status, phase, phases }) => {
    const problem = unreadable?.get(id)?.message;
    return { projectDir, status, phase, phases, ...defined({ problem }) };
  });
}

/** A project with an unknown state does not pass, unless its chain lacks the phase. */
export function judgeOtherRuns(
  awaited: readonly OtherRun[],
  phase: string,
  detailOf: (behind: readonly OtherRun[]) => string,
): Verdict {
  const unknown = awaited.filter(({ problem, phases }) => problem !== undefined && phases.includes(phase));
  const behind = awaited.filter((state) => !unknown.includes(state) && isBehind(state, phase));
  const runs = unknown.map(({ projectDir, problem }) => `${projectDir}: ${problem ?? ''}`).join(' ');
  const details = [
    ...(behind.length === 0 ? [] : [detailOf(behind)]),
    ...(unknown.length === 0
      ? []
      : [storedReason('{count} cannot be read: [{runs}]', { count: unknown.length, runs })]),
  ];
  const failing = awaited.filter((state) => behind.includes(state) || unknown.includes(state));
  const judged = verdict(failing.length === 0, failing.length, details.join('; '));
  return failing.length === 0 ? judged : { ...judged, behind: failing.map(behindOf) };
}

function behindOf({ projectDir, phase, status, problem }: OtherRun): ProjectBehind {
  return { project: projectDir, phase, status, ...defined({ problem }) };
}
