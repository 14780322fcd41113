/** Interspect events, recorded and queried (`docs/design/formats.md#discoveries`). */
import { parseInput } from '../input';
import type { Reader, Unit } from '../unit';
import {
  interspectInput,
  interspectQuery,
  type InterspectEvent,
  type InterspectInput,
  type InterspectQuery,
} from './model';
import { insertInterspect, selectInterspect } from './store';

/** The default limit of a query. */
export const DEFAULT_INTERSPECT_LIMIT = 1000;

/**
 * Records an observation and returns its row id.
 * @throws KernelError `INVALID_ARGUMENT`
 */
export function recordInterspect(u: Unit, input: InterspectInput): number {
  const id = insertInterspect(u, parseInput(interspectInput, input, 'event'));
  u.touched.rest();
  return id;
}

/**
 * Events after an id, in the order of their ids, so that none is missed after a clock was set back.
 * @throws KernelError `INVALID_ARGUMENT`
 */
export function queryInterspect(r: Reader, query: InterspectQuery = {}): InterspectEvent[] {
  const { agentName, since = 0, limit = 0 } = parseInput(interspectQuery, query, 'query');
  return selectInterspect(r, agentName, since, limit > 0 ? limit : DEFAULT_INTERSPECT_LIMIT);
}
