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
  /** Scope: `portfolio:child`. Set once the project's own database has held the child's run. */
  relaySeen: 'relay-seen',
  /** Scope: a portfolio. A JSON string that holds the number of active dispatches of its children's projects. */
  activeDispatchCount: 'active-dispatch-count',
  /** Scope: a run. The override of its gate that is requested from a person. */
  overrideAsked: 'gate.override-asked',
  /** Scope: a portfolio that is being created in several databases. What to undo if the creating program dies. */
  portfolioCreation: 'portfolio.creation',
} as const;
