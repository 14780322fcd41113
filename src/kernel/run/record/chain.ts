/** Phase chains that a caller gives, and positions of a run in its chain (`docs/design/formats.md#runs`). */
import { KernelError, problemOf } from '../../errors/errors';
import { because, foreignText, type ForeignText, type Problem } from '../../errors/reasons/problem';
import type { Run } from './model';
import { chainProblem } from './phaseNames';

/** @throws KernelError `INVALID_ARGUMENT` unless it is at least two different, valid names. */
export function checkChain(phases: readonly unknown[]): readonly string[] {
  const problem = chainProblem(phases);
  if (problem !== undefined) throw new KernelError('INVALID_ARGUMENT', { argument: 'phases', problem });
  return phases as readonly string[];
}

/** A chain written as a JSON array of names. Throws `INVALID_ARGUMENT`. */
export function parseChain(json: string): readonly string[] {
  const refuse = (problem: Problem<'INVALID_ARGUMENT'>): never => {
    throw new KernelError('INVALID_ARGUMENT', { argument: 'phases', problem });
  };
  const phases = readJson(json, refuse);
  return Array.isArray(phases) ? checkChain(phases) : refuse(because('not a JSON array of strings'));
}

function readJson(json: string, refuse: (problem: ForeignText) => never): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    return refuse(foreignText(problemOf(error)));
  }
}

export function lastPhase(run: Run): string {
  const last = run.phases.at(-1);
  if (last === undefined) throw new Error(`run ${run.id} has an empty chain`);
  return last;
}

/**
 * The phase after the run's current one. Phases in `skipped` are passed over, except the last one
 * (`docs/design/formats.md#advancing`).
 * @throws KernelError `PHASE_TERMINAL` in the last phase, `PHASE_NOT_IN_CHAIN` where the run is outside its chain.
 */
export function phaseAfter(run: Run, skipped: ReadonlySet<string> = new Set()): string {
  if (run.phase === lastPhase(run)) throw new KernelError('PHASE_TERMINAL', { runId: run.id, phase: run.phase });
  const ahead = run.phases.slice(positionOf(run, run.phase) + 1);
  return ahead.find((phase) => !skipped.has(phase)) ?? lastPhase(run);
}

/** The index of a phase in the run's chain. Throws `PHASE_NOT_IN_CHAIN`. */
export function positionOf(run: Run, phase: string): number {
  const position = run.phases.indexOf(phase);
  if (position >= 0) return position;
  throw new KernelError('PHASE_NOT_IN_CHAIN', { runId: run.id, phase, chain: run.phases.join(', ') });
}

/**
 * Whether a run has not reached a phase of its chain yet. A phase that its chain lacks counts as reached
 * (`docs/design/formats.md#gate-checks`).
 */
export function isBehind(run: Pick<Run, 'phase' | 'phases'>, phase: string): boolean {
  return run.phases.indexOf(run.phase) < run.phases.indexOf(phase);
}
