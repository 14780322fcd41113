/** SQL of interspect events (`docs/design/formats.md#tables`). */
import * as z from 'zod';
import { rowCodec } from '../db/rows';
import type { Reader, Unit } from '../unit';
import type { InterspectEvent, InterspectInput } from './model';

const text = z.string().nullable();

const eventCodec = rowCodec<InterspectEvent>(
  'interspect_events',
  z
    .object({
      id: z.int(),
      run_id: text,
      agent_name: z.string(),
      event_type: z.string(),
      override_reason: text,
      context_json: text,
      session_id: text,
      project_dir: text,
      created_at: z.int(),
    })
    .transform((row) => ({
      id: row.id,
      runId: row.run_id,
      agentName: row.agent_name,
      eventType: row.event_type,
      overrideReason: row.override_reason,
      contextJson: row.context_json,
      sessionId: row.session_id,
      projectDir: row.project_dir,
      createdAt: row.created_at,
    })),
);

/** The new row's id. */
export function insertInterspect(u: Unit, event: InterspectInput): number {
  return u.db.insert(
    `INSERT INTO interspect_events
       (run_id, agent_name, event_type, override_reason, context_json, session_id, project_dir, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      event.runId ?? null,
      event.agentName,
      event.eventType,
      event.overrideReason ?? null,
      event.contextJson ?? null,
      event.sessionId ?? null,
      event.projectDir ?? null,
      u.now,
    ],
  );
}

export function selectInterspect(
  r: Reader,
  agentName: string | undefined,
  since: number,
  limit: number,
): InterspectEvent[] {
  return r.db.list(
    `SELECT id, run_id, agent_name, event_type, override_reason, context_json, session_id, project_dir, created_at
     FROM interspect_events WHERE id > ? AND (? IS NULL OR agent_name = ?) ORDER BY id LIMIT ?`,
    [since, agentName ?? null, agentName ?? null, limit],
    eventCodec,
  );
}
