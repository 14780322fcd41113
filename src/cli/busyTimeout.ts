/** How long a call waits for a record that others keep busy, where it was not given a time. */

const USUAL_MS = 5000;
/** An agent would end with what it could not write, so it waits for many others that write at the same time. */
const AGENT_MS = 60_000;

/** In milliseconds. */
export function busyTimeoutOf(env: Readonly<Record<string, string | undefined>>): number {
  return env['INTERCORE_DISPATCH_ID'] === undefined ? USUAL_MS : AGENT_MS;
}
