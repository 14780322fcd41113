/**
 * The state machine of runs: which status allows which command, and the next status
 * (`docs/design/formats.md#advancing`).
 */
import { KernelError } from '../../errors/errors';
import type { Run, RunStatus } from './model';

/** `advance` enters a phase within the chain, `complete` its last one. */
export const RUN_COMMANDS = ['advance', 'complete', 'skip', 'rollback', 'cancel', 'set'] as const;
export type RunCommand = (typeof RUN_COMMANDS)[number];

/** The status after each command; null where the command is refused. */
export const RUN_MACHINE: Readonly<Record<RunStatus, Readonly<Record<RunCommand, RunStatus | null>>>> = {
  active: {
    advance: 'active',
    complete: 'completed',
    skip: 'active',
    rollback: 'active',
    cancel: 'cancelled',
    set: 'active',
  },
  completed: { advance: null, complete: null, skip: null, rollback: 'active', cancel: null, set: 'completed' },
  cancelled: { advance: null, complete: null, skip: null, rollback: null, cancel: null, set: 'cancelled' },
  failed: { advance: null, complete: null, skip: null, rollback: null, cancel: null, set: 'failed' },
};

/** @throws KernelError `RUN_TERMINAL` where the machine has no such step. */
export function nextStatus(run: Pick<Run, 'id' | 'status'>, command: RunCommand): RunStatus {
  const next = RUN_MACHINE[run.status][command];
  if (next === null) throw new KernelError('RUN_TERMINAL', { runId: run.id, status: run.status });
  return next;
}

/** Completed, canceled and failed runs neither block others nor depend on anything. */
export function isTerminal(status: RunStatus): boolean {
  return RUN_MACHINE[status].advance === null;
}
