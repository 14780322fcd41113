/**
 * The only way to change the phase or status of a run: compare and set (`docs/design/architecture.md#one-domain`). Its
 * event marks the run as touched.
 */
import { KernelError } from '../errors/errors';
import type { Unit } from '../unit';
import { RUN_GUARDS } from './guards';
import { lastPhase } from './record/chain';
import { nextStatus } from './record/machine';
import type { Run } from './record/model';
import * as store from './record/store';

/** The values that the compare-and-set compares. */
export type RunState = Pick<Run, 'id' | 'phase' | 'status'>;

/** @throws KernelError `STALE` where the run has changed since it was read; `TASK_OWNS_RUN`. */
export function moveRun(u: Unit, run: RunState, to: Omit<RunState, 'id'>): void {
  if (to.phase !== run.phase) for (const guard of RUN_GUARDS) guard.refusePhase?.(u, run.id, to.phase);
  if (!store.compareAndMove(u, run, to)) {
    const found = store.selectRun(u, run.id);
    throw new KernelError('STALE', {
      what: 'run',
      id: run.id,
      expected: `${run.phase} (${run.status})`,
      found: found === undefined ? 'gone' : `${found.phase} (${found.status})`,
    });
  }
}

/**
 * Enters a later phase; the last one completes the run. Returns whether it did.
 * @throws KernelError `RUN_TERMINAL`, `STALE`, `TASK_OWNS_RUN`.
 */
export function enterPhase(u: Unit, run: Run, phase: string): boolean {
  const completes = phase === lastPhase(run);
  moveRun(u, run, { phase, status: nextStatus(run, completes ? 'complete' : 'advance') });
  return completes;
}
