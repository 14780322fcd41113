/** How an operation runs, whatever surface it was called from: parsed, decided, signed, done. */
import type * as z from 'zod';
import type { OperationArgs, OperationName, OperationResults } from '../../contract/operations/api';
import type { Ways } from '../../contract/operations/operation';
import { parseArguments } from './arguments';
import { refuseUndecided } from './deciding';
import type { OperationHost } from './host';
import type { Implement } from './implementation';

/** An operation as it is declared, with its implementation. */
export interface Runnable<N extends OperationName> extends Pick<Ways, 'decides' | 'effect'> {
  readonly args: z.ZodType<OperationArgs<N>>;
  readonly implement: Implement<N>;
}

/**
 * @param args as the caller gave them
 * @throws KernelError `INVALID_ARGUMENT` that names the first field that is wrong; `PERSON_DECIDES` and `AGENT_WIDER`,
 * where an agent asks for what it may not; and as the operation
 */
export async function runWith<N extends OperationName>(
  host: OperationHost,
  name: N,
  operation: Runnable<N>,
  args: unknown,
): Promise<OperationResults[N]> {
  const parsed = parseArguments(operation.args, args);
  await refuseUndecided(host, name, operation, parsed);
  return await host.callers.run({ caller: host.actor(), operation: name }, () => operation.implement(host, parsed));
}
