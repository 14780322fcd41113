/** Tables of budgets. A run's token budget stays in `runs.token_budget`, where the Intercore CLI searches for it. */
import type { Table } from './tables';

const AMOUNT = 'INTEGER NOT NULL CHECK';

export const BUDGET_TABLES = [
  {
    name: 'budget_limits',
    key: ['run_id'],
    columns: { run_id: 'TEXT NOT NULL PRIMARY KEY', cost_micros: `${AMOUNT} (cost_micros > 0)` },
  },
  {
    name: 'budget_reservations',
    key: ['dispatch_id'],
    columns: {
      dispatch_id: 'TEXT NOT NULL PRIMARY KEY',
      state: "TEXT NOT NULL CHECK (state IN ('reserved', 'settled', 'released'))",
      tokens: `${AMOUNT} (tokens >= 0)`,
      tokens_basis: "TEXT NOT NULL CHECK (tokens_basis IN ('given', 'past', 'guess'))",
      cost_micros: `${AMOUNT} (cost_micros >= 0)`,
      cost_basis: "TEXT NOT NULL CHECK (cost_basis IN ('given', 'past', 'guess'))",
      is_reported: 'INTEGER NOT NULL DEFAULT 0 CHECK (is_reported IN (0, 1))',
      priced_micros: 'INTEGER CHECK (priced_micros IS NULL OR priced_micros >= 0)',
      stopped_by: "TEXT CHECK (stopped_by IS NULL OR stopped_by IN ('dispatch', 'run', 'portfolio'))",
      created_at: 'INTEGER NOT NULL DEFAULT (unixepoch())',
      ended_at: 'INTEGER',
    },
    constraints: ["CHECK ((state = 'reserved') = (ended_at IS NULL))"],
  },
] as const satisfies readonly Table[];
