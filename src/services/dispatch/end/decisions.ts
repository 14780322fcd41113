/** Records decisions about requests of an agent, each once, as its host leaves them. */
import type { Log } from '../../../host/log';
import { recordDecisions } from '../../../kernel/dispatch/decisions';
import type { DispatchId } from '../../../kernel/ids';
import type { LogReading } from '../../agents/outputReader';
import type { DispatchKernel } from '../../record/dispatchKernel';

/**
 * Those in the file of the session come first, because a log may have lost its middle. What cannot be stored now is
 * stored with what follows: a failure must not keep a dispatch from ending.
 */
export async function storeDecisions(
  kernel: DispatchKernel,
  id: DispatchId,
  { decisions, left }: Pick<LogReading, 'decisions' | 'left'>,
  log: Log,
): Promise<void> {
  if (decisions === undefined) return;
  try {
    for (let next = await left.next(); next !== undefined; next = await left.next()) {
      const { list, pass } = next;
      await kernel.write((u) => recordDecisions(u, id, list));
      pass();
    }
    const list = [...decisions.list];
    if (list.length === 0) return;
    await kernel.write((u) => recordDecisions(u, id, list));
    decisions.forget(list.length);
  } catch (error) {
    log.warn('decisions not stored', { id, error });
  }
}
