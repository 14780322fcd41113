/**
 * Interspect events: observations of agents, such as overrides of their findings
 * (`docs/design/formats.md#discoveries`).
 */
import * as z from 'zod';
import { column, defineTable, type RowOf } from '../db/defineTable';
import { jsonText, nonBlank, plainText } from '../input';

const text = z.string().nullable();

export const INTERSPECT_EVENTS = defineTable('interspect_events', {
  id: column('id', z.int()),
  runId: column('run_id', text),
  agentName: column('agent_name', z.string()),
  eventType: column('event_type', z.string()),
  overrideReason: column('override_reason', text),
  /** JSON text. */
  contextJson: column('context_json', text),
  sessionId: column('session_id', text),
  projectDir: column('project_dir', text),
  /** Unix seconds. */
  createdAt: column('created_at', z.int()),
});
export type InterspectEvent = RowOf<typeof INTERSPECT_EVENTS>;

const name = nonBlank.max(1024);

export const interspectInput = z.strictObject({
  agentName: name,
  eventType: name,
  /** Need not be a run of this database. */
  runId: plainText.max(200).optional(),
  overrideReason: plainText.max(200_000).optional(),
  contextJson: jsonText.optional(),
  sessionId: plainText.max(1024).optional(),
  projectDir: plainText.max(4096).optional(),
});
export type InterspectInput = z.input<typeof interspectInput>;

export const interspectQuery = z.strictObject({
  agentName: plainText.optional(),
  /** Only ids above this. */
  since: z.int().min(0).optional(),
  /** 0 or less: `DEFAULT_INTERSPECT_LIMIT`. */
  limit: z.int().optional(),
});
export type InterspectQuery = z.input<typeof interspectQuery>;
