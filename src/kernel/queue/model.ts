/**
 * Queued dispatches, which wait for a limit (`docs/design/portfolios.md#limits`). They become dispatches under the same
 * id.
 */
import * as z from 'zod';
import type { InvalidRow } from '../db/rows';
import { dispatchId, runId, type DispatchId, type RunId } from '../ids';
import { plainText } from '../input';

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

export interface QueuedDispatch {
  /** The id of the dispatch it becomes. */
  readonly id: DispatchId;
  /** The run it is for. */
  readonly runId: RunId | null;
  /** The folder for its agent: absolute. */
  readonly projectDir: string;
  readonly request: QueuedRequest;
  /** When it was queued, in milliseconds, so that the queues of several projects can be merged. */
  readonly queuedAtMs: number;
  /** Why it could not be started, other than a limit: it then waits for a person. */
  readonly problem: string | null;
}

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
