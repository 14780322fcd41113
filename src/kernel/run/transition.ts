/**
 * The one way a run changes phase or status: compare and set (`docs/design/architecture.md#one-domain`). The event that
 * follows marks the run.
 */
import { KernelError } from '../errors/errors';
import type { Unit } from '../unit';
import { RUN_GUARDS } from './guards';
import { lastPhase } from './record/chain';
import { nextStatus } from './record/machine';
import type { Run } from './record/model';
import * as store from './record/store';

/** What the compare-and-set compares. */
export type RunState = Pick<Run, 'id' | 'phase' | 'status'>;

/** @throws KernelError `STALE` where the run is no longer as it was read; `TASK_OWNS_RUN`. */
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
 * Enters a later phase; the last one completes the run. Says whether it did.
 * @throws KernelError `RUN_TERMINAL`, `STALE`, `TASK_OWNS_RUN`.
 */
export function enterPhase(u: Unit, run: Run, phase: string): boolean {
  const completes = phase === lastPhase(run);
  moveRun(u, run, { phase, status: nextStatus(run, completes ? 'complete' : 'advance') });
  return completes;
}
