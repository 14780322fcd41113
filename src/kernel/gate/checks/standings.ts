/** Where other runs stand, and whether they hold one back. */
import { isBehind } from '../../run/record/chain';
import { selectChildren } from '../../run/record/store';
import type { Reader } from '../../unit';
import { verdict, type PhaseStanding, type ProjectBehind, type UnreadableRuns, type Verdict } from './check';

/** Where the children of a portfolio stand, in the order in which they were made. */
export function standingsOf(r: Reader, portfolioId: string, unreadable?: UnreadableRuns): readonly PhaseStanding[] {
  return selectChildren(r, portfolioId).map(({ id, projectDir, status, phase, phases }) => {
    const problem = unreadable?.get(id)?.message;
    return { projectDir, status, phase, phases, ...(problem === undefined ? {} : { problem }) };
  });
}

/** Not knowing where a project stands is not passing, unless its chain lacks the phase. */
export function judgeStandings(
  awaited: readonly PhaseStanding[],
  phase: string,
  detailOf: (behind: readonly PhaseStanding[]) => string,
): Verdict {
  const unknown = awaited.filter(({ problem, phases }) => problem !== undefined && phases.includes(phase));
  const behind = awaited.filter((standing) => !unknown.includes(standing) && isBehind(standing, phase));
  const named = unknown.map(({ projectDir, problem }) => `${projectDir}: ${problem ?? ''}`).join(' ');
  const details = [
    ...(behind.length === 0 ? [] : [detailOf(behind)]),
    ...(unknown.length === 0 ? [] : [`${unknown.length} cannot be read: [${named}]`]),
  ];
  const failing = awaited.filter((standing) => behind.includes(standing) || unknown.includes(standing));
  const judged = verdict(failing.length === 0, failing.length, details.join('; '));
  return failing.length === 0 ? judged : { ...judged, behind: failing.map(behindOf) };
}

function behindOf({ projectDir, phase, status, problem }: PhaseStanding): ProjectBehind {
  return { project: projectDir, phase, status, ...(problem === undefined ? {} : { problem }) };
}
