/** Checks who decides on an operation before it runs, for all operations. */
import * as z from 'zod';
import type { OperationName } from '../../contract/surfaces/api';
import type { Ways } from '../../contract/declarations/operation';
import { KernelError } from '../../kernel/errors/errors';
import { isOwn, isWidest, personDecides, reachOfDispatch, verdictOn } from '../consent/decisions';
import { kernelOf, type OperationHost } from './host';

const text = z.string().optional();
const subject = z.object({
  folder: text,
  runId: text,
  dispatchId: text,
  projectId: text,
  taskId: text,
  subtaskId: text,
});

/** The fields of parsed arguments that name their subject. */
export function subjectOf(args: object): z.output<typeof subject> {
  return subject.parse(args);
}

/** @throws KernelError `PERSON_DECIDES`, `AGENT_WIDER`; as `kernelOf` */
export async function refuseUndecided(
  host: OperationHost,
  name: OperationName,
  { decides, effect }: Pick<Ways, 'decides' | 'effect'>,
  args: object,
): Promise<void> {
  if (decides === 'anyone' && effect !== 'start') return;
  const caller = host.caller();
  const given = Object.entries(args).flatMap(([argument, value]) => (value === undefined ? [] : [argument]));
  const verdict = verdictOn(caller, decides, given);
  if (verdict === 'refused') personDecides(name);
  if (caller.kind !== 'dispatch') return;
  const { dispatchId } = caller;
  const meant = subjectOf(args);
  if (verdict === 'ownerDecides') {
    const kernel = await kernelOf(host, meant, name);
    if (!kernel.read((r) => isOwn(r, dispatchId, meant))) personDecides(name);
  }
  if (effect === 'start' && !name.startsWith('dispatches.')) {
    // A window starts them with the kinds of its own settings; the dispatcher compares those of `dispatches`.
    const kernel = await kernelOf(host, meant, name);
    const kinds = (host.agentFacts ?? host.dispatcher).kinds();
    const own = kernel.read((r) => reachOfDispatch(r, kinds, dispatchId));
    if (!isWidest(own)) throw new KernelError('AGENT_WIDER', { kind: 'planner or worker' });
  }
}
