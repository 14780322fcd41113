/**
 * The one table of where each operation is reached (`docs/design/editor.md`): a command of the editor, `ic`, a tool of
 * `ic mcp`, a tool of the editor's chat for the core verbs, and the API, which has them all. An operation without a row
 * does not compile; a way that is not there has its reason. `test/contract/parity.test.ts` compares the table with the
 * surfaces themselves.
 */
import { OPERATIONS, type OperationName } from '../operations/api';
import { ATTENTION_SURFACES } from './attentionSurfaces';
import type { Surface } from './surfaceModel';
import { BUDGET_SURFACES } from './budgetSurfaces';
import { PORTFOLIO_SURFACES } from './portfolioSurfaces';
import { RUN_SURFACES } from './runSurfaces';
import { TASK_SURFACES } from './taskSurfaces';

export { isExcluded, type Decides, type Effect, type Excluded, type Surface } from './surfaceModel';

export const SURFACES: { readonly [N in OperationName]: Surface } = {
  ...RUN_SURFACES,
  ...ATTENTION_SURFACES,
  ...BUDGET_SURFACES,
  ...PORTFOLIO_SURFACES,
  ...TASK_SURFACES,
};

/** In the order of the contract. */
export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[];

/** What tools are called: `runs_advance`. Models and clients know no dots in names. */
export function toolNameOf(operation: OperationName): string {
  return operation.replace('.', '_');
}

/** What the editor's chat calls its tools, which all extensions share. */
export function chatToolNameOf(operation: OperationName): string {
  return `intercore_${toolNameOf(operation)}`;
}

/** The operations that `ic mcp` has a tool for. */
export const TOOL_OPERATIONS: readonly OperationName[] = OPERATION_NAMES.filter(
  (name) => SURFACES[name].mcp === undefined,
);

/** What the editor's chat and agents that are dispatched have tools for. */
export const CORE_OPERATIONS: readonly OperationName[] = OPERATION_NAMES.filter((name) => SURFACES[name].core === true);
