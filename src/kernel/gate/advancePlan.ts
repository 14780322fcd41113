/**
 * The plan of steps of a portfolio's children before the portfolio advances, each step assuming the ones before it.
 * Pure.
 */
import { isKernelError, type KernelError } from '../errors/errors';
import { statesAmong, type Judgment } from './facts';
import type { GateConditionResult, OtherRun, UpstreamRuns } from './model';
import { isBehind, lastPhase, phaseAfter } from '../run/record/chain';
import { isTerminal } from '../run/record/machine';
import type { Run } from '../run/record/model';
import type { DependencyEdge } from '../portfolio/model';
import { defined } from '../defined';

/** A child, from the database that decides about it. */
export interface PlannedChild {
  readonly run: Run;
  readonly projectDir: string;
  /** Phases that it skips. */
  readonly skipped: ReadonlySet<string>;
  /** Why that database cannot be read; the run is then the last known state. */
  readonly problem?: KernelError;
}

export interface AdvanceStep {
  /** As it is now. */
  readonly run: Run;
  readonly projectDir: string;
  /**
   * `advance`: would advance, perhaps not all the way. `there`: need not advance. `paused`: does not advance
   * automatically. `blocked`: its next gate fails.
   */
  readonly kind: 'advance' | 'there' | 'ended' | 'paused' | 'blocked' | 'unreadable';
  /** The phase that it would reach; for a child that stays, the phase that it should reach. */
  readonly toPhase: string;
  /** Of all gates on its way. */
  readonly conditions: readonly GateConditionResult[];
  readonly problem?: KernelError;
}

/** Evaluates one gate of a child in the state of `run`. */
export type Judge<C extends PlannedChild> = (child: C, run: Run, toPhase: string, upstreams: UpstreamRuns) => Judgment;

export interface ChildrenPlan {
  readonly steps: readonly AdvanceStep[];
  /** The state of the children after the steps. */
  readonly states: readonly OtherRun[];
}

/** Upstream children first; each advances until it reaches the portfolio's next phase or a gate blocks it. */
export function planChildren<C extends PlannedChild>(
  children: readonly C[],
  edges: readonly DependencyEdge[],
  target: string,
  judge: Judge<C>,
): ChildrenPlan {
  const states = children.map(otherRunOf);
  const steps = children.map((child, index) => {
    const upstreams = upstreamsAmong(states, edges, child.projectDir);
    const { step, run } = planOne(child, target, (at, toPhase) => judge(child, at, toPhase, upstreams));
    states[index] = otherRunOf({ ...child, run });
    return step;
  });
  return { steps, states };
}

export function otherRunOf({ run, projectDir, problem }: Omit<PlannedChild, 'skipped'>): OtherRun {
  const { status, phase, phases } = run;
  return { projectDir, status, phase, phases, ...defined({ problem: problem?.message }) };
}

/** The states of the projects that a project depends on. */
export function upstreamsAmong(
  children: readonly OtherRun[],
  edges: readonly DependencyEdge[],
  projectDir: string,
): UpstreamRuns {
  const upstreams = edges.filter((edge) => edge.downstream === projectDir).map((edge) => edge.upstream);
  return { kind: 'known', states: statesAmong(children, upstreams.sort()) };
}

/** Whether a child must still advance before the portfolio can enter the phase. */
export function hasToMove(run: Run, target: string): boolean {
  return !isTerminal(run.status) && isBehind(run, target);
}

interface Planned {
  readonly step: AdvanceStep;
  /** As it would be. */
  readonly run: Run;
}

function planOne(child: PlannedChild, target: string, judge: (run: Run, toPhase: string) => Judgment): Planned {
  const { run, projectDir, problem } = child;
  const stays = (kind: AdvanceStep['kind'], more: Partial<AdvanceStep> = {}): Planned => ({
    step: { run, projectDir, kind, toPhase: target, conditions: [], ...more },
    run,
  });
  if (isTerminal(run.status)) return stays('ended');
  if (problem !== undefined) return stays('unreadable', { problem });
  if (!hasToMove(run, target)) return stays('there');
  if (!run.autoAdvance) return stays('paused');
  try {
    const { at, conditions } = goAsFarAsPossible(child, target, judge);
    if (at === run) return stays('blocked', { conditions });
    return { step: { run, projectDir, kind: 'advance', toPhase: at.phase, conditions }, run: at };
  } catch (error) {
    if (isKernelError(error)) return stays('unreadable', { problem: error });
    throw error;
  }
}

function goAsFarAsPossible(
  { run, skipped }: PlannedChild,
  target: string,
  judge: (run: Run, toPhase: string) => Judgment,
): { readonly at: Run; readonly conditions: readonly GateConditionResult[] } {
  const conditions: GateConditionResult[] = [];
  let at = run;
  while (hasToMove(at, target)) {
    const toPhase = phaseAfter(at, skipped);
    const judgment = judge(at, toPhase);
    conditions.push(...judgment.conditions);
    if (judgment.result === 'fail' && judgment.tier === 'hard') break;
    at = { ...at, phase: toPhase, status: toPhase === lastPhase(at) ? 'completed' : 'active' };
  }
  return { at, conditions };
}
