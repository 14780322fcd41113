/** The work of an agent of another kind, for the prompt of the next one (`docs/design/sessions.md#handing-over`). */
import type { Dispatch } from '../../../kernel/dispatch/model';
import { findDispatch } from '../../../kernel/dispatch/service';
import type { AgentRun, Subtask } from '../../../kernel/tasks/record/model';
import { findStageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import { isScriptKind } from '../../agents/builtInKinds';
import { earlierWork } from '../../dispatch/follow/earlierWork';
import { handOverSection } from '../../dispatch/follow/handOverPrompt';
import type { Reader } from '../../../kernel/unit';
import type { TaskDeps } from '../deps';

/** Empty where the last agent was of this kind, or there was none, and for a kind that would run it as a program. @param last the last attempt that counts */
export async function workOfOtherKind(
  deps: Pick<TaskDeps, 'kernel' | 'dispatcher' | 'git' | 'log'>,
  subtask: Subtask,
  last: AgentRun | undefined,
  kind: string,
): Promise<string> {
  if (isScriptKind(kind)) return '';
  const dispatch = deps.kernel.read((r) => lastDispatch(r, 'agent', subtask.id, last));
  if (dispatch === undefined || dispatch.agentType === kind || subtask.worktreePath === null) return '';
  return handOverSection(await earlierWork(deps, dispatch, subtask.worktreePath, false));
}

/** Of the last attempt. One that a limit ended does not count, and only its failure names its dispatch. */
export function lastDispatch(
  r: Reader,
  stage: 'agent' | 'planAgent',
  subject: string,
  last: AgentRun | undefined,
): Dispatch | undefined {
  const dispatchId = findStageFailure(r, stage, subject)?.dispatchId ?? last?.dispatchId ?? null;
  return dispatchId === null ? undefined : findDispatch(r, dispatchId);
}
