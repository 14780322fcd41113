/**
 * Queued dispatches, which wait for a limit (`docs/design/portfolios.md#limits`). They become dispatches under the same
 * id.
 */
import * as z from 'zod';
import type { InvalidRow } from '../db/rows';
import { column, defineTable, type RowOf } from '../db/defineTable';
import { dispatchId, runId } from '../ids';
import { plainText, storedJson } from '../input';

/** The options to start the agent with, as far as the record checks them; the dispatcher checks the rest. */
export const queuedRequest = z.looseObject({
  /** Name of an agent kind. */
  kind: plainText.min(1),
  name: plainText.optional(),
  /** The dispatch that asked for it. */
  parentId: plainText.optional(),
  sandbox: plainText.optional(),
  /** The prompt is a file next to the logs, not in the record. */
  prompt: z.strictObject({ file: plainText.min(1) }),
});
export type QueuedRequest = z.infer<typeof queuedRequest>;

export const QUEUED_DISPATCHES = defineTable('queued_dispatches', {
  /** The id of the dispatch it becomes. */
  id: column('id', dispatchId),
  /** The run it is for. */
  runId: column('run_id', runId.nullable()),
  /** The folder for its agent: absolute. */
  projectDir: column('project_dir', z.string()),
  request: column('request', storedJson.pipe(queuedRequest), JSON.stringify),
  /** When it was queued, in milliseconds, so that the queues of several projects can be merged. */
  queuedAtMs: column('queued_at_ms', z.int()),
  /** Why it could not be started, other than a limit: it then waits for a person. */
  problem: column('problem', z.string().nullable()),
});
export type QueuedDispatch = RowOf<typeof QUEUED_DISPATCHES>;

export const enqueueInput = z.strictObject({
  id: dispatchId,
  runId: runId.optional(),
  projectDir: plainText.min(1).max(4096),
  request: queuedRequest,
  queuedAtMs: z.int().min(0),
});
export type EnqueueInput = z.input<typeof enqueueInput>;

/** In queue order, with unreadable rows separately. */
export interface QueueList {
  readonly queued: readonly QueuedDispatch[];
  readonly invalid: readonly InvalidRow[];
}
