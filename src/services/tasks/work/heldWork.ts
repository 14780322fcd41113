/** Work that waits for a held account of an agent (`docs/design/failures.md#classes`). */
import type { AccountHold } from '../../../host/state/accountHolds';
import type { ErrorCode } from '../../../kernel/errors/errors';
import { kindOf, workerFor, type NeededAgent } from '../../../kernel/tasks/subtask/neededAgent';
import { getSubtask } from '../../../kernel/tasks/subtask/subtasks';
import { retryStage } from '../../../kernel/tasks/upkeep/stageFailures';
import { stageFailures } from '../../../kernel/tasks/upkeep/stageHolds';
import type { StageName } from '../../../kernel/tasks/stage/stages';
import type { TaskDeps } from '../deps';
import { eachAlone } from '../eachAlone';

/** The data of a failed stage that an account holds. */
const HOLDING: ReadonlySet<string> = new Set<ErrorCode>(['ACCOUNT_HELD', 'ACCOUNT_STOPPED']);

/** The agent that a stage starts or follows, if any. */
const AGENT_OF: Partial<Record<StageName, 'planner' | 'worker'>> = {
  planStart: 'planner',
  planAgent: 'planner',
  start: 'worker',
  agent: 'worker',
};

type HeldDeps = Pick<TaskDeps, 'held' | 'settings'>;

/** The hold of the account that an agent would be started with. */
export function heldKindOf({ held, settings }: HeldDeps, needs: NeededAgent): AccountHold | undefined {
  return needs === null || held === undefined ? undefined : held.kinds.get(kindOf(needs, settings()));
}

/** Whether agents start only after a person resumes their account. */
export function isStoppedIn(deps: HeldDeps): (needs: NeededAgent) => boolean {
  return (needs) => heldKindOf(deps, needs)?.untilMs === null;
}

/** Makes work due that waits for accounts of these kinds, or of any kind, that are not held now. */
export async function resumeReleased(deps: TaskDeps, kinds: readonly string[] | 'any'): Promise<void> {
  const { kernel, held, settings, log } = deps;
  if (held === undefined) return;
  const waiting = kernel.read((r) =>
    stageFailures(r).filter(({ stage, code, nextAt, subtaskId }) => {
      const needs = AGENT_OF[stage];
      if (needs === undefined || code === null || !HOLDING.has(code) || (nextAt !== null && nextAt <= r.now))
        return false;
      const kind = kindOf(subtaskId === null ? needs : workerFor(getSubtask(r, subtaskId)), settings());
      return !held.kinds.has(kind) && (kinds === 'any' || kinds.includes(kind));
    }),
  );
  await eachAlone(waiting, async ({ stage, subject }) => {
    await kernel.write((u) => retryStage(u, subject, stage));
    log.info('work continues: its account was resumed', { stage, subject });
  });
}
