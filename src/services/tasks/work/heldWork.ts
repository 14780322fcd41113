/** Work that waits for a held account of an agent (`docs/design/failures.md#classes`). */
import type { AccountHold } from '../../../host/state/accountHolds';
import type { ErrorCode } from '../../../kernel/errors/errors';
import {
  kindOf,
  plannerFor,
  workerFor,
  type Needed,
  type NeededAgent,
} from '../../../kernel/tasks/subtask/neededAgent';
import { getTask } from '../../../kernel/tasks/service';
import { getSubtask } from '../../../kernel/tasks/subtask/subtasks';
import { retryStage } from '../../../kernel/tasks/upkeep/stageFailures';
import { stageFailures, type StageFailure } from '../../../kernel/tasks/upkeep/stageHolds';
import type { StageName } from '../../../kernel/tasks/stage/stages';
import type { Reader } from '../../../kernel/unit';
import type { TaskDeps } from '../deps';
import { eachAlone } from '../eachAlone';

/** The data of a failed stage that an account holds. */
const HOLDING: ReadonlySet<string> = new Set<ErrorCode>(['ACCOUNT_HELD', 'ACCOUNT_STOPPED']);

/** Stages that start or follow an agent. */
const WITH_AGENT: ReadonlySet<StageName> = new Set<StageName>(['planStart', 'planAgent', 'start', 'agent']);

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
    stageFailures(r).filter((failure) => {
      const { stage, code, nextAt } = failure;
      if (!WITH_AGENT.has(stage) || code === null || !HOLDING.has(code) || (nextAt !== null && nextAt <= r.now))
        return false;
      const kind = kindOf(agentOf(r, failure), settings());
      return !held.kinds.has(kind) && (kinds === 'any' || kinds.includes(kind));
    }),
  );
  await eachAlone(waiting, async ({ stage, subject }) => {
    await kernel.write((u) => retryStage(u, subject, stage));
    log.info('work continues: its account was resumed', { stage, subject });
  });
}

/** The agent of its next try. */
function agentOf(r: Reader, { subject, subtaskId }: StageFailure): Needed {
  return subtaskId === null ? plannerFor(getTask(r, subject)) : workerFor(getSubtask(r, subtaskId));
}
