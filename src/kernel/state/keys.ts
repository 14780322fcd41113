/** The state keys the kernel itself writes (`docs/design/formats.md#state-entries`). */
export const STATE_KEYS = {
  /** Scope: a consumer, or `consumer:run`. */
  cursor: 'cursor',
  /** Scope: a run. Set once its usage first reaches the warning threshold. */
  budgetWarning: 'budget.warning',
  /** Scope: a run. Set once its usage first reaches the budget. */
  budgetExceeded: 'budget.exceeded',
  /** Scope: a child's project directory. */
  relayCursor: 'relay-cursor',
  /** Scope: `portfolio:child`. There once the project's own database has held the child's run. */
  relaySeen: 'relay-seen',
  /** Scope: a portfolio. A JSON string that holds the number of active dispatches of its children's projects. */
  activeDispatchCount: 'active-dispatch-count',
  /** Scope: a run. The override of its gate that somebody asks a person for. */
  overrideAsked: 'gate.override-asked',
  /** Scope: a portfolio that is being made in several databases. What has to be undone if its maker dies. */
  portfolioCreation: 'portfolio.creation',
} as const;
