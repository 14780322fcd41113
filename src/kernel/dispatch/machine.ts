/** Which status of a dispatch may follow which (`docs/design/agents.md#states-of-a-dispatch`). */
import type { DispatchStatus } from './model';

/**
 * A dispatch that has ended keeps its status. `spawned` may end as `completed`, too: if the window dies between
 * starting a process and recording it, only the exit record of the process exists.
 */
export const NEXT_STATUSES: Readonly<Record<DispatchStatus, readonly DispatchStatus[]>> = {
  spawned: ['running', 'completed', 'failed', 'timeout', 'cancelled'],
  running: ['completed', 'failed', 'timeout', 'cancelled'],
  completed: [],
  failed: [],
  timeout: [],
  cancelled: [],
};

export function mayBecome(from: DispatchStatus, to: DispatchStatus): boolean {
  return NEXT_STATUSES[from].includes(to);
}

/** Whether the dispatch has, or may have, a process. */
export function isActive(status: DispatchStatus): boolean {
  return NEXT_STATUSES[status].length > 0;
}
