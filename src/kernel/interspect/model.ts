/**
 * Interspect events: observations of agents, such as overrides of their findings
 * (`docs/design/formats.md#discoveries`).
 */
import * as z from 'zod';
import { jsonText, nonBlank, plainText } from '../input';

export interface InterspectEvent {
  readonly id: number;
  readonly runId: string | null;
  readonly agentName: string;
  readonly eventType: string;
  readonly overrideReason: string | null;
  /** JSON text. */
  readonly contextJson: string | null;
  readonly sessionId: string | null;
  readonly projectDir: string | null;
  /** Unix seconds. */
  readonly createdAt: number;
}

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
