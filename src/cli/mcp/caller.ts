/** The name of a client of the server in the record. */
import { startOf } from '../../kernel/text/storableText';

const MAX_NAME_LENGTH = 64;

/** `agent <dispatch>` for a dispatched agent, else `mcp:<client>` with the name that the client reports. */
export function callerOf(dispatchId: string | undefined, client: { readonly name: string } | undefined): string {
  if (dispatchId !== undefined) return `agent ${dispatchId}`;
  const name = startOf((client?.name ?? '').replace(/[^\w.@/-]+/g, '-'), MAX_NAME_LENGTH);
  return `mcp:${name === '' ? 'unknown' : name}`;
}
