/** What a portfolio's children would do before it advances itself, each as if those before it had done it: pure. */
import { isKernelError, type KernelError } from '../errors/errors';
import { standingsAmong, type Judgement } from './facts';
import type { GateConditionResult, PhaseStanding, UpstreamStandings } from './model';
import { isBehind, lastPhase, phaseAfter } from '../run/record/chain';
import { isTerminal } from '../run/record/machine';
import type { Run } from '../run/record/model';
import type { DependencyEdge } from '../portfolio/model';

/** A child as the database that decides about it knows it. */
export interface PlannedChild {
  readonly run: Run;
  readonly projectDir: string;
  /** Phases that it passes over. */
  readonly skipped: ReadonlySet<string>;
  /** Why that database cannot be read; the run is then what was known last. */
  readonly problem?: KernelError;
}

export interface AdvanceStep {
  /** As it is now. */
  readonly run: Run;
  readonly projectDir: string;
  /**
   * `advance`: would move, though perhaps not all the way. `there`: need not. `paused`: does not advance by itself.
   * `blocked`: its next gate is red.
   */
  readonly kind: 'advance' | 'there' | 'ended' | 'paused' | 'blocked' | 'unreadable';
  /** Where it would be then; for a child that stays, where it should be. */
  readonly toPhase: string;
  /** Of all gates that it would meet on its way. */
  readonly conditions: readonly GateConditionResult[];
  readonly problem?: KernelError;
}

/** Judges one gate of a child that would stand where `run` says. */
export type Judge<C extends PlannedChild> = (
  child: C,
  run: Run,
  toPhase: string,
  upstreams: UpstreamStandings,
) => Judgement;

export interface ChildrenPlan {
  readonly steps: readonly AdvanceStep[];
  /** Where the children would stand. */
  readonly standings: readonly PhaseStanding[];
}

/** Children upstream first; each goes on until it reaches the portfolio's next phase or a gate holds it. */
export function planChildren<C extends PlannedChild>(
  children: readonly C[],
  edges: readonly DependencyEdge[],
  target: string,
  judge: Judge<C>,
): ChildrenPlan {
  const standings = children.map(standingOf);
  const steps = children.map((child, index) => {
    const upstreams = upstreamsAmong(standings, edges, child.projectDir);
    const { step, run } = planOne(child, target, (at, toPhase) => judge(child, at, toPhase, upstreams));
    standings[index] = standingOf({ ...child, run });
    return step;
  });
  return { steps, standings };
}

export function standingOf({ run, projectDir, problem }: Omit<PlannedChild, 'skipped'>): PhaseStanding {
  const { status, phase, phases } = run;
  return { projectDir, status, phase, phases, ...(problem === undefined ? {} : { problem: problem.message }) };
}

/** Where the projects stand that one waits for. */
export function upstreamsAmong(
  children: readonly PhaseStanding[],
  edges: readonly DependencyEdge[],
  projectDir: string,
): UpstreamStandings {
  const upstreams = edges.filter((edge) => edge.downstream === projectDir).map((edge) => edge.upstream);
  return { kind: 'known', standings: standingsAmong(children, upstreams.sort()) };
}

/** Whether a child still has to move before the portfolio can enter the phase. */
export function hasToMove(run: Run, target: string): boolean {
  return !isTerminal(run.status) && isBehind(run, target);
}

interface Planned {
  readonly step: AdvanceStep;
  /** As it would be. */
  readonly run: Run;
}

function planOne(child: PlannedChild, target: string, judge: (run: Run, toPhase: string) => Judgement): Planned {
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
  judge: (run: Run, toPhase: string) => Judgement,
): { readonly at: Run; readonly conditions: readonly GateConditionResult[] } {
  const conditions: GateConditionResult[] = [];
  let at = run;
  while (hasToMove(at, target)) {
    const toPhase = phaseAfter(at, skipped);
    const judgement = judge(at, toPhase);
    conditions.push(...judgement.conditions);
    if (judgement.result === 'fail' && judgement.tier === 'hard') break;
    at = { ...at, phase: toPhase, status: toPhase === lastPhase(at) ? 'completed' : 'active' };
  }
  return { at, conditions };
}
