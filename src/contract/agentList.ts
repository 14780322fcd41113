/** The protocol's registry of agents, as surfaces see it: what it lists, and why an agent cannot be added. */

/** Why an agent of the list cannot be added. Surfaces translate the texts. */
export const NOT_ADDABLE = {
  noPackage: 'It is not on npm, and its download has no checksum.',
  notPinned: 'The list names no exact version of its package.',
  noChecksum: 'The list has no checksum for its package.',
  needsScripts: 'Its package needs its scripts, which are not run.',
  notTried: 'It was not tried.',
} as const;
export type NotAddable = keyof typeof NOT_ADDABLE;

/** An agent that is known from the list and cannot be added. */
export interface ListedAgent {
  readonly id: string;
  readonly title: string;
  /** Null where it is not known. */
  readonly version: string | null;
  /** As the list names it; null where it does not. */
  readonly license: string | null;
  readonly because: NotAddable;
}

export const LIST_PROBLEMS = {
  address: 'The address does not start with https://.',
  redirect: 'The server redirects to an address that is not allowed.',
  status: 'The server did not send the list.',
  type: 'The server sent something that is not JSON.',
  size: 'The list is too large.',
  content: 'The list is not understood.',
  time: 'The server did not answer in time.',
  connection: 'The server cannot be reached.',
} as const;
export type ListProblem = keyof typeof LIST_PROBLEMS;
