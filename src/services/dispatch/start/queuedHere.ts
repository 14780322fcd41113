/** Which dispatches this user's programs have queued on this machine. Separate from the queue, because views use it. */
import { queuedPrompt } from '../../../host/launcher/dispatchFiles';
import type { QueuedDispatch } from '../../../kernel/queue/model';

/**
 * Whether a program of this user queued the dispatch on this machine: its prompt is where only such programs write. A
 * database comes with its project, so other queued dispatches must not start without a person.
 */
export function isQueuedIn(
  storages: readonly string[],
  { id, request }: Pick<QueuedDispatch, 'id' | 'request'>,
): boolean {
  return storages.some((storage) => queuedPrompt(storage, id) === request.prompt.file);
}
