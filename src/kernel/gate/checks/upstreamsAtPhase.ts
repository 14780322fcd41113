/** No upstream project of the child is behind the phase. */
import { selectUpstreams } from '../../portfolio/store';
import { isTerminal } from '../../run/record/machine';
import type { Run } from '../../run/record/model';
import { runExists } from '../../run/record/store';
import type { Reader } from '../../unit';
import type { Check, OtherRun, UnreadableRuns, UpstreamRuns, Verdict } from './check';
import { judgeOtherRuns, statesOf } from './standings';

export const upstreamsAtPhase: Check<UpstreamRuns> = {
  read: ({ r, run, upstreams, unreadable }) => upstreams ?? localUpstreams(r, run, unreadable),
  judge: judgeUpstreams,
};

/** An upstream that has ended in any way holds nobody up. */
function judgeUpstreams(upstreams: UpstreamRuns, phase: string): Verdict {
  if (upstreams.kind === 'unreadable') return { result: 'fail', detail: upstreams.problem };
  if (upstreams.states.length === 0) return { result: 'pass', detail: 'no upstream dependencies' };
  const awaited = upstreams.states.filter(({ status }) => !isTerminal(status));
  return judgeOtherRuns(awaited, phase, (behind) => {
    const named = behind.map((upstream) => `${upstream.projectDir} at ${upstream.phase}`).join(' ');
    return `upstreams behind phase "${phase}": [${named}]`;
  });
}

/** The upstream projects of a run, from the portfolio in the same database. */
function localUpstreams(r: Reader, run: Run, unreadable?: UnreadableRuns): UpstreamRuns {
  const portfolioId = run.parentRunId ?? '';
  return runExists(r, portfolioId)
    ? { kind: 'known', states: upstreamRuns(r, portfolioId, run.projectDir, unreadable) }
    : { kind: 'unreadable', problem: `portfolio ${portfolioId} is not in this database` };
}

/**
 * Where the upstream projects of a project stand in its portfolio, by name of the project; of several runs in one
 * project the earliest counts. An upstream without a run has not to be waited for but is still a dependency, so it
 * stands as completed.
 */
export function upstreamRuns(
  r: Reader,
  portfolioId: string,
  projectDir: string,
  unreadable?: UnreadableRuns,
): readonly OtherRun[] {
  return statesAmong(statesOf(r, portfolioId, unreadable), selectUpstreams(r, portfolioId, projectDir));
}

/** Where these projects stand among a portfolio's children, which are in the order in which they were made. */
export function statesAmong(children: readonly OtherRun[], projects: readonly string[]): readonly OtherRun[] {
  return projects.map(
    (project) =>
      children.find((child) => child.projectDir === project) ?? {
        projectDir: project,
        status: 'completed',
        phase: '',
        phases: [],
      },
  );
}
