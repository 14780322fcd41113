/** All operations, as each noun declares its own. */
import { AGENT_KIND_OPERATIONS } from '../operations/agentKinds';
import { AGENT_OPERATIONS } from '../operations/agents';
import { ARTIFACT_OPERATIONS } from '../operations/artifacts';
import { ATTENTION_OPERATIONS } from '../operations/attention';
import { BUDGET_OPERATIONS } from '../operations/budgets';
import { DATABASE_OPERATIONS } from '../operations/database';
import { DISPATCH_OPERATIONS } from '../operations/dispatches';
import { DOCTOR_OPERATIONS } from '../operations/doctor';
import { EVENT_OPERATIONS } from '../operations/events';
import { GATE_OPERATIONS } from '../operations/gates';
import { PORTFOLIO_OPERATIONS } from '../operations/portfolios';
import { PROJECT_OPERATIONS } from '../operations/projects';
import { RUN_OPERATIONS } from '../operations/runs';
import { SESSION_OPERATIONS } from '../operations/sessions';
import { SUBTASK_OPERATIONS } from '../operations/subtasks';
import { TASK_OPERATIONS } from '../operations/tasks';
import { WORKTREE_OPERATIONS } from '../operations/worktrees';

/** In the order in which tools list them. */
export const DECLARATIONS = {
  ...DATABASE_OPERATIONS,
  ...RUN_OPERATIONS,
  ...GATE_OPERATIONS,
  ...ARTIFACT_OPERATIONS,
  ...AGENT_OPERATIONS,
  ...AGENT_KIND_OPERATIONS,
  ...DISPATCH_OPERATIONS,
  ...SESSION_OPERATIONS,
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
