/**
 * Dispatches that wait until a limit lets them start (`docs/design/portfolios.md#limits`). They become dispatches under
 * the same id.
 */
import * as z from 'zod';
import type { InvalidRow } from '../db/rows';
import { dispatchId, runId, type DispatchId, type RunId } from '../ids';
import { plainText } from '../input';

/** What the agent is to be started with, as far as the record looks into it; the dispatcher checks the rest. */
export const queuedRequest = z.looseObject({
  /** Name of an agent kind. */
  kind: plainText.min(1),
  name: plainText.optional(),
  /** The dispatch that asked for it. */
  parentId: plainText.optional(),
  sandbox: plainText.optional(),
  /** The prompt lies beside the logs, not in the record. */
  prompt: z.strictObject({ file: plainText.min(1) }),
});
export type QueuedRequest = z.infer<typeof queuedRequest>;

export interface QueuedDispatch {
  /** The id of the dispatch that it becomes. */
  readonly id: DispatchId;
  /** The run it is for. */
  readonly runId: RunId | null;
  /** Where its agent is to work: absolute. */
  readonly projectDir: string;
  readonly request: QueuedRequest;
  /** When it was queued, in milliseconds, so that the lines of several projects make one. */
  readonly queuedAtMs: number;
  /** Why it could not be started, where that was no limit: it waits for a person then. */
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

/** First in line first, with the rows that cannot be read beside. */
export interface QueueList {
  readonly queued: readonly QueuedDispatch[];
  readonly invalid: readonly InvalidRow[];
}
