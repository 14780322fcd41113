/** Who a client of the server is, as the record names it. */
import { startOf } from '../../kernel/text/storableText';

const MAX_NAME_LENGTH = 64;

/** `agent <dispatch>` for an agent that was dispatched, else `mcp:<client>` by the name that the client gives itself. */
export function callerOf(dispatchId: string | undefined, client: { readonly name: string } | undefined): string {
  if (dispatchId !== undefined) return `agent ${dispatchId}`;
  const name = startOf((client?.name ?? '').replace(/[^\w.@/-]+/g, '-'), MAX_NAME_LENGTH);
  return `mcp:${name === '' ? 'unknown' : name}`;
}
