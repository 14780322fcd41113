/** How a call waits for a record that others keep busy. */

const USUAL_MS = 5000;
/** An agent would end with what it could not write, so it waits for many others that write at the same time. */
const AGENT_MS = 60_000;

/**
 * Many agents that wait would take the processors from the one that holds the record, and the window, whose one save
 * stores what all ended agents wait for, should come next.
 */
const AGENT_PAUSE_MS = 100;

/** In milliseconds, where the call was not given a time. */
export function busyTimeoutOf(env: Environment): number {
  return isAgent(env) ? AGENT_MS : USUAL_MS;
}

/** To which pauses between two tries to take the record grow; undefined for the usual ones. */
export function longestPauseOf(env: Environment): number | undefined {
  return isAgent(env) ? AGENT_PAUSE_MS : undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const isAgent = (env: Environment): boolean => env['INTERCORE_DISPATCH_ID'] !== undefined;
