/**
 * Gathers what the rules of a transition ask about, in the transaction that will act on it
 * (`docs/design/formats.md#gates`).
 */
import { selectUpstreams } from '../portfolio/store';
import { runExists, selectChildren, selectSkippedAmong } from '../run/record/store';
import type { Run } from '../run/record/model';
import type { Reader } from '../unit';
import { runsOfTasks, taskStanding, type TaskStanding } from '../tasks/record/taskStanding';
import { evaluate, type GateFact, type Judgement } from './evaluate';
import type { GateRule, GateTier, PhaseStanding, UnreadableRuns, UpstreamStandings } from './model';
import { rulesFor } from './rules';
import * as store from './store';
import { passingVerdicts } from './verdicts';

/** What the caller knows of other databases. */
export interface Surroundings {
  /** Where the upstream projects stand, for a child whose portfolio is elsewhere. */
  readonly upstreams?: UpstreamStandings;
  /** Runs of this database whose rows are mirrors that could not be brought up to date. */
  readonly unreadable?: UnreadableRuns;
  /** Where a portfolio's children stand, instead of what their rows say: for asking what would be. */
  readonly children?: readonly PhaseStanding[];
  /** What was read of the run with others. */
  readonly facts?: GateFacts;
}

/** Facts of a run's own that gates ask about most. */
export interface GateFacts {
  readonly skipped: ReadonlySet<string>;
  readonly isOfTask: boolean;
  /** Active artifacts by phase. */
  readonly artifacts: ReadonlyMap<string, number>;
}

/** The facts of many runs with few statements: for a page of a long list. */
export function gateFactsOf(r: Reader, runs: readonly Pick<Run, 'id'>[]): ReadonlyMap<string, GateFacts> {
  const ids = runs.map(({ id }) => id);
  const [skipped, ofTasks] = [selectSkippedAmong(r, ids), runsOfTasks(r, ids)];
  const artifacts = store.countArtifactsAmong(r, ids);
  return new Map(
    ids.map((id) => [
      id,
      {
        skipped: skipped.get(id) ?? new Set(),
        isOfTask: ofTasks.has(id),
        artifacts: artifacts.get(id) ?? new Map<string, number>(),
      },
    ]),
  );
}

/**
 * Judges the gate between a run's phase and a later one. Tier `none` looks at nothing.
 * @throws KernelError `ROW_INVALID` where a child or sibling cannot be read.
 */
export function judgeTransition(
  r: Reader,
  run: Run,
  toPhase: string,
  tier: GateTier,
  surroundings: Surroundings = {},
): Judgement {
  if (tier === 'none') return { result: 'none', tier, conditions: [] };
  const task = surroundings.facts?.isOfTask === false ? undefined : taskStanding(r, run.id);
  const isChild = run.parentRunId !== null || surroundings.upstreams !== undefined;
  const rules = rulesFor(run, toPhase, { isChild, isOfTask: task !== undefined });
  return evaluate(
    rules.map((rule) => readFact(r, run, rule, { ...surroundings, task })),
    tier,
  );
}

function readFact(
  r: Reader,
  run: Run,
  rule: GateRule,
  { upstreams, unreadable, children, facts, task }: Surroundings & { readonly task: TaskStanding | undefined },
): GateFact {
  const phase = rule.phase ?? run.phase;
  const countArtifacts = (of: string): number =>
    facts === undefined ? store.countActiveArtifacts(r, run.id, of) : (facts.artifacts.get(of) ?? 0);
  switch (rule.check) {
    case 'artifact_exists':
      return { check: rule.check, phase, artifacts: countArtifacts(phase) };
    case 'agents_complete':
      return { check: rule.check, activeAgents: store.countActiveAgents(r, run.id) };
    case 'verdict_exists':
      return { check: rule.check, passing: passingVerdicts(r, run) };
    case 'children_at_phase':
      return { check: rule.check, phase, children: children ?? standingsOf(r, run.id, unreadable) };
    case 'upstreams_at_phase':
      return { check: rule.check, phase, upstreams: upstreams ?? localUpstreams(r, run, unreadable) };
    case 'plan_accepted':
      return { check: rule.check, status: task?.status };
    case 'subtasks_merged':
      return { check: rule.check, unmerged: task?.unmerged ?? { count: 0, first: [] } };
  }
}

/** The upstream projects of a run, from the portfolio in the same database. */
function localUpstreams(r: Reader, run: Run, unreadable?: UnreadableRuns): UpstreamStandings {
  const portfolioId = run.parentRunId ?? '';
  return runExists(r, portfolioId)
    ? { kind: 'known', standings: upstreamStandings(r, portfolioId, run.projectDir, unreadable) }
    : { kind: 'unreadable', problem: `portfolio ${portfolioId} is not in this database` };
}

/**
 * Where the upstream projects of a project stand in its portfolio, by name of the project; of several runs in one
 * project the earliest counts. An upstream without a run has not to be waited for but is still a dependency, so it
 * stands as completed.
 */
export function upstreamStandings(
  r: Reader,
  portfolioId: string,
  projectDir: string,
  unreadable?: UnreadableRuns,
): readonly PhaseStanding[] {
  return standingsAmong(standingsOf(r, portfolioId, unreadable), selectUpstreams(r, portfolioId, projectDir));
}

/** Where these projects stand among a portfolio's children, which are in the order in which they were made. */
export function standingsAmong(
  children: readonly PhaseStanding[],
  projects: readonly string[],
): readonly PhaseStanding[] {
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

function standingsOf(r: Reader, portfolioId: string, unreadable?: UnreadableRuns): readonly PhaseStanding[] {
  return selectChildren(r, portfolioId).map(({ id, projectDir, status, phase, phases }) => {
    const problem = unreadable?.get(id)?.message;
    return { projectDir, status, phase, phases, ...(problem === undefined ? {} : { problem }) };
  });
}
