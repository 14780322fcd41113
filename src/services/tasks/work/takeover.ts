/** The work on a subtask of an agent of another kind, for the prompt of the next one (`docs/design/sessions.md#handing-over`). */
import type { Dispatch } from '../../../kernel/dispatch/model';
import { findDispatch } from '../../../kernel/dispatch/service';
import type { AgentRun, Subtask } from '../../../kernel/tasks/record/model';
import { findStageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import { isScriptKind } from '../../agents/builtInKinds';
import { earlierWork } from '../../dispatch/follow/earlierWork';
import { handOverSection } from '../../dispatch/follow/handOverPrompt';
import type { TaskDeps } from '../deps';

/** Empty where the last agent was of this kind, or there was none, and for a kind that would run it as a program. @param last the last attempt that counts */
export async function workOfOtherKind(
  deps: Pick<TaskDeps, 'kernel' | 'dispatcher' | 'git' | 'log'>,
  subtask: Subtask,
  last: AgentRun | undefined,
  kind: string,
): Promise<string> {
  if (isScriptKind(kind)) return '';
  const dispatch = lastDispatch(deps, subtask, last);
  if (dispatch === undefined || dispatch.agentType === kind || subtask.worktreePath === null) return '';
  return handOverSection(await earlierWork(deps, dispatch, subtask.worktreePath, false));
}

/** Of the last attempt. One that a limit ended does not count, and only its failure names its dispatch. */
function lastDispatch(
  { kernel }: Pick<TaskDeps, 'kernel'>,
  { id }: Subtask,
  last: AgentRun | undefined,
): Dispatch | undefined {
  return kernel.read((r) => {
    const dispatchId = findStageFailure(r, 'agent', id)?.dispatchId ?? last?.dispatchId ?? null;
    return dispatchId === null ? undefined : findDispatch(r, dispatchId);
  });
}
