/** All operations, as each noun declares its own. */
import { AGENT_OPERATIONS } from './agents';
import { ARTIFACT_OPERATIONS } from './artifacts';
import { ATTENTION_OPERATIONS } from './attention';
import { BUDGET_OPERATIONS } from './budgets';
import { DATABASE_OPERATIONS } from './database';
import { DISPATCH_OPERATIONS } from './dispatches';
import { DOCTOR_OPERATIONS } from './doctor';
import { EVENT_OPERATIONS } from './events';
import { GATE_OPERATIONS } from './gates';
import { PORTFOLIO_OPERATIONS } from './portfolios';
import { PROJECT_OPERATIONS } from './projects';
import { RUN_OPERATIONS } from './runs';
import { SUBTASK_OPERATIONS } from './subtasks';
import { TASK_OPERATIONS } from './tasks';
import { WORKTREE_OPERATIONS } from './worktrees';

/** In the order in which tools list them. */
export const DECLARATIONS = {
  ...DATABASE_OPERATIONS,
  ...RUN_OPERATIONS,
  ...GATE_OPERATIONS,
  ...ARTIFACT_OPERATIONS,
  ...AGENT_OPERATIONS,
  ...DISPATCH_OPERATIONS,
  ...EVENT_OPERATIONS,
  ...DOCTOR_OPERATIONS,
  ...ATTENTION_OPERATIONS,
  ...BUDGET_OPERATIONS,
  ...PORTFOLIO_OPERATIONS,
  ...PROJECT_OPERATIONS,
  ...TASK_OPERATIONS,
  ...SUBTASK_OPERATIONS,
  ...WORKTREE_OPERATIONS,
};

export type OperationName = keyof typeof DECLARATIONS;
