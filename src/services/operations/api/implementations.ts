/**
 * The operations' schemas and implementations. Loaded with the first operation, because a window starts without them.
 */
import { SURFACES } from '../../../contract/surfaces/surfaces';
import { OPERATIONS, type OperationName } from '../../../contract/surfaces/api';
import { agentKindOperations } from './agentKinds';
import { doctorOperations } from './doctor';
import { attentionOperations } from './attention';
import { budgetOperations } from '../run/budgets';
import { dispatchOperations } from '../run/dispatches';
import { gitHubOperations } from '../task/gitHubProjects';
import { portfolioOperations } from '../portfolio/portfolios';
import { handOverOperations } from '../run/handOver';
import { recordOperations } from '../run/records';
import { runOperations } from '../run/runs';
import { sessionOperations } from '../run/sessions';
import { subtaskOperations } from '../task/subtasks';
import { taskOperations } from '../task/tasks';
import { worktreeOperations } from '../task/worktrees';
import type { Implement } from '../implementation';
import type { Runnable } from '../runner';
import { queueOperations } from '../queue';
import { taskUpkeepOperations } from '../task/taskUpkeep';

const IMPLEMENTATIONS: { readonly [N in OperationName]: Implement<N> } = {
  ...doctorOperations,
  ...runOperations,
  ...recordOperations,
  ...agentKindOperations,
  ...dispatchOperations,
  ...queueOperations,
  ...handOverOperations,
  ...sessionOperations,
  ...attentionOperations,
  ...budgetOperations,
  ...portfolioOperations,
  ...taskOperations,
  ...taskUpkeepOperations,
  ...subtaskOperations,
  ...worktreeOperations,
  ...gitHubOperations,
};

/** The schemas in a type that maps each name to its own schema. */
const SCHEMAS: { readonly [N in OperationName]: Runnable<N>['args'] } = OPERATIONS;

export function runnable<N extends OperationName>(name: N): Runnable<N> {
  return { ...SURFACES[name], args: SCHEMAS[name], implement: IMPLEMENTATIONS[name] };
}
