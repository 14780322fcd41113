/** What the operations accept and what does them: loaded with the first that is asked for, since a window starts without (design §12). */
import type * as z from 'zod';
import { OPERATIONS, type OperationArgs, type OperationName } from '../../contract/api';
import { doctorOperations } from './doctor';
import { attentionOperations } from './attention';
import { budgetOperations } from './budgets';
import { dispatchOperations } from './dispatches';
import { gitHubOperations } from './gitHubProjects';
import { portfolioOperations } from './portfolios';
import { recordOperations } from './records';
import { runOperations } from './runs';
import { subtaskOperations } from './subtasks';
import { taskOperations } from './tasks';
import { worktreeOperations } from './worktrees';
import type { Implement } from './implementation';

export const IMPLEMENTATIONS: { readonly [N in OperationName]: Implement<N> } = {
  ...doctorOperations,
  ...runOperations,
  ...recordOperations,
  ...dispatchOperations,
  ...attentionOperations,
  ...budgetOperations,
  ...portfolioOperations,
  ...taskOperations,
  ...subtaskOperations,
  ...worktreeOperations,
  ...gitHubOperations,
};

/** The schemas again, in a type that keeps each name with its own. */
export const SCHEMAS: { readonly [N in OperationName]: z.ZodType<OperationArgs<N>> } = OPERATIONS;
