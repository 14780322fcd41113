/** A single event, for a window that does not read the list yet. */
import type { Reader } from '../unit';
import type { KernelEvent } from './model';
import { selectRunEvents } from './store';

/** The phase event of a run with this id. */
export function phaseEventOf(r: Reader, runId: string, id: number): KernelEvent | undefined {
  return selectRunEvents(r, 'phase', runId, id - 1, 1).find((event) => event.id === id);
}
