/** Canceling runs, and its effects (`docs/design/formats.md#runs`). */
import { storedReason } from '../errors/reasons/storedReasons';
import type { Unit } from '../unit';
import { RUN_GUARDS } from './guards';
import { nextStatus } from './record/machine';
import type { CancelOutcome } from './record/model';
import { getRun } from './record/queries';
import { insertPhaseEvent, selectActiveChildren } from './record/store';
import { moveRun, type RunState } from './transition';

/** The reason in the event of a child that is canceled with its portfolio. */
export const PORTFOLIO_CANCELLED = storedReason('portfolio cancelled');

/**
 * Cancels an active run with its queued dispatches, the active children of a portfolio, and all work of a task's run.
 * The dispatcher ends the processes.
 * @throws KernelError `NOT_FOUND`, `RUN_TERMINAL`, `STALE`, `ROW_INVALID`.
 */
export function cancelRun(u: Unit, id: string, reason?: string): CancelOutcome {
  const run = getRun(u, id);
  cancelOne(u, run, reason);
  const children = run.projectDir === '' ? selectActiveChildren(u, run.id) : [];
  for (const child of children) cancelOne(u, child, PORTFOLIO_CANCELLED);
  return { runId: run.id, children: children.map((child) => child.id) };
}

function cancelOne(u: Unit, run: RunState, reason?: string): void {
  moveRun(u, run, { phase: run.phase, status: nextStatus(run, 'cancel') });
  for (const guard of RUN_GUARDS) guard.cancelled?.(u, run.id);
  const event = { runId: run.id, fromPhase: run.phase, toPhase: run.phase, type: 'cancel' } as const;
  insertPhaseEvent(u, reason === undefined ? event : { ...event, reason });
}
