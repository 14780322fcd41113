/** What an operation on agent kinds reports. */

/** An agent that was removed for this user, with its package. */
export interface AgentRemoval {
  readonly kind: string;
  readonly version: string;
}

/** A program that agents of a kind need and that is not on this machine. */
export interface MissingProgram {
  readonly program: string;
  /** The line for a terminal that installs it; null where none is known. */
  readonly install: string | null;
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
  /** What the agent still needs before it can start. */
  readonly missing: readonly MissingProgram[];
}

/**
 * Why a kind is the default of a folder: a setting selects it, the folder keeps it, it is installed on this machine, or
 * no kind to choose from is installed.
 */
export const KIND_REASONS = ['setting', 'record', 'machine', 'noneInstalled'] as const;

/** The default agent kind of a folder. */
export interface KindChoice {
  readonly kind: string;
  readonly reason: (typeof KIND_REASONS)[number];
}
