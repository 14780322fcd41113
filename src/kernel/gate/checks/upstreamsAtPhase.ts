/** No upstream project of the child is behind the phase. */
import { storedReason } from '../../errors/reasons/storedReasons';
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

/** An upstream that has ended, with any status, blocks no other project. */
function judgeUpstreams(upstreams: UpstreamRuns, phase: string): Verdict {
  if (upstreams.kind === 'unreadable') return { result: 'fail', detail: upstreams.problem };
  if (upstreams.states.length === 0) return { result: 'pass', detail: storedReason('no upstream dependencies') };
  const awaited = upstreams.states.filter(({ status }) => !isTerminal(status));
  return judgeOtherRuns(awaited, phase, (behind) => {
    const upstreams = behind.map((upstream) => `${upstream.projectDir} at ${upstream.phase}`).join(' ');
    return storedReason('upstreams behind phase "{phase}": [{upstreams}]', { phase, upstreams });
  });
}

/** The upstream projects of a run, from the portfolio in the same database. */
function localUpstreams(r: Reader, run: Run, unreadable?: UnreadableRuns): UpstreamRuns {
  const portfolioId = run.parentRunId ?? '';
  return runExists(r, portfolioId)
    ? { kind: 'known', states: upstreamRuns(r, portfolioId, run.projectDir, unreadable) }
    : {
        kind: 'unreadable',
        problem: storedReason('portfolio {portfolio} is not in this database', { portfolio: portfolioId }),
      };
}

/**
 * The states of the upstream projects of a project in its portfolio, by project name; of several runs in one project
 * the earliest counts. An upstream without a run blocks nothing but is still a dependency, so it counts as completed.
 */
export function upstreamRuns(
  r: Reader,
  portfolioId: string,
  projectDir: string,
  unreadable?: UnreadableRuns,
): readonly OtherRun[] {
  return statesAmong(statesOf(r, portfolioId, unreadable), selectUpstreams(r, portfolioId, projectDir));
}

/** The states of these projects among a portfolio's children, which are in the order of their creation. */
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
