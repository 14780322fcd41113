/** SQL of interspect events (`docs/design/formats.md#tables`). */
import type { Reader, Unit } from '../unit';
import { INTERSPECT_EVENTS, type InterspectEvent, type InterspectInput } from './model';

/** The new row's id. */
export function insertInterspect(u: Unit, event: InterspectInput): number {
  return u.db.insert(...INTERSPECT_EVENTS.insert({ ...event, createdAt: u.now }));
}

export function selectInterspect(
  r: Reader,
  agentName: string | undefined,
  since: number,
  limit: number,
): InterspectEvent[] {
  return r.db.list(
    `SELECT ${INTERSPECT_EVENTS.columns}
     FROM interspect_events WHERE id > ? AND (? IS NULL OR agent_name = ?) ORDER BY id LIMIT ?`,
    [since, agentName ?? null, agentName ?? null, limit],
    INTERSPECT_EVENTS,
  );
}
