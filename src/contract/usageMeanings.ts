/** What the token counts of agents mean: agents that speak one protocol differ in it. */

/** What an agent's figures mean: how `usage` is read and added up (`docs/design/sessions.md#usage`). */
export const USAGE_MEANINGS = [
  /** Tokens of the turn, with cached ones apart from the input. */
  'turn',
  /** Tokens of the turn, with cached ones in the input. */
  'turnWithCache',
  /** Tokens of each request, in a message of the agent, with cached ones in the input. */
  'requests',
  /** Of the last request of the turn only. */
  'lastRequest',
  /** Of the process so far, with cached ones in the input. */
  'process',
  /** None. */
  'none',
] as const;
export type UsageMeaning = (typeof USAGE_MEANINGS)[number];
