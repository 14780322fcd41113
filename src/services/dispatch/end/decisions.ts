/** Records decisions about requests of an agent, each once, as they are read from its log. */
import type { Log } from '../../../host/log';
import { recordDecisions } from '../../../kernel/dispatch/decisions';
import type { DispatchId } from '../../../kernel/ids';
import type { LogReading } from '../../agents/outputReader';
import type { DispatchKernel } from '../../record/dispatchKernel';

/** What cannot be stored now is stored with what follows: a failure must not keep a dispatch from ending. */
export async function storeDecisions(
  kernel: DispatchKernel,
  id: DispatchId,
  { decisions }: Pick<LogReading, 'decisions'>,
  log: Log,
): Promise<void> {
  const list = [...(decisions?.list ?? [])];
  if (decisions === undefined || list.length === 0) return;
  try {
    await kernel.write((u) => recordDecisions(u, id, list));
    decisions.forget(list.length);
  } catch (error) {
    log.warn('decisions not stored', { id, error });
  }
}
