/** How long a call waits for a record that other processes keep busy. */

const USUAL_MS = 5000;
/** An agent would lose what it could not write, so it waits longer when many others write at the same time. */
const AGENT_MS = 60_000;

/**
 * Many waiting agents would take processor time from the holder of the record. And the window should come next, because
 * one save of it stores the endings of all agents.
 */
const AGENT_PAUSE_MS = 100;

/** In milliseconds, for a call without `--timeout`. */
export function busyTimeoutOf(env: Environment): number {
  return isAgent(env) ? AGENT_MS : USUAL_MS;
}

/** The longest pause between two attempts to lock the record; undefined: the default. */
export function longestPauseOf(env: Environment): number | undefined {
  return isAgent(env) ? AGENT_PAUSE_MS : undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const isAgent = (env: Environment): boolean => env['INTERCORE_DISPATCH_ID'] !== undefined;
