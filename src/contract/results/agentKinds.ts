/** What an operation on agent kinds reports. */

/** An agent that was removed for this user, with its package. */
export interface AgentRemoval {
  readonly kind: string;
  readonly version: string;
}

/** An agent that was added for this user. */
export interface AgentAddition {
  /** The name of its kind. */
  readonly kind: string;
  readonly title: string;
  readonly version: string;
  /** An SPDX identifier, or `proprietary`. */
  readonly license: string;
  /** The program and arguments that sign in, in a terminal; null if the agent has none that is known. */
  readonly signIn: readonly string[] | null;
}
