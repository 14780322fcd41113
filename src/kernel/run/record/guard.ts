/** Guards of runs, by parts of the kernel that use runs. The code of runs does not name any of them. */
import type { DispatchId, RunId } from '../../ids';
import type { Unit } from '../../unit';

/** All in the transaction of the step. */
export interface RunGuard {
  /** Throws where the run may not enter the phase. */
  readonly refusePhase?: (u: Unit, id: RunId, phase: string) => void;
  /** Throws where the phase may not be marked as skipped. */
  readonly refuseSkip?: (u: Unit, id: RunId, phase: string) => void;
  /** The run was cancelled. */
  readonly cancelled?: (u: Unit, id: RunId) => void;
  /** The run was rolled back, and these dispatches of it are no longer needed. */
  readonly rolledBack?: (u: Unit, dispatches: readonly DispatchId[], why: string) => void;
}
